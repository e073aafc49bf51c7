"""Tests of the foreign sources."""

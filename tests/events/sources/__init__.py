"""Tests of foreign sources."""

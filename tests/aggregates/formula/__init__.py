"""Tests of ``aggregates.formula``."""

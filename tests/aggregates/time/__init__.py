"""Tests of ``aggregates.time``."""

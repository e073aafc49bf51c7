"""Tests of ``aggregates.reading``."""

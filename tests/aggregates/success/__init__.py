"""Tests of ``aggregates.success``."""

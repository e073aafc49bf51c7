"""Tests of ``aggregates.usage``."""

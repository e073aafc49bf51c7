"""Tests of ``aggregates.revenue``."""

"""Tests of ``aggregates.support``."""

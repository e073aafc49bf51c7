"""Tests of ``aggregates.explanation``."""

"""Tests of ``aggregates.contributions``."""

"""Tests of ``aggregates.health``."""

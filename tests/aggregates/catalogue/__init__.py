"""Tests of ``aggregates.catalogue``."""

"""Tests of ``aggregates.rows``."""

"""Tests of ``aggregates.surveys``."""

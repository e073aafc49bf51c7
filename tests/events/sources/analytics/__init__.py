"""Tests of ``events.sources.analytics``."""

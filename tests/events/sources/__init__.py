"""Tests of ``events.sources``."""

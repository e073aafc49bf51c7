"""Tests of ``streams.local``."""

"""Tests of ``streams.simulator``."""

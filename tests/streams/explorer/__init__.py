"""Tests of ``streams.explorer``."""

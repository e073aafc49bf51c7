"""Tests of ``streams.doctor``."""

"""Tests of the rules for Prometheus."""

"""Tests of ``exporters.boards``."""

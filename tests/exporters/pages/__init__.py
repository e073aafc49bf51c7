"""Tests of ``exporters.pages``."""

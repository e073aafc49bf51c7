"""Tests of CSV exports told by a mapping."""

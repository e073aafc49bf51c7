"""Tests of the history that a backfill writes."""

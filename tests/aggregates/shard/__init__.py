"""Tests of ``aggregates.shard``."""

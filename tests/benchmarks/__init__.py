"""Tests of the benchmarks: that they run, and that answers are compared."""

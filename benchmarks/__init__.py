"""Benchmarks: measured side by side in one run, and every counted answer checked."""

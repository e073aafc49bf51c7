"""Faults on purpose, on real servers: after each, every figure is that of a fold of the log."""

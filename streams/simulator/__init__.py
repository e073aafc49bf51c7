"""A seeded, made-up company that tells the events of its life, for ever, in the order of time."""

from streams.simulator.company import Company, simulate
from streams.simulator.disorder import disturb

__all__ = ["Company", "disturb", "simulate"]

"""A seeded, made-up company that emits the events of its days, for ever, in the order of time."""

from streams.simulator.company import Company, simulate
from streams.simulator.disorder import disturb
from streams.simulator.scenario import LEAD_DAYS, SCENARIOS

__all__ = ["LEAD_DAYS", "SCENARIOS", "Company", "disturb", "simulate"]

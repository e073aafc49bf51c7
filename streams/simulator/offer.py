"""The offer that a customer takes: plan, billing cycle, and what makes the first price sweeter."""

from random import Random

from streams.simulator.stamp import add_months
from streams.simulator.subscription import (
    MONTHLY,
    QUARTERLY,
    YEARLY,
    BillingCycle,
    SimulatedDiscount,
)

_FIRST_PLANS = {"smb": (0.65, 0.35, 0.0), "mid_market": (0.1, 0.65, 0.25)}
_LARGE_PLANS = (0.0, 0.3, 0.7)
_CYCLES = (MONTHLY, QUARTERLY, YEARLY)
_CYCLE_ODDS = {"smb": (0.8, 0.05, 0.15), "mid_market": (0.5, 0.1, 0.4)}
_LARGE_CYCLE_ODDS = (0.15, 0.1, 0.75)


def draw_plan(rng: Random, segment: str) -> str:
    """Draws the plan of an account of a segment."""
    odds = _FIRST_PLANS.get(segment, _LARGE_PLANS)
    return rng.choices(("starter", "pro", "business"), odds)[0]


def draw_cycle(rng: Random, segment: str) -> BillingCycle:
    """Draws how often an account of a segment is billed."""
    odds = _CYCLE_ODDS.get(segment, _LARGE_CYCLE_ODDS)
    return rng.choices(_CYCLES, odds)[0]


def draw_discount(rng: Random, name: str, now_ms: int) -> SimulatedDiscount | None:
    """Draws a discount that begins now, ms since the epoch; mostly there is none."""
    roll = rng.random()
    if roll < 0.08:
        return SimulatedDiscount(name, 20, "repeating", now_ms, add_months(now_ms, 3))
    if roll < 0.12:
        return SimulatedDiscount(name, 10, "forever", now_ms, None)
    if roll < 0.17:
        return SimulatedDiscount(name, 50, "once", now_ms, None)
    return None

"""Scenarios: something happens to the company that its KPIs must show.

Until a scenario begins, the company with it and the company without it emit the same events.
"""

from dataclasses import dataclass
from random import Random

from streams.simulator.stamp import DAY_MS

LEAD_DAYS = 21
"""A scenario begins so long before the horizon: figures over a month show it, and it goes on."""
_WALK_OUT_MS = 9 * DAY_MS
"""Those who leave in a spike do so within this time."""


@dataclass(slots=True, frozen=True)
class Effects:
    """What is different; factors on what is ordinary.

    Attributes:
        leavers: share of the paying accounts that walk out in the first days.
        churn: chance to cancel.
        shrinking: chance to downgrade or give seats back.
        growing: chance to buy more.
        price_percent: prices of new terms, 100 being ordinary.
        tickets: tickets opened.
        slowness: time that support takes.
        activity: chance of a user to show up.
        feature: a feature that is there from the beginning of the scenario on.
    """

    leavers: float = 0.0
    churn: float = 1.0
    shrinking: float = 1.0
    growing: float = 1.0
    price_percent: int = 100
    tickets: float = 1.0
    slowness: float = 1.0
    activity: float = 1.0
    feature: str | None = None


ORDINARY = Effects()

SCENARIOS = {
    "churn-spike": Effects(leavers=0.2, churn=2.0),
    "support-meltdown": Effects(tickets=5.0, slowness=6.0, churn=1.5),
    "price-rise": Effects(price_percent=125, churn=3.0, shrinking=4.0, growing=0.5),
    "product-launch": Effects(activity=1.35, growing=2.5, churn=0.6, feature="assistant"),
}
"""By name, as the command line takes them."""


@dataclass(slots=True, frozen=True)
class Scenario:
    """Effects from an instant (ms since the epoch) on."""

    effects: Effects
    begin_ms: int

    def at(self, time_ms: int) -> Effects:
        """Returns what holds at an instant."""
        return self.effects if time_ms >= self.begin_ms else ORDINARY

    def walks_out_ms(self, rng: Random) -> int | None:
        """Draws when an account leaves that pays by then, or None if it stays."""
        if rng.random() >= self.effects.leavers:
            return None
        return self.begin_ms + int(rng.random() * _WALK_OUT_MS)


CALM = Scenario(ORDINARY, 0)
"""Nothing out of the ordinary, ever."""

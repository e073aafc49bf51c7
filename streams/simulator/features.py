"""The product's features: how much each is liked, when it came, and from which plan on."""

from dataclasses import dataclass
from random import Random

from streams.simulator.stamp import DAY_MS
from streams.simulator.subscription import PLANS


@dataclass(slots=True, frozen=True)
class Feature:
    """One feature; `launched_days` counts from the start of the company's history."""

    name: str
    popularity: int
    launched_days: int
    least_plan: str


FEATURES = (
    Feature("dashboards", 26, 0, "starter"),
    Feature("reports", 22, 0, "starter"),
    Feature("search", 18, 0, "starter"),
    Feature("exports", 10, 0, "starter"),
    Feature("sharing", 9, 0, "starter"),
    Feature("alerts", 8, 90, "starter"),
    Feature("api", 6, 0, "pro"),
    Feature("automations", 5, 300, "pro"),
)

PALETTE_SLOTS = 48
"""Slots of a palette; a user picks from a run of them, so a longer run is a wider taste."""


LAUNCH_POPULARITY = 24
"""How much a feature is liked that is the talk of the town."""


def palette(rng: Random, plan: str, age_ms: int, launched: str | None = None) -> list[str]:
    """Mixes what an account picks from: each feature as often as it is liked.

    Args:
        rng: the account's chance.
        plan: decides what is within reach; a trial sees everything.
        age_ms: time since the start of the company's history.
        launched: a feature beyond the list, for every plan.
    """
    reach = PLANS.index(plan) if plan in PLANS else len(PLANS)
    offered = [
        feature
        for feature in FEATURES
        if feature.launched_days * DAY_MS <= age_ms and PLANS.index(feature.least_plan) <= reach
    ]
    if launched is not None:
        offered.append(Feature(launched, LAUNCH_POPULARITY, 0, PLANS[0]))
    weights = [feature.popularity * rng.uniform(0.4, 1.6) for feature in offered]
    return [feature.name for feature in rng.choices(offered, weights, k=PALETTE_SLOTS)]

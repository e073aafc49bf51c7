"""The score: a weighted mean of the components that have data, and its band.

Formula: sum of weight x points over the sum of weights, both over components with data; 0 to 100.
Red up to 50, yellow up to 75, green above. An override replaces the score until it ends. Undefined
without any component with data. Kept in hundredths of a point, rounded half up; the band is that
of the exact score. Source: Gainsight (ranges of bands), Vitally (weighted mean, no data ignored).
"""

from enum import StrEnum
from math import floor
from typing import NamedTuple

from aggregates.policies.health import HealthPolicy, HealthWeights

CENTI = 100
"""Hundredths in a point."""


class Band(StrEnum):
    """What a score means."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"


class Components(NamedTuple):
    """Points (0 to 100) of each component; None without data."""

    usage: int | None = None
    support: int | None = None
    sentiment: int | None = None
    commercial: int | None = None


class Health(NamedTuple):
    """A score in hundredths of a point, and its band."""

    centi: int
    band: Band


def health(
    components: Components, override: float | None, weights: HealthWeights, policy: HealthPolicy
) -> Health | None:
    """Returns the health of an account, or None if nothing is known.

    Args:
        components: Its components.
        override: The score that somebody set, 0 to 100, if one is in force.
        weights: The weights that hold for it.
        policy: The policy in force.

    >>> policy = HealthPolicy()
    >>> health(Components(usage=100, support=50), None, policy.health_weights, policy)
    Health(centi=8333, band=<Band.GREEN: 'green'>)
    >>> health(Components(), 50, policy.health_weights, policy)
    Health(centi=5000, band=<Band.RED: 'red'>)
    """
    if override is not None:
        return Health(floor(override * CENTI + 0.5), _band(override, 1, policy))
    known = [
        (getattr(weights, name), points)
        for name, points in zip(Components._fields, components, strict=True)
        if points is not None
    ]
    whole = sum(weight for weight, _ in known)
    if not whole:
        return None
    total = sum(weight * points for weight, points in known)
    return Health((2 * CENTI * total + whole) // (2 * whole), _band(total, whole, policy))


def _band(total: float, whole: int, policy: HealthPolicy) -> Band:
    """Returns the band of the score ``total / whole``, compared exactly."""
    if total <= policy.health_red_max * whole:
        return Band.RED
    return Band.YELLOW if total <= policy.health_yellow_max * whole else Band.GREEN

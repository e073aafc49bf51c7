"""A usage family: one that says what a single day changes, so that uses need no settling.

Uses are nine tenths of all records. A family over users, or over what accounts use, therefore tells
beside its contributions by how much they change with one more active day; it is found by being
there, as any other. A family over users that is none is settled unit by unit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from aggregates.ledger.measure import Contribution
from aggregates.rows.family import Family, Scope

R = TypeVar("R")


class ActiveDay(NamedTuple):
    """A day on which a user, or an account, was active or used a feature.

    Attributes:
        feature: The feature, or ``ANY``: what makes active under the policy.
        before: A tile of the active day before, or None.
        tile: First active tile of the day.
        after: First tile of the active day after, or None.
    """

    feature: str
    before: int | None
    tile: int
    after: int | None


DayChange = Callable[[R, ActiveDay, Scope], Iterable[Contribution]]
"""Returns what one day contributes to what a row contributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFamily(Family[R]):
    """A family whose contributions follow active days one by one.

    Attributes:
        active_change: Gives, of a row that holds an active day, its contributions less those that
            it would have without that day; None if it does not follow what is active.
        feature_change: Returns the same of a day of one feature; None if it follows no feature.
        session_change: What a session contributes, from its end and its duration in ms; None
            if nothing.
    """

    active_change: DayChange[R] | None = None
    feature_change: DayChange[R] | None = None
    session_change: Callable[[int, int], Contribution] | None = None

"""A usage family: one that knows what a single day changes, so that uses need no settling.

Uses are nine tenths of all records. A family over users, or over what accounts use, therefore has
functions for how much its contributions change with one more active day. Those over users are asked
only about users whose days speak for themselves: each a person alone, never removed, under policies
by which every use makes active and whoever is seen is a user. All other users, and families
without such functions, are settled unit by unit.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self, TypeVar

from aggregates.ledger.measure import Contribution, Contributions, Measure
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family, Scope
from aggregates.usage.days import Filed
from aggregates.usage.users import ANY, USERS, User, is_internal

R = TypeVar("R")

DAYS: Final = 30
WINDOW: Final = f"{DAYS}d"
"""The local days over which users, accounts and features are active, and their window."""


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
"""Returns how much of a row's contributions is due to one day."""

SessionChange = Callable[[int, int], Contribution]
"""Returns the contribution of a session, from its end and its duration in ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFamily(Family[R]):
    """A family whose contributions follow active days one by one.

    Attributes:
        active_change: Returns, of a row that holds an active day, its contributions less those that
            it would have without that day; None if it does not follow what is active.
        feature_change: Returns the same of a day of one feature; None if it follows no feature.
        user_change: Returns the same as ``active_change`` of a derived unit, given with one of its
            users who holds that day, a person alone; None if it is no such family.
        session_change: Returns what a session contributes; None if nothing.
    """

    active_change: DayChange[R] | None = None
    feature_change: DayChange[R] | None = None
    user_change: DayChange[tuple[R, User]] | None = None
    session_change: SessionChange | None = None


def user_family(
    name: str,
    contributions: Callable[[Sequence[User], Scope], Contributions],
    *measures: Measure,
    policies: tuple[str, ...],
    active_change: DayChange[User] | None = None,
    feature_change: DayChange[User] | None = None,
    session_change: SessionChange | None = None,
    in_force: Callable[[Policy], bool] = lambda policy: True,
) -> UsageFamily[User]:
    """Returns a family of persons, internal ones left out; its parts are as in ``UsageFamily``.

    The rows of one person are a user and the users that were merged into it.
    """

    def all_contributions(users: Sequence[User], scope: Scope) -> Contributions:
        if not is_internal(users):
            yield from contributions(users, scope)

    return UsageFamily(
        name=name,
        reads=USERS,
        measures=measures,
        contributions=all_contributions,
        policies=policies,
        fixed_windows=True,
        in_force=in_force,
        active_change=active_change,
        feature_change=feature_change,
        session_change=session_change,
    )


def negated(change: Iterable[Contribution]) -> tuple[Contribution, ...]:
    """Returns the contributions that take others back."""
    return tuple([(series, at, -delta) for series, at, delta in change])


class DayChanges(NamedTuple):
    """The rules of the families over one kind of rows, for a day of any use and of one feature."""

    active: tuple[DayChange[Any], ...]
    feature: tuple[DayChange[Any], ...]

    @classmethod
    def of(cls, families: Sequence[UsageFamily[Any]], reads: str) -> Self:
        """Returns the rules of those families that read a kind of rows."""
        own = [family for family in families if family.reads.name == reads]
        active = [change for each in own for change in (each.active_change, each.user_change)]
        return cls(
            tuple(change for change in active if change is not None),
            tuple(each.feature_change for each in own if each.feature_change is not None),
        )

    def contributions(
        self, row: Any, feature: str, tile: int, filed: Filed, scope: Scope
    ) -> list[Contribution]:
        """Returns the contributions by which a day that was filed changes those of its row."""
        before, replaced, after = filed
        day = ActiveDay(feature, before, tile, after)
        changed: list[Contribution] = []
        for change in self.active if feature == ANY else self.feature:
            changed += change(row, day, scope)
            if replaced is not None:
                known = ActiveDay(feature, before, replaced, after)
                changed += negated(change(row, known, scope))
        return changed

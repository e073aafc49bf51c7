"""Usage on weekdays: what stickiness is taken from where weekends are left out.

Formula: active days of users, as in ``usage``, that are days from Monday to Friday in the reporting
time zone; only under the policy ``stickiness_days = "weekdays"``. The mean of daily active users is
their sum divided by the weekdays of the window, which the formula knows. Unit: users times days.
Undefined: never. Source: Pendo documentation (weekends lower stickiness, and may be hidden).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.ledger.measure import Contribution, Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.usage.days import union_of
from aggregates.usage.family import ActiveDay, UsageFamily
from aggregates.usage.users import USERS, User, active_parts

_USER_DAYS: Final = ("active_user_weekdays",)


def contributions(users: Sequence[User], scope: Scope) -> Contributions:
    """Yields what one person contributes, who may be several merged user rows."""
    if any(user.internal for user in users):
        return
    for tile in union_of(active_parts(users, scope.policy), scope.calendar.day_of):
        yield from _of_day(tile, scope)


def active_change(user: User, day: ActiveDay, scope: Scope) -> tuple[Contribution, ...]:
    """Returns what an active day of a user contributes among the others."""
    return _of_day(day.tile, scope)


def _of_day(tile: int, scope: Scope) -> tuple[Contribution, ...]:
    calendar = scope.calendar
    return ((_USER_DAYS, tile, 1),) if calendar.is_weekday(calendar.day_of(tile)) else ()


FAMILY = UsageFamily(
    name="weekday_usage",
    reads=USERS,
    measures=(
        Measure.flow(
            _USER_DAYS[0],
            "Active days from Monday to Friday, summed over users; "
            "counted only where stickiness_days is weekdays.",
        ),
    ),
    contributions=contributions,
    active_change=active_change,
    policies=("active_features", "stickiness_days"),
    in_force=lambda policy: policy.stickiness_days == "weekdays",
)

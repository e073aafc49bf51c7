"""Usage on weekdays: what stickiness is taken from where weekends are left out.

Formula: active days of users, as in ``usage``, that are days from Monday to Friday in the reporting
time zone; only under the policy ``stickiness_days = "weekdays"``. The mean of daily active users is
their sum divided by the weekdays among the same 30 local days, which the formula knows. Unit: users
times days. Undefined: never. Source: Pendo documentation (weekends lower stickiness, and may be
hidden).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.ledger.measure import Contribution, Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.usage.days import union_of
from aggregates.usage.family import ActiveDay, user_family
from aggregates.usage.users import User, active_parts

_USER_DAYS: Final = "active_user_weekdays"


def _contributions(users: Sequence[User], scope: Scope) -> Contributions:
    for tile in union_of(active_parts(users, scope.policy), scope.calendar):
        yield from _of_day(tile, scope)


def _active_change(user: User, day: ActiveDay, scope: Scope) -> tuple[Contribution, ...]:
    return _of_day(day.tile, scope)


def _of_day(tile: int, scope: Scope) -> tuple[Contribution, ...]:
    calendar = scope.calendar
    return (((_USER_DAYS,), tile, 1),) if calendar.is_weekday(calendar.day_of(tile)) else ()


FAMILY = user_family(
    "weekday_usage",
    _contributions,
    Measure.flow(
        _USER_DAYS,
        "Active days from Monday to Friday, summed over users; "
        "counted only where stickiness_days is weekdays.",
        local_days=True,
    ),
    policies=("active_features", "session_days", "stickiness_days"),
    active_change=_active_change,
    in_force=lambda policy: policy.stickiness_days == "weekdays",
)

"""Usage of users: totals, daily, weekly and monthly active users, time in sessions.

Formulas: ``active_users`` over n days counts users with an active day among the last n local days,
today included; a user active first at 14:00 is counted from the tile of 14:00 on. Any use and any
session makes active, or only the use of the policy's ``active_features``. Users come with
``user.added``, go with ``user.removed``; internal users are left out; merged users are one. Unit:
users, ms of session time. Undefined: never; a ratio to all users has no value while no
``user.added`` is known. Source: PostHog and Pendo documentation (unique users a day, week, month;
the event that means value; stickiness).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.contributions.cover import cover, cover_change
from aggregates.ledger.measure import Contribution, Contributions, Measure, Unit
from aggregates.rows.family import Scope
from aggregates.rows.history import Fact
from aggregates.time.tile import tile_of
from aggregates.usage.days import union_of
from aggregates.usage.family import ActiveDay, user_family
from aggregates.usage.users import User, active_parts, session_parts

_WINDOWS: Final = {"1d": 1, "7d": 7, "30d": 30}
_ACTIVE: Final = {name: ("active_users", name) for name in _WINDOWS}
_SESSION_TIME: Final = ("session_time",)
_USER_DAYS: Final = ("active_user_days",)
_ACTIVATED: Final = ("activated_users",)
_USERS: Final = ("users",)


def _contributions(users: Sequence[User], scope: Scope) -> Contributions:
    calendar = scope.calendar
    days = union_of(active_parts(users, scope.policy), calendar.day_of)
    for name, count in _WINDOWS.items():
        yield from cover(_ACTIVE[name], calendar.days_end(count), days)
    for tile in days:
        yield _USER_DAYS, tile, 1
    if days:
        yield _ACTIVATED, days[0], 1
    for user in users:
        for value in user.sessions.values():
            yield _session_change(*session_parts(value))
    yield from _membership(sorted(f for user in users for f in user.facts.unretracted()))


def _active_change(user: User, day: ActiveDay, scope: Scope) -> list[Contribution]:
    _, before, tile, after = day
    days_end = scope.calendar.days_end
    changes: list[Contribution] = [(_USER_DAYS, tile, 1)]
    for name, count in _WINDOWS.items():
        changes += cover_change(_ACTIVE[name], days_end(count), before, tile, after)
    if before is None:
        changes.append((_ACTIVATED, tile, 1))
        if after is not None:
            changes.append((_ACTIVATED, after, -1))
    return changes


def _session_change(end_ms: int, duration_ms: int) -> Contribution:
    return _SESSION_TIME, tile_of(end_ms), duration_ms


def _membership(facts: list[Fact]) -> Iterator[Contribution]:
    present = False
    for fact in facts:
        if fact.type != "user.merged" and present != (fact.type == "user.added"):
            present = not present
            yield _USERS, tile_of(fact.effective_ms), 1 if present else -1


FAMILY = user_family(
    "usage",
    _contributions,
    Measure.level("users", "Users that were added and not removed."),
    Measure.windowed(
        "active_users",
        "Distinct users with an active day among the last days, today included.",
        tuple(_WINDOWS),
    ),
    Measure.flow("active_user_days", "Active days, summed over users."),
    Measure.flow("activated_users", "Users active for the first time."),
    Measure.flow("session_time", "Duration of sessions, when they ended.", Unit.MS),
    policies=("active_features",),
    active_change=_active_change,
    session_change=_session_change,
)

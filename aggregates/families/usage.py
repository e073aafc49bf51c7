"""Usage of users: totals, daily, weekly and monthly active users, time in sessions.

Formulas: ``active_users`` over n days counts users with an active day among the last n local days,
today included; a user active first at 14:00 is counted from the tile of 14:00 on. Users come with
``user.added``, go with ``user.removed``; internal users are left out; merged users are one. Unit:
users, ms of session time. Undefined: never; a ratio to all users has no value while no
``user.added`` is known. Source: PostHog and Pendo documentation (unique users a day, week, month;
stickiness).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.calendar import Calendar
from aggregates.cover import cover, cover_change, union_of
from aggregates.family import Family, Scope
from aggregates.history import Fact
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.users import ANY, USERS, User, session_parts
from aggregates.tile import tile_of

_WINDOWS: Final = {"1d": 1, "7d": 7, "30d": 30}
_ACTIVE: Final = {name: ("active_users", name) for name in _WINDOWS}
_SESSION_TIME: Final = ("session_time",)
_USER_DAYS: Final = ("active_user_days",)
_ACTIVATED: Final = ("activated_users",)
_USERS: Final = ("users",)


def contributions(users: Sequence[User], scope: Scope) -> Contributions:
    """Gives what one person contributes, who may be several merged user rows."""
    if any(user.internal for user in users):
        return
    calendar = scope.calendar
    days = union_of([user.days[ANY] for user in users if ANY in user.days], calendar.day_of)
    for name, count in _WINDOWS.items():
        series = _ACTIVE[name]
        for at, delta in cover(calendar.days_end(count), days):
            yield series, at, delta
    for tile in days:
        yield _USER_DAYS, tile, 1
    if days:
        yield _ACTIVATED, days[0], 1
    for sessions in [user.sessions for user in users]:
        for value in sessions.values():
            yield session_change(value)
    yield from _membership(sorted(f for user in users for f in user.facts.standing()))


def day_change(
    calendar: Calendar, previous: int | None, tile: int, following: int | None
) -> Contributions:
    """Gives by how much one more active day between two others changes the contributions."""
    for name, count in _WINDOWS.items():
        series = _ACTIVE[name]
        for at, delta in cover_change(calendar.days_end(count), previous, tile, following):
            yield series, at, delta
    yield _USER_DAYS, tile, 1
    if previous is None:
        yield _ACTIVATED, tile, 1
        if following is not None:
            yield _ACTIVATED, following, -1


def session_change(value: int) -> tuple[tuple[str, ...], int, int]:
    """Gives what one packed session contributes."""
    end_ms, duration_ms = session_parts(value)
    return _SESSION_TIME, tile_of(end_ms), duration_ms


def _membership(facts: list[Fact]) -> Iterator[tuple[tuple[str, ...], int, int]]:
    present = False
    for fact in facts:
        if fact.type != "user.merged" and present != (fact.type == "user.added"):
            present = not present
            yield _USERS, tile_of(fact.effective_ms), 1 if present else -1


FAMILY = Family(
    name="usage",
    reads=USERS,
    measures=(
        Measure("users", Kind.LEVEL, Unit.COUNT, "Users that were added and not removed."),
        Measure(
            "active_users",
            Kind.WINDOWED,
            Unit.COUNT,
            "Distinct users with an active day among the last days, today included.",
            windows=tuple(_WINDOWS),
        ),
        Measure("active_user_days", Kind.FLOW, Unit.COUNT, "Active days, summed over users."),
        Measure("activated_users", Kind.FLOW, Unit.COUNT, "Users active for the first time."),
        Measure("session_time", Kind.FLOW, Unit.MS, "Duration of sessions, when they ended."),
    ),
    contributions=contributions,
)

"""Usage of users: totals, daily, weekly and monthly active users, time in sessions.

Formulas: ``active_users`` over n days counts users with an active day among the last n local days,
today included; a user active first at 14:00 is counted from the tile of 14:00 on. Any use and any
session makes active, or only the use of the policy's ``active_features``. ``users`` are those of
``aggregates.usage.membership``; who was active and is no user any more is still an active user, but
``absent``: shares of all users leave those out. So that the parts of a quotient are of the same
people on the same days, flows are read over local days too, and ``idle_session_time`` is the time
of those who are not active. Internal users are left out; merged users are one, with one history of
coming and going, and each session once. Unit: users, ms of session time. Undefined: never. Source:
PostHog and Pendo documentation (unique users a day, week, month; the event that means value;
stickiness).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.cover import (
    Column,
    Covered,
    Spans,
    cover,
    cover_change,
    gaps,
    spans_of,
    within,
)
from aggregates.contributions.steps import StepFunction, differences
from aggregates.ledger.measure import Contribution, Contributions, Deltas, Measure, Unit
from aggregates.rows.family import Scope
from aggregates.time.tile import tile_of, tiles_of
from aggregates.usage.days import union_of
from aggregates.usage.family import DAYS, WINDOW, ActiveDay, negated, user_family
from aggregates.usage.membership import absences, first_seen, membership
from aggregates.usage.sessions import sessions_apart, united
from aggregates.usage.users import User, active_parts

_WINDOWS: Final = {"1d": 1, "7d": 7, "30d": 30}
_ACTIVE: Final = {name: ("active_users", name) for name in _WINDOWS}
_SESSION_TIME: Final = ("session_time",)
_USER_DAYS: Final = ("active_user_days",)
_ACTIVATED: Final = ("activated_users",)
_USERS: Final = ("users",)
_ABSENT: Final = {name: ("absent_active_users", name) for name in _WINDOWS}
_ABSENT_ACTIVATED: Final = ("absent_activated_users", WINDOW)
_IDLE: Final = ("idle_session_time", WINDOW)


def _contributions(users: Sequence[User], scope: Scope) -> Contributions:
    calendar = scope.calendar
    days = union_of(active_parts(users, scope.policy), calendar)
    for name, count in _WINDOWS.items():
        yield Covered(_ACTIVE[name], calendar, count, days)
    yield Column(_USER_DAYS, days)
    if days:
        yield _ACTIVATED, days[0], 1
    if absent := absences(users, days, scope.policy):
        yield from _of_absent(days, absent, scope)
    yield from _counted(membership(users, first_seen(users), scope.policy))
    sessions = _sessions(users)
    yield sessions
    if scope.policy.activating:
        yield from _idle(sessions.contributions(), days, scope)


def _counted(member: StepFunction[bool]) -> Deltas:
    return differences([_USERS], member.view(lambda is_user: (int(is_user),)))


def _of_absent(days: Sequence[int], absent: Spans, scope: Scope) -> Contributions:
    """Yields where an active user, or one active for the first time, is no user."""
    days_end = scope.calendar.days_end
    for name, count in _WINDOWS.items():
        yield from within(cover(_ABSENT[name], days_end(count), days), absent)
    yield from within(cover(_ABSENT_ACTIVATED, days_end(DAYS), days[:1]), absent)


def _idle(sessions: Sequence[Contribution], days: Sequence[int], scope: Scope) -> Contributions:
    """Yields the time of sessions in the window while their user is not active in it."""
    end = scope.calendar.days_end(DAYS)
    idle = gaps(spans_of(end, days))
    for _, tile, ms in sessions:
        yield from within(((_IDLE, tile, ms), (_IDLE, end(tile), -ms)), idle)


def _active_change(user: User, day: ActiveDay, scope: Scope) -> list[Contribution]:
    _, before, tile, after = day
    days_end = scope.calendar.days_end
    changes: list[Contribution] = [(_USER_DAYS, tile, 1)]
    for name, count in _WINDOWS.items():
        changes += cover_change(_ACTIVE[name], days_end(count), before, tile, after)
    if before is None:
        changes.append((_ACTIVATED, tile, 1))
        changes += _counted(membership((user,), tile, scope.policy))
        changes += negated(_counted(membership((user,), after, scope.policy)))
        if after is not None:
            changes.append((_ACTIVATED, after, -1))
    return changes


def _sessions(users: Sequence[User]) -> Column:
    ends_ms, durations_ms = sessions_apart(united([user.sessions for user in users]).values())
    return Column(_SESSION_TIME, tiles_of(ends_ms), durations_ms)


def _session_change(end_ms: int, duration_ms: int) -> Contribution:
    return _SESSION_TIME, tile_of(end_ms), duration_ms


FAMILY = user_family(
    "usage",
    _contributions,
    Measure.level(
        "users",
        "Users that were added, or seen, and not removed since; by user_basis, only those added.",
    ),
    Measure.windowed(
        "active_users",
        "Distinct users with an active day among the last days, today included.",
        tuple(_WINDOWS),
        local_days=True,
    ),
    Measure.windowed(
        "absent_active_users",
        "Active users who are no users any more, or not yet.",
        tuple(_WINDOWS),
        local_days=True,
    ),
    Measure.flow("active_user_days", "Active days, summed over users.", local_days=True),
    Measure.flow("activated_users", "Users active for the first time.", local_days=True),
    Measure.windowed(
        "absent_activated_users",
        "Users active for the first time in the window who are no users any more, or not yet.",
        (WINDOW,),
    ),
    Measure.flow(
        "session_time", "Duration of sessions, when they ended.", Unit.MS, local_days=True
    ),
    Measure.windowed(
        "idle_session_time",
        "Of that, the time of users who are not active in the window: other things make active.",
        (WINDOW,),
        Unit.MS,
    ),
    policies=("active_features", "user_basis", "session_days"),
    active_change=_active_change,
    session_change=_session_change,
)

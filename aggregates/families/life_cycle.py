"""The life cycle of users: new, returning, resurrected, dormant.

Formula: of the users active in the last 30 local days, today included, the new ones were created in
them, the returning ones were active in the 30 days before too, the resurrected ones are the rest:
the three make up the active users. Dormant users were active in the 30 days before and not since.
A user is created when added, or when first active if that is earlier or nothing else is known.
So three counts suffice: active in this window or the one before, active in the one before, and new.
Unit: users; internal ones are left out, merged ones are one. Undefined: never. Source: PostHog
documentation (life cycle; new by the date of creation, not by first activity in the window).
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

from aggregates.calendar import Calendar
from aggregates.cover import cover, cover_change
from aggregates.days import union_of
from aggregates.family import Scope
from aggregates.measure import Contribution, Contributions, Kind, Measure, Unit
from aggregates.rows.users import USERS, User, active_parts
from aggregates.tile import tile_of
from aggregates.usage_family import ActiveDay, UsageFamily

_DAYS: Final = 30
_WINDOW: Final = "30d"
_LATELY: Final = ("active_users_lately", _WINDOW)
_BEFORE: Final = ("active_users_before", _WINDOW)
_NEW: Final = ("new_active_users", _WINDOW)


def contributions(users: Sequence[User], scope: Scope) -> Contributions:
    """Gives what one person contributes, who may be several merged user rows."""
    if any(user.internal for user in users):
        return
    calendar = scope.calendar
    days = union_of(active_parts(users, scope.policy), calendar.day_of)
    if not days:
        return
    end, later = calendar.days_end(_DAYS), calendar.days_end(2 * _DAYS)
    yield from cover(_LATELY, later, days)
    yield from cover(_BEFORE, end, [end(tile) for tile in days])
    yield from _as_new(calendar, days, _created(users, days[0]))


def active_change(user: User, day: ActiveDay, scope: Scope) -> list[Contribution]:
    """Gives what an active day of a user contributes among the others."""
    _, before, tile, after = day
    end, later = scope.calendar.days_end(_DAYS), scope.calendar.days_end(2 * _DAYS)
    changes = [*cover_change(_LATELY, later, before, tile, after)]
    ends = [None if at is None else end(at) for at in (before, after)]
    changes += cover_change(_BEFORE, end, ends[0], end(tile), ends[1])
    if before is None:
        changes += _first_change(user, tile, scope)
    else:
        first = min(part[0] for part in active_parts((user,), scope.policy))
        if tile < end(first):  # as long as the user may be new
            until = end(_created((user,), first))
            for series, at, delta in cover_change(_NEW, end, before, tile, after):
                changes.append((series, min(at, until), delta))
    return changes


def _first_change(user: User, tile: int, scope: Scope) -> Contributions:
    """Gives what the first active day contributes, which may be that of the user's creation."""
    calendar = scope.calendar
    day = calendar.day_of(tile)
    days = union_of(active_parts((user,), scope.policy), calendar.day_of)
    others = [each for each in days if calendar.day_of(each) != day]
    yield from _as_new(calendar, [tile, *others], _created((user,), tile))
    if others:
        for series, at, delta in _as_new(calendar, others, _created((user,), others[0])):
            yield series, at, -delta


def _created(users: Iterable[User], first: int) -> int:
    """Gives the tile in which a person was created, who was active first in a given one."""
    facts = [fact for user in users for fact in user.facts.standing()]
    return min([first, *(tile_of(f.effective_ms) for f in facts if f.type == "user.added")])


def _as_new(calendar: Calendar, days: Sequence[int], created: int) -> Contributions:
    """Gives where a person created in a tile is active, as long as the window holds that tile."""
    end = calendar.days_end(_DAYS)
    until = end(created)
    for series, at, delta in cover(_NEW, end, days[: bisect_left(days, until)]):
        yield series, min(at, until), delta


FAMILY = UsageFamily(
    name="life_cycle",
    reads=USERS,
    measures=(
        Measure(
            "active_users_lately",
            Kind.WINDOWED,
            Unit.COUNT,
            "Distinct users with an active day in the window or the one before.",
            windows=(_WINDOW,),
        ),
        Measure(
            "active_users_before",
            Kind.WINDOWED,
            Unit.COUNT,
            "Distinct users with an active day in the window before.",
            windows=(_WINDOW,),
        ),
        Measure(
            "new_active_users",
            Kind.WINDOWED,
            Unit.COUNT,
            "Distinct users created in the window and active in it.",
            windows=(_WINDOW,),
        ),
    ),
    contributions=contributions,
    active_change=active_change,
    policies=("active_features",),
)

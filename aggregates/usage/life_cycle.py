"""The life cycle of users: new, returning, resurrected, dormant.

Formula: of the users active in the last 30 local days, today included, the new ones were created in
them, the returning ones were active in the 30 days before too, the resurrected ones are the rest:
the three make up the active users. Dormant users were active in the 30 days before and not since;
who was removed is gone, not dormant.
A user is created when added, or when first active if that is earlier or nothing else is known.
So three counts suffice: active in this window or the one before, active in the one before, and new.
Unit: users; internal ones are left out, merged ones are one. Undefined: never. Source: PostHog
documentation (life cycle; new by the date of creation, not by first activity in the window).
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from aggregates.contributions.cover import Covered, cover, cover_change, within
from aggregates.ledger.measure import Contribution, Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.time.tile import tile_of
from aggregates.usage.days import union_of
from aggregates.usage.family import DAYS, WINDOW, ActiveDay, negated, user_family
from aggregates.usage.membership import absences
from aggregates.usage.users import User, active_parts

_LATELY: Final = ("active_users_lately", WINDOW)
_ABSENT: Final = ("absent_active_users_lately", WINDOW)
_BEFORE: Final = ("active_users_before", WINDOW)
_NEW: Final = ("new_active_users", WINDOW)


def _contributions(users: Sequence[User], scope: Scope) -> Contributions:
    days = union_of(active_parts(users, scope.policy), scope.calendar)
    if days:
        calendar = scope.calendar
        yield Covered(_LATELY, calendar, 2 * DAYS, days)
        if absent := absences(users, days, scope.policy):
            yield from within(cover(_ABSENT, calendar.days_end(2 * DAYS), days), absent)
        over = calendar.days_ends(DAYS, np.asarray(days, dtype=np.int64))
        yield Covered(_BEFORE, calendar, DAYS, over.tolist())
        yield from _as_new(users, days[0], scope)


def _active_change(user: User, day: ActiveDay, scope: Scope) -> list[Contribution]:
    _, before, tile, after = day
    end, later = scope.calendar.days_end(DAYS), scope.calendar.days_end(2 * DAYS)
    left = None if before is None else end(before)
    right = None if after is None else end(after)
    changes = [
        *cover_change(_LATELY, later, before, tile, after),
        *cover_change(_BEFORE, end, left, end(tile), right),
    ]
    if before is None:
        changes += _as_new((user,), tile, scope)
        if after is not None:
            changes += negated(_as_new((user,), after, scope))
    return changes


def _as_new(users: Iterable[User], first: int, scope: Scope) -> tuple[Contribution, ...]:
    """Returns where a person is new who was active first in a given tile.

    That is from then on as long as the window holds the day of creation, and so the first activity.
    """
    created = first
    for user in users:
        for fact in user.facts.unretracted():
            if fact.type == "user.added":
                created = min(created, tile_of(fact.effective_ms))
    until = scope.calendar.days_end(DAYS)(created)
    return ((_NEW, first, 1), (_NEW, until, -1)) if first < until else ()


FAMILY = user_family(
    "life_cycle",
    _contributions,
    Measure.windowed(
        "active_users_lately",
        "Distinct users with an active day in the window or the one before.",
        (WINDOW,),
    ),
    Measure.windowed(
        "absent_active_users_lately",
        "Of those, users who are no users any more, or not yet.",
        (WINDOW,),
    ),
    Measure.windowed(
        "active_users_before",
        "Distinct users with an active day in the window before.",
        (WINDOW,),
    ),
    Measure.windowed(
        "new_active_users", "Distinct users created in the window and active in it.", (WINDOW,)
    ),
    policies=("active_features", "user_basis", "session_days"),
    active_change=_active_change,
)

"""Engagement: users who do the engagement action on enough days.

Formula: users who used the policy's ``engagement_feature``, or any feature if it names none, on at
least ``engagement_days`` of the last 30 local days, today included, and are active in them. The
action counts once a day, however often it is done: days are set-like, so that repeated events
change nothing. Unit: users; internal ones are left out, merged ones are one. Undefined: the share
has no value while no user is active. Source: the field's "users doing the action at least k times",
by days as PostHog shows engagement.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final

from aggregates.contributions.cover import Covered, cover, cover_change, spans_of, within
from aggregates.ledger.measure import Contribution, Contributions, Measure
from aggregates.policies.policy import Policy
from aggregates.rows.family import Scope
from aggregates.usage.days import around, neighbours, union_of
from aggregates.usage.family import DAYS, WINDOW, ActiveDay, negated, user_family
from aggregates.usage.membership import absences
from aggregates.usage.users import ANY, User, active_parts

_ENGAGED: Final = ("engaged_users", WINDOW)
_ABSENT: Final = ("absent_engaged_users", WINDOW)


def _contributions(users: Sequence[User], scope: Scope) -> Contributions:
    policy = scope.policy
    days = union_of(_parts(users, policy), scope.calendar)
    absent = absences(users, days, policy)
    covered = Covered(_ENGAGED, scope.calendar, DAYS, days, policy.engagement_days)
    if not absent and not policy.activating:
        yield covered
        return
    engaged: Iterable[Contribution] = covered.contributions()
    if policy.activating:
        active = union_of(active_parts(users, policy), scope.calendar)
        engaged = within(engaged, spans_of(scope.calendar.days_end(DAYS), active))
    kept = list(engaged)
    yield from kept
    yield from within([(_ABSENT, tile, delta) for _, tile, delta in kept], absent)


def _feature_change(user: User, day: ActiveDay, scope: Scope) -> Iterable[Contribution]:
    feature, before, tile, after = day
    policy, calendar = scope.policy, scope.calendar
    if policy.engaging not in (None, feature):
        return ()
    begin, over = calendar.day_around(tile)
    others: list[array[int]] = []
    if policy.engaging is None:
        for name, days in user.days.items():
            if name not in (ANY, feature):
                if begin <= days[-1] <= tile:  # as most often: another feature was used before
                    return ()
                others.append(days)
    before, known, after = neighbours(others, begin, over, before, after)
    if known is not None and known <= tile:
        return ()
    end, times = calendar.days_end(DAYS), policy.engagement_days
    if times > 1:
        near = around([user.days[feature], *others], tile, calendar.day_of, times)
        return _frequent_change(near, tile, known, scope)
    change = cover_change(_ENGAGED, end, before, tile, after)
    if known is None:
        return change
    return change + negated(cover_change(_ENGAGED, end, before, known, after))


def _frequent_change(
    near: tuple[list[int], list[int]], tile: int, known: int | None, scope: Scope
) -> tuple[Contribution, ...]:
    end, times = scope.calendar.days_end(DAYS), scope.policy.engagement_days
    before, after = near
    without = [*before, *after] if known is None else [*before, known, *after]
    now = cover(_ENGAGED, end, [*before, tile, *after], times)
    return (*now, *negated(cover(_ENGAGED, end, without, times)))


def _parts(users: Iterable[User], policy: Policy) -> list["array[int]"]:
    named = policy.engaging
    if named is not None:
        return [user.days[named] for user in users if named in user.days]
    return [days for user in users for name, days in user.days.items() if name != ANY]


FAMILY = user_family(
    "engagement",
    _contributions,
    Measure.windowed(
        "engaged_users",
        "Distinct active users who did the engagement action on enough days of the window.",
        (WINDOW,),
    ),
    Measure.windowed(
        "absent_engaged_users", "Of those, users who are no users any more, or not yet.", (WINDOW,)
    ),
    policies=("active_features", "user_basis", "engagement_feature", "engagement_days"),
    feature_change=_feature_change,
)

"""Adoption of features by single users, where adoption is not taken over accounts.

Formulas: as in ``adoption``, of users in place of accounts: a user uses a feature at T if it did on
one of the last 30 local days; internal users are left out, merged ones are one. Only under the
policy ``adoption_unit = "users"``, since it costs something for each day of each user. Unit: users,
and users times core features. Undefined: shares have no value while no user is active. Source:
Pendo documentation (feature adoption by visitor).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.cover import cover_change
from aggregates.ledger.measure import Contribution, Deltas, Measure, Series
from aggregates.rows.family import Scope
from aggregates.usage.account_usage import account_days
from aggregates.usage.adoption import Core, used_by_active
from aggregates.usage.family import DAYS, WINDOW, ActiveDay, user_family
from aggregates.usage.users import ANY, User

_USERS: Final = "feature_users"
_CORE: Final = Core("core_features_offered_to_users", "other_feature_users")


def _contributions(users: Sequence[User], scope: Scope) -> Deltas:
    days = account_days([users], scope.policy, scope.calendar)
    for feature, used in used_by_active(days, _series, scope):
        yield from _of_feature(feature, used, scope)


def _day_change(user: User, day: ActiveDay, scope: Scope) -> Deltas:
    feature, before, tile, after = day
    end = scope.calendar.days_end(DAYS)
    return _of_feature(feature, cover_change(_series(feature), end, before, tile, after), scope)


def _series(feature: str) -> Series:
    return _USERS, WINDOW, feature


def _of_feature(feature: str, changes: Sequence[Contribution], scope: Scope) -> Deltas:
    if feature != ANY:
        yield from changes
    if core := scope.policy.core_tiles:
        yield from _CORE.contributions(feature, changes, core)


FAMILY = user_family(
    "user_adoption",
    _contributions,
    Measure.windowed(
        _USERS,
        "Distinct active users who used the feature in the window; "
        "counted only where adoption_unit is users.",
        (WINDOW,),
        labels=("feature",),
    ),
    *_CORE.measures(
        "Core features that are named, once for each active user; "
        "counted only where adoption_unit is users."
    ),
    policies=("active_features", "core_features", "adoption_unit", "session_days"),
    active_change=_day_change,
    feature_change=_day_change,
    in_force=lambda policy: policy.adoption_unit == "users",
)

"""Adoption of features by single users, where adoption is not taken over accounts.

Formulas: as in ``adoption``, of users in place of accounts: a user uses a feature at T if it did on
one of the last 30 local days; internal users are left out, merged ones are one. Only under the
policy ``adoption_unit = "users"``, since it costs something for each day of each user. Unit: users,
and users times core features. Undefined: shares have no value while no user is active. Source:
Pendo documentation (feature adoption by visitor).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from aggregates.contributions.cover import cover, cover_change
from aggregates.ledger.measure import Contribution, Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.usage.account_usage import account_days
from aggregates.usage.adoption import Core, of_core
from aggregates.usage.family import ActiveDay, UsageFamily
from aggregates.usage.users import ANY, USERS, User

_DAYS: Final = 30
_WINDOW: Final = "30d"
_USERS: Final = "feature_users"
_CORE: Final = Core("core_features_offered_to_users", "other_feature_users")


def contributions(users: Sequence[User], scope: Scope) -> Contributions:
    """Yields what one person contributes, who may be several merged user rows."""
    if any(user.internal for user in users):
        return
    end = scope.calendar.days_end(_DAYS)
    core = scope.policy.core_tiles
    for feature, days in account_days(users, scope.policy, scope.calendar.day_of).items():
        yield from _counted(feature, list(cover((), end, days)), core)


def day_change(user: User, day: ActiveDay, scope: Scope) -> Contributions:
    """Returns what a day of use contributes among the others."""
    feature, before, tile, after = day
    change = cover_change((), scope.calendar.days_end(_DAYS), before, tile, after)
    return _counted(feature, change, scope.policy.core_tiles)


def _counted(
    feature: str, changes: Sequence[Contribution], core: Mapping[str, int]
) -> Contributions:
    """Yields what counts where a feature is used, or where a user is active."""
    if feature != ANY:
        for _, at, delta in changes:
            yield (_USERS, _WINDOW, feature), at, delta
    if core:
        yield from of_core(_CORE, feature, changes, core)


FAMILY = UsageFamily(
    name="user_adoption",
    reads=USERS,
    measures=(
        Measure.windowed(
            _USERS,
            "Distinct users who used the feature in the window; "
            "counted only where adoption_unit is users.",
            (_WINDOW,),
            labels=("feature",),
        ),
        *_CORE.measures(
            "Core features that are named, once for each active user; "
            "counted only where adoption_unit is users."
        ),
    ),
    contributions=contributions,
    fixed_windows=True,
    active_change=day_change,
    feature_change=day_change,
    policies=("active_features", "core_features", "adoption_unit"),
    in_force=lambda policy: policy.adoption_unit == "users",
)

"""Adoption of features by accounts.

Formula: an account uses a feature at T if one of its users, internal ones left out, used it on one
of the last 30 local days; an account is active if that holds for anything. Unit: accounts.
Undefined: the share of accounts using a feature has no value while no account is active. Source:
Pendo documentation (feature adoption by account).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.calendar import Calendar
from aggregates.cover import cover, cover_change
from aggregates.family import Family, Scope
from aggregates.measure import Contributions, Kind, Measure, Series, Unit
from aggregates.rows.account_usage import ACCOUNT_USAGE, AccountDays
from aggregates.rows.users import ANY

_DAYS: Final = 30
_WINDOW: Final = "30d"


def contributions(accounts: Sequence[AccountDays], scope: Scope) -> Contributions:
    """Gives what one account contributes."""
    for account in accounts:
        for feature, days in account.items():
            series = _series(feature)
            for at, delta in cover(scope.calendar.days_end(_DAYS), days):
                yield series, at, delta


def day_change(
    calendar: Calendar, feature: str, previous: int | None, tile: int, following: int | None
) -> Contributions:
    """Gives by how much one more day of use between two others changes the contributions."""
    series = _series(feature)
    end = calendar.days_end(_DAYS)
    for at, delta in cover_change(end, previous, tile, following):
        yield series, at, delta


def _series(feature: str) -> Series:
    if feature == ANY:
        return "active_accounts", _WINDOW
    return "feature_accounts", _WINDOW, feature


FAMILY = Family(
    name="adoption",
    reads=ACCOUNT_USAGE,
    measures=(
        Measure(
            "active_accounts",
            Kind.WINDOWED,
            Unit.COUNT,
            "Accounts with an active user in the window.",
            windows=(_WINDOW,),
        ),
        Measure(
            "feature_accounts",
            Kind.WINDOWED,
            Unit.COUNT,
            "Accounts with a user who used the feature in the window.",
            labels=("feature",),
            windows=(_WINDOW,),
        ),
    ),
    contributions=contributions,
)

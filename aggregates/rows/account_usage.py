"""What an account as a whole uses: the union of its users' active days, by feature.

These rows are derived from the user rows of the account and never stored: internal users are left
out, also when it is learned late that a user is internal.
"""

from array import array
from collections.abc import Callable, Iterable
from typing import Final

from aggregates.cover import union_of
from aggregates.row import DerivedKind
from aggregates.rows.users import USERS, User

AccountDays = dict[str, "array[int]"]
"""Active days by feature, under ``ANY`` of whatever kind."""

ACCOUNT_USAGE: Final = DerivedKind("account_usage", (USERS,))


def account_days(users: Iterable[User], day_of: Callable[[int], int]) -> AccountDays:
    """Gives the active days of an account from its users."""
    parts: dict[str, list[array[int]]] = {}
    for user in users:
        if not user.internal:
            for feature, days in user.days.items():
                parts.setdefault(feature, []).append(days)
    return {feature: array("I", union_of(days, day_of)) for feature, days in sorted(parts.items())}

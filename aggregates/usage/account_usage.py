"""What an account as a whole uses: the union of its users' active days, by feature.

These rows are derived from the user rows of the account and never stored: internal users are left
out, also when it is learned late that a user is internal.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final

from aggregates.policies.policy import Policy
from aggregates.rows.kind import DerivedKind
from aggregates.time.calendar import Calendar
from aggregates.usage.days import union_of
from aggregates.usage.users import ANY, USERS, User, active_parts, is_internal

AccountDays = dict[str, "array[int]"]
"""Active days by feature, under ``ANY`` those of whatever makes active under the policy."""

ACCOUNT_USAGE: Final = DerivedKind[AccountDays]("account_usage", (USERS,))


def account_days(
    persons: Iterable[Sequence[User]], policy: Policy, calendar: Calendar
) -> AccountDays:
    """Returns the active days of an account from its people, each the users that are one."""
    own = [user for users in persons if not is_internal(users) for user in users]
    parts: dict[str, list[array[int]]] = {}
    if active := active_parts(own, policy):
        parts[ANY] = active
    for user in own:
        for feature, days in user.days.items():
            if feature != ANY:
                parts.setdefault(feature, []).append(days)
    return {feature: union_of(days, calendar) for feature, days in sorted(parts.items())}

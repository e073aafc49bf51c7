"""Seats in use: the seats of accounts whose licence runs, and the users who are active on them.

Formulas: licensed seats are those last set before T, of accounts that have not left: one that had
subscriptions, and of whose subscriptions none goes on, has left, and its licence ended with the
last of them; by the policy ``seat_accounts`` all that were told count. Seated users were active in
the last 30 local days, are users at T (``aggregates.usage.membership``), and are of an account with
licensed seats then; internal ones are left out, merged ones are one. Unit: seats, users. Undefined:
never; the share has no value without licensed seats, and is above 1 where more people than seats
are active. Source: the field's licence management (no seats without a subscription).
"""

from collections.abc import Sequence
from itertools import chain
from typing import Final

from aggregates.contributions.cover import cover, gaps, within
from aggregates.contributions.steps import StepFunction, differences, joined, where
from aggregates.ledger.measure import Contribution, Deltas, Measure
from aggregates.revenue.departure import departure
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.family import Family, Scope
from aggregates.rows.kind import DerivedKind
from aggregates.rows.store import AccountRows
from aggregates.usage.days import union_of
from aggregates.usage.family import DAYS, WINDOW
from aggregates.usage.membership import absences
from aggregates.usage.seats import SEATS, seats_of
from aggregates.usage.users import USERS, User, active_parts, is_internal

SEATED_ACCOUNT: Final = DerivedKind[AccountRows](
    "seated_account", (SEATS, USERS, SUBSCRIPTIONS), deferred=True
)

_SEATS: Final = ("licensed_seats",)
_SEATED: Final = ("seated_active_users", WINDOW)


def _contributions(rows: Sequence[AccountRows], scope: Scope) -> Deltas:
    account = rows[0]
    if "" not in account.of(SEATS):
        return
    sources = (SEATS, SUBSCRIPTIONS)
    licensed = account.once(sources, "licensed", lambda: _licensed(account, scope))
    yield from differences([_SEATS], licensed.view(lambda number: (number,)))
    seated = account.once(
        sources, "seated", lambda: where(licensed.view(lambda number: number > 0))
    )

    def on_seats(users: Sequence[User]) -> list[Contribution]:
        return list(within(_active(users, scope), seated))

    yield from chain.from_iterable(account.each(USERS, "on_seats", on_seats, seated).values())


def _licensed(account: AccountRows, scope: Scope) -> StepFunction[int]:
    """Returns the seats of an account while its licence runs."""
    licensed = seats_of(account.of(SEATS)[""])
    subscriptions = account.of(SUBSCRIPTIONS).get("")
    if scope.policy.seat_accounts != "current" or subscriptions is None:
        return licensed
    left = departure(subscriptions.lives(scope))
    return joined(lambda number, gone: 0 if gone else number, licensed, left)


def _active(users: Sequence[User], scope: Scope) -> Deltas:
    """Yields where a person is an active user, and a user at all; nothing if it is internal."""
    if is_internal(users):
        return
    days = union_of(active_parts(users, scope.policy), scope.calendar)
    active = cover(_SEATED, scope.calendar.days_end(DAYS), days)
    absent = absences(users, days, scope.policy)
    yield from within(active, gaps(absent)) if absent else active


FAMILY = Family(
    name="seats_in_use",
    reads=SEATED_ACCOUNT,
    measures=(
        Measure.level("licensed_seats", "Seats of accounts whose licence runs."),
        Measure.windowed(
            "seated_active_users",
            "Active users, not removed, of accounts that have licensed seats.",
            (WINDOW,),
        ),
    ),
    contributions=_contributions,
    fixed_windows=True,
    policies=("active_features", "seat_accounts", "session_days", "user_basis"),
)

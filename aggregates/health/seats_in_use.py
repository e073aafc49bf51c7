"""Seats in use: the seats of accounts whose licence runs, and the users who are active on them.

Formulas: licensed seats are those last set before T, of accounts that have not left: one that had
subscriptions, and of whose subscriptions none goes on, has left, and its licence ended with the
last of them; by the policy ``seat_accounts`` all that were told count. Seated users were active in
the last 30 local days, are users at T (``aggregates.usage.membership``), and are of an account with
licensed seats then; internal ones are left out, merged ones are one. Unit: seats, users. Undefined:
never; the share has no value without licensed seats, and is above 1 where more people than seats
are active. Source: the field's licence management (no seats without a subscription).
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from aggregates.contributions.cover import Spans, cover, cover_change, gaps, within
from aggregates.contributions.steps import StepFunction, differences, joined, where
from aggregates.ledger.measure import Contribution, Deltas, Measure
from aggregates.policies.revenue import REPLACING
from aggregates.revenue.departure import departure
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.family import Scope
from aggregates.rows.kind import DerivedKind
from aggregates.rows.store import AccountRows
from aggregates.usage.days import union_of
from aggregates.usage.family import DAYS, WINDOW, ActiveDay, UsageFamily
from aggregates.usage.membership import absences, first_seen, membership
from aggregates.usage.seats import SEATS, seats_of
from aggregates.usage.users import USERS, User, active_parts, is_internal

SEATED_ACCOUNT: Final = DerivedKind[AccountRows](
    "seated_account", (SEATS, USERS, SUBSCRIPTIONS), deferred=True
)

_SOURCES: Final = (SEATS, SUBSCRIPTIONS)

_SEATS: Final = ("licensed_seats",)
_SEATED: Final = ("seated_active_users", WINDOW)


def _contributions(rows: Sequence[AccountRows], scope: Scope) -> Deltas:
    account = rows[0]
    if "" not in account.of(SEATS):
        return
    yield from differences([_SEATS], _licensed(account, scope).view(lambda number: (number,)))
    seated = _seated(account, scope)

    def on_seats(users: Sequence[User]) -> list[Contribution]:
        return list(within(_active(users, scope), seated))

    yield from chain.from_iterable(account.each(USERS, "on_seats", on_seats, seated).values())


def _user_change(of: tuple[AccountRows, User], day: ActiveDay, scope: Scope) -> Deltas:
    account, user = of
    if "" not in account.of(SEATS):
        return
    end = scope.calendar.days_end(DAYS)
    change: Iterable[Contribution] = cover_change(_SEATED, end, day.before, day.tile, day.after)
    if user.was_removed:
        member = membership((user,), first_seen((user,)), scope.policy)
        change = within(change, where(member))
    yield from within(change, _seated(account, scope))


def _seated(account: AccountRows, scope: Scope) -> Spans:
    """Returns where an account has licensed seats."""

    def seated() -> Spans:
        return where(_licensed(account, scope).view(lambda number: number > 0))

    return account.once(_SOURCES, "seated", seated)


def _licensed(account: AccountRows, scope: Scope) -> StepFunction[int]:
    """Returns the seats of an account while its licence runs."""
    return account.once(_SOURCES, "licensed", lambda: _while_it_runs(account, scope))


def _while_it_runs(account: AccountRows, scope: Scope) -> StepFunction[int]:
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


FAMILY = UsageFamily(
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
    user_change=_user_change,
    fixed_windows=True,
    policies=(
        *("active_features", "seat_accounts", "session_days", "user_basis"),
        *REPLACING,
    ),
)

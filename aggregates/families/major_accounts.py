"""Major cases: the accounts that they touch.

Formula: ``accounts_impacted_by_major`` at T = accounts with an unsolved ticket that hangs on a
major case as of T (see ``aggregates.families.majors``), or told to be affected by one: by a copy of
``ticket.major_declared`` under the account's own key, until ``ticket.major_resolved`` comes under
it. Distinct accounts. The list of affected accounts in an event under the case's own key counts
nobody: those accounts live in other partitions, where they may be counted already. Unit: accounts.
Undefined: never.
Source: ServiceNow (customers impacted by a major case).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.tickets import ACCOUNT_TICKETS, TICKETS
from aggregates.standing import level, union
from aggregates.store import AccountRows

_IMPACTED: Final = ("accounts_impacted_by_major",)


def contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Gives what the tickets of one account contribute."""
    unmarked = scope.policy.unmarked_problems_are_major
    spans: list[tuple[int, int]] = []
    for row in rows[0].of(TICKETS).values():
        spans += row.major_spans
        course = row.course
        if course is not None and not course.is_alone:
            spans += course.child_spans(unmarked)
    for begin_ms, end_ms in union(spans):
        yield from level(_IMPACTED, begin_ms, end_ms)


FAMILY = Family(
    name="major_accounts",
    reads=ACCOUNT_TICKETS,
    measures=(
        Measure(
            _IMPACTED[0],
            Kind.LEVEL,
            Unit.COUNT,
            "Accounts with an unsolved ticket of a major case, or told to be affected by one.",
        ),
    ),
    contributions=contributions,
    policies=("unmarked_problems_are_major",),
)

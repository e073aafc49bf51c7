"""Escalations: accounts whose tickets reached customer success.

Formulas: over a window, ``accounts_escalated`` = accounts with a ticket that was escalated to the
policy's ``escalation_target`` in it; ``accounts_with_tickets`` = accounts with a ticket that was
created in it or so escalated, so that the first are always among the second. Distinct accounts, and
only tickets of an account that are not deleted, spam or merged as of T. Unit: accounts. Undefined:
never; the ratio has no value where no account had a ticket.
Source: NetSuite (escalation rate by customer).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.occurrence import Occurrence, present
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.rows.store import AccountRows
from aggregates.support.tickets import ACCOUNT_TICKETS, TICKETS, Ticket

_ESCALATED: Final = "accounts_escalated"
_WITH_TICKETS: Final = "accounts_with_tickets"


def _contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    created: list[Occurrence] = []
    escalated: list[Occurrence] = []
    for own in rows[0].each(TICKETS, "escalations", lambda rows: _of(rows, scope)).values():
        created += own[0]
        escalated += own[1]
    yield from present(_WITH_TICKETS, scope.windows[_WITH_TICKETS], created + escalated)
    yield from present(_ESCALATED, scope.windows[_ESCALATED], escalated)


def _of(rows: Sequence[Ticket], scope: Scope) -> tuple[list[Occurrence], list[Occurrence]]:
    """Returns where a ticket was created, and where it was escalated to customer success."""
    created: list[Occurrence] = []
    escalated: list[Occurrence] = []
    for row in rows:
        course = row.course
        if course is not None and course.has_account:
            created += course.occurrences(course.created_ms)
            instants = course.escalated_to(scope.policy.escalation_target)
            escalated += course.all_occurrences(instants)
    return created, escalated


FAMILY = Family(
    name="escalations",
    reads=ACCOUNT_TICKETS,
    measures=(
        Measure.windowed(
            _ESCALATED, "Accounts with a ticket escalated to customer success.", ("30d",)
        ),
        Measure.windowed(
            _WITH_TICKETS, "Accounts with a ticket created or so escalated in the window.", ("30d",)
        ),
    ),
    contributions=_contributions,
    policies=("escalation_target",),
)

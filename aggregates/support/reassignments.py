"""Reassignments and escalations of tickets: how often they are handed on.

Formulas: ``ticket_reassignments`` over a window = times in it that a ticket came to another agent
than the last one who had it; its first agent, a return to nobody, and to the same agent after that
are none. ``escalated_tickets`` = tickets escalated in it, each once for each ``target``: escalation
to a ``manager`` is hierarchical, to the others functional. Only of tickets not deleted, spam or
merged as of T. Unit: reassignments, tickets. Undefined: never.
Sources: Zendesk (assignee changes), NetSuite (escalation rate); kpitree (functional and
hierarchical escalation).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.occurrence import present, windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.support.tickets import TICKETS, Ticket

_REASSIGNED: Final = "ticket_reassignments"
_ESCALATED: Final = "escalated_tickets"
_WINDOWS: Final = ("30d",)


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Yields what one ticket contributes."""
    windows = scope.windows[_REASSIGNED]
    for row in rows:
        course = row.course
        if course is None:
            continue
        for occurrence in course.all_occurrences(course.reassignments):
            yield from windowed(_REASSIGNED, windows, occurrence)
        for target in dict.fromkeys(target for _, target in course.escalations):
            instants = [at_ms for at_ms, to in course.escalations if to == target]
            yield from present(_ESCALATED, windows, course.all_occurrences(instants), target)


FAMILY = Family(
    name="reassignments",
    reads=TICKETS,
    measures=(
        Measure.windowed(
            _REASSIGNED,
            "Times in the window that a ticket came to another agent than the last one.",
            _WINDOWS,
        ),
        Measure.windowed(
            _ESCALATED,
            "Tickets escalated in the window, each once for each target.",
            _WINDOWS,
            labels=("target",),
        ),
    ),
    contributions=contributions,
)

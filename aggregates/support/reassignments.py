"""Reassignments and escalations of tickets: how often they are handed on.

Formulas: ``ticket_reassignments`` over a window = times in it that a ticket came to another agent
than the last one who had it; its first agent, a return to nobody, and to the same agent after that
are none. ``escalated_tickets`` = tickets escalated in it, each once for each ``target``: escalation
to a ``manager`` is hierarchical, to the others functional. Only of tickets not deleted, spam or
merged as of T. Unit: reassignments, tickets. Undefined: never.
Sources: Zendesk (assignee changes), NetSuite (escalation rate); kpitree (functional and
hierarchical escalation).
"""

from typing import Final

from aggregates.contributions.occurrence import present
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.family import counted, ticket_family

_REASSIGNED: Final = "ticket_reassignments"
_ESCALATED: Final = "escalated_tickets"


def _contributions(course: Course, scope: Scope) -> Contributions:
    for at_ms in course.reassignments:
        yield from counted(_REASSIGNED, course, scope, at_ms)
    for target in dict.fromkeys(target for _, target in course.escalations):
        escalations = course.all_occurrences(course.escalated_to(target))
        yield from present(_ESCALATED, scope.windows[_ESCALATED], escalations, target)


FAMILY = ticket_family(
    "reassignments",
    _contributions,
    Measure.windowed(
        _REASSIGNED,
        "Times in the window that a ticket came to another agent than the last one.",
        ("30d",),
    ),
    Measure.windowed(
        _ESCALATED,
        "Tickets escalated in the window, each once for each target.",
        ("30d",),
        labels=("target",),
    ),
)

"""Major cases: the open tickets that are linked to them.

Formulas: ``major_child_tickets`` at T = tickets that are not solved or closed, and not deleted,
spam or merged, and are linked to a problem that is a major case, as of T;
``major_child_tickets_auto`` = those of them that were created automatically for a problem; a ticket
that is linked later was not. Whether a problem is a major case the ticket's own events say
(``problem_is_major``); where they do not, the policy ``unmarked_problems_are_major`` does. Unit:
tickets. Undefined: never; the share has no value without such tickets.
Source: ServiceNow (major case, child cases).
"""

from typing import Final

from aggregates.contributions.occurrence import level
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.family import ticket_family

_CHILDREN: Final = "major_child_tickets"
_AUTO: Final = "major_child_tickets_auto"


def _contributions(course: Course, scope: Scope) -> Contributions:
    for begin_ms, end_ms in course.child_spans(scope.policy.unmarked_problems_are_major):
        yield from level((_CHILDREN,), begin_ms, end_ms)
        if course.is_auto:
            yield from level((_AUTO,), begin_ms, end_ms)


FAMILY = ticket_family(
    "majors",
    _contributions,
    Measure.level(_CHILDREN, "Unsolved tickets linked to a major case."),
    Measure.level(_AUTO, "Those of them that were created automatically."),
    policies=("unmarked_problems_are_major",),
)

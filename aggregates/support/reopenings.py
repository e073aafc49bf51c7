"""Reopenings: tickets that were not solved after all.

Formulas: ``reopened_tickets`` over a window = tickets that changed from solved or closed to
unsolved in it at least once; ``solved_tickets`` = tickets that changed to solved or closed in it at
least once, whatever their status became. Both distinct, and only of tickets not deleted, spam or
merged as of T. A ticket solved before the window and reopened inside it counts as reopened only.
Unit: tickets. Undefined: never; the ratio has no value where none was solved.
Sources: dbt_zendesk and Zammad (transitions are counted: "solutions less one" misses a ticket that
is still open).
"""

from typing import Final

from aggregates.contributions.occurrence import present
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.family import ticket_family

_REOPENED: Final = "reopened_tickets"
_SOLVED: Final = "solved_tickets"


def _contributions(course: Course, scope: Scope) -> Contributions:
    for name, instants in ((_SOLVED, course.solutions), (_REOPENED, course.reopenings)):
        yield from present(name, scope.windows[name], course.all_occurrences(instants))


FAMILY = ticket_family(
    "reopenings",
    _contributions,
    Measure.windowed(_REOPENED, "Tickets reopened in the window, each once.", ("30d",)),
    Measure.windowed(_SOLVED, "Tickets solved in the window, each once.", ("30d",)),
)

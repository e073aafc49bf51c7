"""Ticket families: what a ticket contributes follows from its course, each ticket by itself."""

from collections.abc import Callable, Sequence

from aggregates.contributions.occurrence import windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.support.course import Course
from aggregates.support.tickets import TICKETS, Ticket


def ticket_family(
    name: str,
    contributions: Callable[[Course, Scope], Contributions],
    *measures: Measure,
    policies: tuple[str, ...] = (),
) -> Family[Ticket]:
    """Returns the family of what single tickets contribute; its parts are as in ``Family``.

    ``contributions`` is of one ticket, and a pure function of its course and the scope.
    """

    def all_contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
        for row in rows:
            if row.course is not None:
                yield from contributions(row.course, scope)

    return Family(name, TICKETS, measures, all_contributions, policies)


def counted(
    measure: str, course: Course, scope: Scope, at_ms: int, *labels: str, amount: int = 1
) -> Contributions:
    """Yields an occurrence of a ticket in each window of a measure, while the ticket counts."""
    for occurrence in course.occurrences(at_ms):
        yield windowed(measure, scope.windows[measure], occurrence, *labels, amount=amount)

"""Handling: the work that was logged on tickets, and the tickets that it was spent on.

Formulas: ``ticket_work`` over a window = time logged on tickets in it; ``tickets_handled`` =
tickets that were last solved in it and stay solved, or with ``handled_basis`` = ``touched`` tickets
on which work was logged in it. Both only of tickets not deleted, spam or merged as of T; never
inferred from the time spent in a status. Work on merged tickets goes along with them
(``aggregates.support.merged_work``). Units: ms, tickets. Undefined: never; their quotient has
no value where nothing was handled.
Source: Zendesk (Time Tracking: time logged by agents).
"""

from typing import Final

from aggregates.contributions.occurrence import present, windowed
from aggregates.ledger.measure import Contributions, Measure, Unit
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.family import counted, ticket_family

WORK: Final = "ticket_work"
HANDLED: Final = "tickets_handled"


def _contributions(course: Course, scope: Scope) -> Contributions:
    windows = scope.windows[HANDLED]
    for at_ms, work_ms in course.work:
        if work_ms:
            yield from counted(WORK, course, scope, at_ms, amount=work_ms)
    if scope.policy.handled_basis == "touched":
        yield from present(HANDLED, windows, course.touches)
        return
    for solution in course.lasting_solutions():
        yield windowed(HANDLED, windows, solution)


FAMILY = ticket_family(
    "handling",
    _contributions,
    Measure.windowed(WORK, "Time logged on tickets in the window.", ("30d",), Unit.MS),
    Measure.windowed(HANDLED, "Tickets solved in the window, or worked on in it.", ("30d",)),
    policies=("handled_basis", "merged_work"),
)

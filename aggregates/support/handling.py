"""Handling: the work that was logged on tickets, and the tickets that it was spent on.

Formulas: ``ticket_work`` over a window = time logged on tickets in it; ``tickets_handled`` =
tickets that were last solved in it and stay solved, or with ``handled_basis`` = ``touched`` tickets
on which work was logged in it. Both only of tickets not deleted, spam or merged as of T; never
inferred from the time spent in a status. Units: ms, tickets. Undefined: never; their quotient has
no value where nothing was handled.
Source: Zendesk (Time Tracking: time logged by agents).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.occurrence import Occurrence, present, windowed
from aggregates.ledger.measure import Contributions, Measure, Unit
from aggregates.rows.family import Family, Scope
from aggregates.support.state import State
from aggregates.support.tickets import TICKETS, Ticket

_WORK: Final = "ticket_work"
_HANDLED: Final = "tickets_handled"
_WINDOWS: Final = ("30d",)


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Yields what one ticket contributes."""
    windows = scope.windows[_WORK]
    touched = scope.policy.handled_basis == "touched"
    for row in rows:
        course = row.course
        if course is None:
            continue
        for at_ms, work_ms in course.work:
            if work_ms:
                for occurrence in course.occurrences(at_ms):
                    yield from windowed(_WORK, windows, occurrence, amount=work_ms)
        if touched:
            instants = [at_ms for at_ms, _ in course.work]
            yield from present(_HANDLED, windows, course.all_occurrences(instants))
            continue
        for solved_ms, begin_ms, end_ms in course.spans(_solved):
            if solved_ms is not None:
                occurrence = Occurrence(solved_ms, begin_ms, end_ms)
                yield from windowed(_HANDLED, windows, occurrence)


def _solved(state: State) -> int | None:
    return state.solved_ms if state.counts else None


FAMILY = Family(
    name="handling",
    reads=TICKETS,
    measures=(
        Measure.windowed(_WORK, "Time logged on tickets in the window.", _WINDOWS, Unit.MS),
        Measure.windowed(_HANDLED, "Tickets solved in the window, or worked on in it.", _WINDOWS),
    ),
    contributions=contributions,
    policies=("handled_basis",),
)

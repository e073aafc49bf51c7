"""Requester wait: how long tickets kept those waiting who asked.

Formula: of a ticket solved in the window, the time from creation to that solution in which it was
new, open or on hold: not pending, when the requester is asked, and not solved. Which solution, and
how long it stands, is as for the time to resolution (``resolution_basis``); by ``clock``: calendar
time, and where the ticket has business hours the part of it in which they were open
(``schedule_basis``). Only of tickets not deleted, spam or merged as of T. By priority: that of the
ticket at the solution. Unit: ms. Undefined: no value where nothing was solved; without a schedule
there is no business time.
Source: Zendesk (requester wait time).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.occurrence import distributed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.support.duration import solution_times
from aggregates.support.state import SOLVED, State
from aggregates.support.tickets import TICKETS, Ticket

_WAIT: Final = "requester_wait"
_WINDOWS: Final = ("30d",)
_ASKED: Final = frozenset({"pending", *SOLVED})
"""The statuses in which the requester waits for nobody."""


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Yields what one ticket contributes."""
    policy, windows = scope.policy, scope.windows[_WAIT]
    for row in rows:
        course = row.course
        if course is None:
            continue
        for occurrence, wait_ms, *labels in solution_times(course, policy, _waits):
            yield from distributed(_WAIT, windows, occurrence, wait_ms, *labels)


def _waits(state: State) -> bool:
    return state.status not in _ASKED


FAMILY = Family(
    name="requester_wait",
    reads=TICKETS,
    measures=(
        Measure.duration(
            _WAIT,
            "Time in new, open and on hold until the solution, of tickets solved in the window.",
            _WINDOWS,
            labels=("clock",),
            filters=("priority",),
        ),
    ),
    contributions=contributions,
    policies=(
        "resolution_basis",
        "schedules",
        "default_schedule",
        "schedule_basis",
        "priorities_apart",
    ),
)

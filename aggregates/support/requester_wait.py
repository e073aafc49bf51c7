"""Requester wait: how long requesters waited for an answer.

Formula: of a ticket solved in the window, the time from creation to that solution in which it was
new, open or on hold: not pending, when the requester is asked, and not solved. Which solution, and
how long it lasts, is as for the time to resolution (``resolution_basis``); by ``clock``: calendar
time, and where the ticket has business hours the part of it in which they were open
(``schedule_basis``). Only of tickets not deleted, spam or merged as of T. By priority: that of the
ticket at the solution. Unit: ms. Undefined: no value where nothing was solved; without a schedule
there is no business time.
Source: Zendesk (requester wait time).
"""

from typing import Final

from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.duration import BUSINESS_TIME, solution_times
from aggregates.support.family import ticket_family
from aggregates.support.state import SOLVED

_WAIT: Final = "requester_wait"
_ASKED: Final = frozenset({"pending", *SOLVED})
"""The statuses in which the requester waits for nobody."""


def _contributions(course: Course, scope: Scope) -> Contributions:
    return solution_times(_WAIT, course, scope, lambda state: state.status not in _ASKED)


FAMILY = ticket_family(
    "requester_wait",
    _contributions,
    Measure.duration(
        _WAIT,
        "Time in new, open and on hold until the solution, of tickets solved in the window.",
        ("30d",),
        labels=("clock",),
        filters=("priority",),
    ),
    policies=("resolution_basis", *BUSINESS_TIME, "priorities_apart"),
)

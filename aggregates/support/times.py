"""Support times: first response, resolution, and the tickets that still wait.

Formulas: ``first_response`` = first public comment of a human agent - creation, or - the last
reopening if the ticket was solved before without such a reply; the comment that opens an agent's
own ticket is none; read by the time of the reply, or with ``first_response_at`` = ``creation`` by
that of the ticket's creation, from the reply on. ``resolution`` = change to solved (or to closed,
if not solved before) - creation, read by the time of that change while the ticket stays solved, or
with ``resolution_basis`` = ``first`` by that of the first such change, whatever follows;
``resolution_time`` = ``without_pending`` leaves out the time in pending and on hold. Both only of
tickets not deleted, spam or merged as of T, by ``clock``: calendar time, and where the ticket has
business hours the part of it in which they were open, each stretch by the schedule of the ticket
at that time, or all by the last one (``schedule_basis``). ``tickets_waiting`` = unsolved tickets
whose first response is due for longer than ``over``, in calendar time, pending or not; not deleted,
spam or merged. By priority: that of the ticket at the reply and at the solution; of those waiting
the one as of T. Units: ms, tickets. Undefined: statistics of durations have no value where there is
none; an unanswered ticket is no duration, and without a schedule there is no business time.
Sources: Zendesk (first reply time, agent-opened tickets), dbt_zendesk (internal notes, closed
without solved, all schedules that applied), Chatwoot (bots do not reply; the wait begins anew at a
reopening).
"""

from typing import Final

from aggregates.contributions.occurrence import Occurrence, distributed, level
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.duration import BUSINESS_TIME, durations, solution_times
from aggregates.support.family import ticket_family
from aggregates.support.state import WAITS_FOR, TicketState

_WAITING: Final = "tickets_waiting"
_RESPONSE: Final = "first_response"
_RESOLUTION: Final = "resolution"

_HOUR_MS: Final = 3_600_000
_OVER: Final = tuple((f"{hours}h", hours * _HOUR_MS) for hours in (0, 1, 4, 24))
"""Labels and the wait, in ms, after which a ticket counts under it."""


def _contributions(course: Course, scope: Scope) -> Contributions:
    yield from _waiting(course, scope)
    yield from _response(course, scope)
    is_full = scope.policy.resolution_time == "full"
    runs = None if is_full else lambda state: state.status not in WAITS_FOR
    yield from solution_times(_RESOLUTION, course, scope, runs)


def _waiting(course: Course, scope: Scope) -> Contributions:
    def due(state: TicketState) -> tuple[int | None, str | None]:
        return state.unanswered_ms if state.in_backlog else None, state.priority

    for (since_ms, priority), begin_ms, end_ms in course.spans(due):
        if since_ms is not None:
            for over, over_ms in _OVER:
                series = (_WAITING, over, scope.policy.priority_label(priority))
                yield from level(series, max(begin_ms, since_ms + over_ms), end_ms)


def _response(course: Course, scope: Scope) -> Contributions:
    reply = course.reply
    if reply is None:
        return
    windows, at_ms = scope.windows[_RESPONSE], reply.at_ms
    by_creation = scope.policy.first_response_at == "creation"
    position_ms = course.created_ms if by_creation else at_ms
    priority = scope.policy.priority_label(course.at(at_ms).priority)
    for clock, wait_ms in durations(course, scope.policy, reply.since_ms, at_ms):
        for begin_ms, end_ms in course.counted:
            occurrence = Occurrence(position_ms, max(begin_ms, at_ms), end_ms)
            yield from distributed(_RESPONSE, windows, occurrence, wait_ms, clock, priority)


FAMILY = ticket_family(
    "ticket_times",
    _contributions,
    Measure.level(
        _WAITING,
        "Unsolved tickets that wait for the first reply of a human, for longer than a time.",
        labels=("over",),
        filters=("priority",),
    ),
    Measure.duration(
        _RESPONSE,
        "Time to the first public reply of a human, of tickets replied to in the window, or "
        "created in it (first_response_at).",
        ("1d", "7d", "30d"),
        labels=("clock",),
        filters=("priority",),
    ),
    Measure.duration(
        _RESOLUTION,
        "Time from creation to the last solution, of tickets solved in the window; or to the "
        "first (resolution_basis), or less the time in pending and on hold (resolution_time).",
        ("30d",),
        labels=("clock",),
        filters=("priority",),
    ),
    policies=(
        "first_response_at",
        "resolution_basis",
        "resolution_time",
        *BUSINESS_TIME,
        "priorities_apart",
    ),
)

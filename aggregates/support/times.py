"""Support times: first response, resolution, and who is still waiting.

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

from collections.abc import Callable, Sequence
from typing import Final

from aggregates.contributions.occurrence import Occurrence, distributed, level
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.support.course import Course
from aggregates.support.duration import durations, solution_times
from aggregates.support.state import WAITS_FOR, State
from aggregates.support.tickets import TICKETS, Ticket

_FILTERS: Final = ("priority",)
_WAITING: Final = "tickets_waiting"
_RESPONSE: Final = "first_response"
_RESPONSE_WINDOWS: Final = ("1d", "7d", "30d")
_RESOLUTION: Final = "resolution"
_RESOLUTION_WINDOWS: Final = ("30d",)

_HOUR_MS: Final = 3_600_000
_OVER: Final = tuple((f"{hours}h", hours * _HOUR_MS) for hours in (0, 1, 4, 24))
"""Labels and the wait, in ms, after which a ticket counts under it."""


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Yields what one ticket contributes."""
    for row in rows:
        course = row.course
        if course is not None:
            yield from _waiting(course, scope.policy.priority_label)
            yield from _response(course, scope)
            yield from _resolution(course, scope)


def _waiting(course: Course, label: Callable[[str | None], str]) -> Contributions:
    def due(state: State) -> tuple[int | None, str | None]:
        return state.unanswered_ms if state.in_backlog else None, state.priority

    for (since_ms, priority), begin_ms, end_ms in course.spans(due):
        if since_ms is not None:
            for over, over_ms in _OVER:
                series = (_WAITING, over, label(priority))
                yield from level(series, max(begin_ms, since_ms + over_ms), end_ms)


def _response(course: Course, scope: Scope) -> Contributions:
    reply = course.reply
    if reply is None:
        return
    windows, at_ms = scope.windows[_RESPONSE], reply.at_ms
    by_creation = scope.policy.first_response_at == "creation"
    position_ms = course.created_ms if by_creation else at_ms
    priority = scope.policy.priority_label(course.priority_at(at_ms))
    for clock, wait_ms in durations(course, scope.policy, reply.since_ms, at_ms):
        for begin_ms, end_ms in course.counted:
            occurrence = Occurrence(position_ms, max(begin_ms, at_ms), end_ms)
            yield from distributed(_RESPONSE, windows, occurrence, wait_ms, clock, priority)


def _resolution(course: Course, scope: Scope) -> Contributions:
    policy, windows = scope.policy, scope.windows[_RESOLUTION]
    runs = None if policy.resolution_time == "full" else _is_worked_on
    for occurrence, time_ms, *labels in solution_times(course, policy, runs):
        yield from distributed(_RESOLUTION, windows, occurrence, time_ms, *labels)


def _is_worked_on(state: State) -> bool:
    return state.status not in WAITS_FOR


FAMILY = Family(
    name="ticket_times",
    reads=TICKETS,
    measures=(
        Measure.level(
            _WAITING,
            "Unsolved tickets that wait for the first reply of a human, for longer than a time.",
            labels=("over",),
            filters=_FILTERS,
        ),
        Measure.duration(
            _RESPONSE,
            "Time to the first public reply of a human, of tickets replied to in the window, or "
            "created in it (first_response_at).",
            _RESPONSE_WINDOWS,
            labels=("clock",),
            filters=_FILTERS,
        ),
        Measure.duration(
            _RESOLUTION,
            "Time from creation to the last solution, of tickets solved in the window; or to the "
            "first (resolution_basis), or less the time in pending and on hold (resolution_time).",
            _RESOLUTION_WINDOWS,
            labels=("clock",),
            filters=_FILTERS,
        ),
    ),
    contributions=contributions,
    policies=(
        "first_response_at",
        "resolution_basis",
        "resolution_time",
        "schedules",
        "default_schedule",
        "schedule_basis",
        "priorities_apart",
    ),
)

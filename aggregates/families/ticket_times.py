"""Support times: first response, resolution, and who is still waiting.

Formulas: ``first_response`` = first public comment of a human agent - creation, or - the last
reopening if the ticket was solved before without such a reply; the comment that opens an agent's
own ticket is none; read by the time of the reply. ``resolution`` = change to solved (or to
closed, if not solved before) - creation, read by the time of that change while the ticket stays
solved. Both only of tickets not deleted, spam or merged as of T. ``tickets_waiting`` = tickets in
the backlog whose first response is due for longer than ``over``. Units: ms, tickets. Undefined:
statistics of durations have no value where there is none; an unanswered ticket is no duration.
Sources: Zendesk (first reply time, agent-opened tickets), dbt_zendesk (internal notes, closed
without solved), Chatwoot (bots do not reply; the wait begins anew at a reopening).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.tickets import TICKETS, Course, State, course_of
from aggregates.standing import Standing, distributed, level

_WAITING: Final = "tickets_waiting"
_RESPONSE: Final = "first_response"
_RESPONSE_WINDOWS: Final = ("1d", "7d", "30d")
_RESOLUTION: Final = "resolution"
_RESOLUTION_WINDOWS: Final = ("30d",)

_HOUR_MS: Final = 3_600_000
_OVER: Final = tuple(((_WAITING, f"{hours}h"), hours * _HOUR_MS) for hours in (0, 1, 4, 24))
"""Series and the wait, in ms, after which a ticket counts in it."""


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what one ticket contributes."""
    for row in rows:
        course = course_of(row)
        if course is not None:
            yield from _waiting(course)
            yield from _response(course, scope)
            yield from _resolution(course, scope)


def _waiting(course: Course) -> Contributions:
    def due(state: State) -> int | None:
        return state.unanswered_ms if state.in_backlog else None

    for since_ms, begin_ms, end_ms in course.spans(due):
        if since_ms is not None:
            for series, over_ms in _OVER:
                yield from level(series, max(begin_ms, since_ms + over_ms), end_ms)


def _response(course: Course, scope: Scope) -> Contributions:
    reply = course.reply
    if reply is None:
        return
    windows = [scope.calendar.windows[name] for name in _RESPONSE_WINDOWS]
    for counts, begin_ms, end_ms in course.spans(lambda state: state.counts):
        if counts:
            standing = Standing(reply.at_ms, begin_ms, end_ms)
            yield from distributed(_RESPONSE, windows, standing, reply.wait_ms)


def _resolution(course: Course, scope: Scope) -> Contributions:
    def solved(state: State) -> int | None:
        return state.solved_ms if state.counts else None

    windows = [scope.calendar.windows[name] for name in _RESOLUTION_WINDOWS]
    for solved_ms, begin_ms, end_ms in course.spans(solved):
        if solved_ms is not None:
            standing = Standing(solved_ms, begin_ms, end_ms)
            yield from distributed(_RESOLUTION, windows, standing, solved_ms - course.created_ms)


FAMILY = Family(
    name="ticket_times",
    reads=TICKETS,
    measures=(
        Measure(
            _WAITING,
            Kind.LEVEL,
            Unit.COUNT,
            "Unsolved tickets that wait for the first reply of a human, for longer than a time.",
            labels=("over",),
        ),
        Measure(
            _RESPONSE,
            Kind.DURATION,
            Unit.MS,
            "Time to the first public reply of a human, of tickets replied to in the window.",
            windows=_RESPONSE_WINDOWS,
        ),
        Measure(
            _RESOLUTION,
            Kind.DURATION,
            Unit.MS,
            "Time from creation to the last solution, of tickets solved in the window.",
            windows=_RESOLUTION_WINDOWS,
        ),
    ),
    contributions=contributions,
)

"""Support times: first response, resolution, and who is still waiting.

Formulas: ``first_response`` = first public comment of a human agent - creation, or - the last
reopening if the ticket was solved before without such a reply; the comment that opens an agent's
own ticket is none; read by the time of the reply. ``resolution`` = change to solved (or to
closed, if not solved before) - creation, read by the time of that change while the ticket stays
solved. Both only of tickets not deleted, spam or merged as of T, by ``clock``: calendar time, and
where the ticket has business hours the part of it in which they were open, each stretch by the
schedule of the ticket at that time. ``tickets_waiting`` = tickets in the backlog whose first
response is due for longer than ``over``, in calendar time. Units: ms, tickets. Undefined:
statistics of durations have no value where there is none; an unanswered ticket is no duration, and
without a schedule there is no business time.
Sources: Zendesk (first reply time, agent-opened tickets), dbt_zendesk (internal notes, closed
without solved, all schedules that applied), Chatwoot (bots do not reply; the wait begins anew at a
reopening).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.policy import Policy
from aggregates.rows.tickets import TICKETS, Ticket
from aggregates.standing import Standing, distributed, level
from aggregates.ticket_course import Course
from aggregates.ticket_state import State

_WAITING: Final = "tickets_waiting"
_RESPONSE: Final = "first_response"
_RESPONSE_WINDOWS: Final = ("1d", "7d", "30d")
_RESOLUTION: Final = "resolution"
_RESOLUTION_WINDOWS: Final = ("30d",)

_CALENDAR: Final = "calendar"
_BUSINESS: Final = "business"

_HOUR_MS: Final = 3_600_000
_OVER: Final = tuple(((_WAITING, f"{hours}h"), hours * _HOUR_MS) for hours in (0, 1, 4, 24))
"""Series and the wait, in ms, after which a ticket counts in it."""


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Gives what one ticket contributes."""
    for row in rows:
        course = row.course
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
    business_ms = _business_ms(course, scope.policy, reply.since_ms, reply.at_ms)
    for standing in course.standings(reply.at_ms):
        yield from distributed(_RESPONSE, windows, standing, reply.wait_ms, _CALENDAR)
        if business_ms is not None:
            yield from distributed(_RESPONSE, windows, standing, business_ms, _BUSINESS)


def _resolution(course: Course, scope: Scope) -> Contributions:
    def solved(state: State) -> int | None:
        return state.solved_ms if state.counts else None

    windows = [scope.calendar.windows[name] for name in _RESOLUTION_WINDOWS]
    created_ms = course.created_ms
    for solved_ms, begin_ms, end_ms in course.spans(solved):
        if solved_ms is None:
            continue
        standing = Standing(solved_ms, begin_ms, end_ms)
        yield from distributed(_RESOLUTION, windows, standing, solved_ms - created_ms, _CALENDAR)
        business_ms = _business_ms(course, scope.policy, created_ms, solved_ms)
        if business_ms is not None:
            yield from distributed(_RESOLUTION, windows, standing, business_ms, _BUSINESS)


def _business_ms(course: Course, policy: Policy, begin_ms: int, end_ms: int) -> int | None:
    """Gives the open time in a span by all schedules that applied; None if one is not known."""
    if not policy.schedules:
        return None
    known = policy.opening_hours(course.at(begin_ms).schedule) is not None
    passed_ms = 0
    for schedule, from_ms, until_ms in course.spans(lambda state: state.schedule):
        first_ms, last_ms = max(from_ms, begin_ms), min(until_ms, end_ms)
        if first_ms < last_ms:
            hours = policy.opening_hours(schedule)
            if hours is None:
                return None
            passed_ms += hours.open_ms(first_ms, last_ms)
    return passed_ms if known else None


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
            labels=("clock",),
            windows=_RESPONSE_WINDOWS,
        ),
        Measure(
            _RESOLUTION,
            Kind.DURATION,
            Unit.MS,
            "Time from creation to the last solution, of tickets solved in the window.",
            labels=("clock",),
            windows=_RESOLUTION_WINDOWS,
        ),
    ),
    contributions=contributions,
    policies=("schedules", "default_schedule"),
)

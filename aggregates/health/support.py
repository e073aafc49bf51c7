"""The support component: how much trouble an account has.

Formula: mean of the points of two signals: unsolved tickets (``health_open_tickets``; none while
one that was escalated is unsolved), and tickets of the last 90 days (``health_tickets_90d``).
Tickets that are deleted, spam or merged are none. Undefined before the first ticket, since it may
be that no help desk tells its tickets.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.contributions.occurrence import FOREVER
from aggregates.contributions.steps import StepFunction, counted, joined
from aggregates.policies.health import HealthPolicy
from aggregates.support.course import Course
from aggregates.time.calendar import Calendar
from aggregates.time.tile import tile_of

_WINDOW: Final = "90d"


def support(
    courses: Sequence[Course], calendar: Calendar, policy: HealthPolicy
) -> StepFunction[int | None]:
    """Returns the points of an account with tickets of these courses."""
    if not courses:
        return StepFunction(None)
    window = calendar.windows[_WINDOW]
    open_spans: list[tuple[int, int]] = []
    escalated: list[tuple[int, int]] = []
    recent: list[tuple[int, int]] = []
    for course in courses:
        escalated_ms = min((at_ms for at_ms, _ in course.escalations), default=FOREVER)
        for begin_ms, end_ms in _unsolved(course):
            open_spans.append((tile_of(begin_ms), tile_of(end_ms)))
            if escalated_ms < end_ms:
                escalated.append((tile_of(max(begin_ms, escalated_ms)), tile_of(end_ms)))
        created = tile_of(course.created_ms)
        for begin_ms, end_ms in course.counted:
            begin = max(created, tile_of(begin_ms))
            recent.append((begin, min(window.end(created), tile_of(end_ms))))
    begun = min(tile_of(course.created_ms) for course in courses)

    def points(has_begun: bool, unsolved: int, urgent: int, lately: int) -> int | None:
        if not has_begun:
            return None
        burden = 0 if urgent else policy.health_open_tickets.points(unsolved)
        return (burden + policy.health_tickets_90d.points(lately)) // 2

    spans = map(counted, (open_spans, escalated, recent))
    return joined(points, StepFunction(False, [(begun, True)]), *spans)


def _unsolved(course: Course) -> Iterator[tuple[int, int]]:
    """The spans (ms) in which a ticket is in the backlog, those next to each other as one."""
    begin_ms = None
    for phase in course.phases:
        if not phase.state.in_backlog:
            if begin_ms is not None:
                yield begin_ms, phase.begin_ms
            begin_ms = None
        elif begin_ms is None:
            begin_ms = phase.begin_ms
    if begin_ms is not None:
        yield begin_ms, FOREVER

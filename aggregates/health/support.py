"""The support component: how much trouble an account has.

Formula: mean of the points of two signals: unsolved tickets (``health_open_tickets``; none while
one that was escalated is unsolved), and tickets of the last 90 days (``health_tickets_90d``).
Tickets that are deleted, spam or merged are none. Undefined before the first ticket, since it may
be that no help desk tells its tickets.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from aggregates.contributions.counts import Counted, Earliest
from aggregates.contributions.occurrence import FOREVER
from aggregates.contributions.steps import Joined, StepFunction
from aggregates.policies.health import HealthPolicy
from aggregates.support.course import Course
from aggregates.time.calendar import Calendar
from aggregates.time.tile import tile_of

_WINDOW: Final = "90d"

Span = tuple[int, int]
"""A span ``[begin, end)``."""


class TicketSpans(NamedTuple):
    """Where one ticket is a burden, in tiles.

    Attributes:
        created: The tile in which it was created.
        open: Where it is in the backlog.
        escalated: Where it is, and was escalated.
        recent: Where it is a ticket of the last 90 days.
    """

    created: int
    open: Sequence[Span]
    escalated: Sequence[Span]
    recent: Sequence[Span]


def ticket_spans(course: Course, calendar: Calendar) -> TicketSpans:
    """Returns where a ticket is a burden."""
    escalated_ms = min((at_ms for at_ms, _ in course.escalations), default=FOREVER)
    open_ms = list(_unsolved(course))
    created = tile_of(course.created_ms)
    end = calendar.windows[_WINDOW].end(created)
    return TicketSpans(
        created,
        [(tile_of(begin_ms), tile_of(end_ms)) for begin_ms, end_ms in open_ms],
        [
            (tile_of(max(begin_ms, escalated_ms)), tile_of(end_ms))
            for begin_ms, end_ms in open_ms
            if escalated_ms < end_ms
        ],
        [
            (max(created, tile_of(begin_ms)), min(end, tile_of(end_ms)))
            for begin_ms, end_ms in course.counted
        ],
    )


class SupportPoints:
    """The points of one account, which follow its tickets."""

    def __init__(self, policy: HealthPolicy) -> None:
        """Starts without tickets."""
        self._created = Earliest()
        self._counts = Counted(), Counted(), Counted()
        self._points = Joined(partial(_points, policy))

    def exchange(self, old: TicketSpans | None, new: TicketSpans | None) -> None:
        """Takes where a ticket is a burden now, None if it is none, in place of where it was."""
        for ticket, sign in ((old, -1), (new, 1)):
            if ticket is not None:
                self._created.change(ticket.created, sign)
                for count, spans in zip(self._counts, ticket[1:], strict=True):
                    count.change(spans, sign)

    @property
    def steps(self) -> StepFunction[int | None]:
        """The points as they are now."""
        first = self._created.number
        begun = StepFunction(False, () if first is None else [(first, True)])
        return self._points.follow(begun, *(count.steps for count in self._counts))[0]

    def burden(self, edge: int) -> tuple[int, int, int]:
        """Returns tickets at a tile edge: unsolved, of these once escalated, of 90 days."""
        unsolved, urgent, lately = (count.steps.since(edge).initial for count in self._counts)
        return unsolved, urgent, lately


def _points(
    policy: HealthPolicy, has_begun: bool, unsolved: int, urgent: int, lately: int
) -> int | None:
    if not has_begun:
        return None
    burden = 0 if urgent else policy.health_open_tickets.points(unsolved)
    return (burden + policy.health_tickets_90d.points(lately)) // 2


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

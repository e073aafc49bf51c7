"""Support volume: tickets created and solved, and the backlog.

Formulas: ``ticket_backlog`` at T = tickets not solved or closed, and not deleted, spam or merged,
as of T; ``tickets_created`` over a window = tickets created in it that are not deleted, spam or
merged as of T; the flows count what happened, whatever became of it later, to tickets that are
not deleted, spam or merged at that time: backlog(T) - backlog(S) = opened + reopened + undeleted
- solved - removed in [S, T), exactly. A ticket that is created as solved is opened and solved at
once. Unit: tickets. Undefined: never.
Sources: Zendesk (statuses, deletion, merges), dbt_zendesk (reopening as the change from solved to
unsolved).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from aggregates.family import Family, Scope
from aggregates.measure import Contribution, Contributions, Kind, Measure, Unit
from aggregates.rows.tickets import TICKETS, Ticket
from aggregates.standing import level, windowed
from aggregates.ticket_course import Course
from aggregates.tile import tile_of

_CREATED: Final = "tickets_created"
_CREATED_WINDOWS: Final = ("1d", "month", "30d")
_BACKLOG: Final = ("ticket_backlog",)
_OPENED: Final = ("tickets_opened",)
_SOLVED: Final = ("tickets_solved",)
_REOPENED: Final = ("tickets_reopened",)
_REMOVED: Final = ("tickets_removed",)
_UNDELETED: Final = ("tickets_undeleted",)


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Gives what one ticket contributes."""
    windows = [scope.calendar.windows[name] for name in _CREATED_WINDOWS]
    for row in rows:
        course = row.course
        if course is None:
            continue
        for standing in course.standings(course.created_ms):
            yield from windowed(_CREATED, windows, standing)
        for in_backlog, begin_ms, end_ms in course.spans(lambda state: state.in_backlog):
            if in_backlog:
                yield from level(_BACKLOG, begin_ms, end_ms)
        yield from _flows(course)


def _flows(course: Course) -> Iterator[Contribution]:
    """Gives what a ticket did to the backlog, by cause."""
    yield _OPENED, tile_of(course.created_ms), 1
    if course.phases[0].state.solved_ms is not None:
        yield _SOLVED, tile_of(course.created_ms), 1
    for (_, _, before), (begin_ms, _, after) in pairwise(course.phases):
        if before.in_backlog == after.in_backlog:
            continue
        if before.counts != after.counts:
            series = _UNDELETED if after.counts else _REMOVED
        else:
            series = _REOPENED if after.in_backlog else _SOLVED
        yield series, tile_of(begin_ms), 1


def _flow(series: tuple[str], doc: str) -> Measure:
    return Measure(series[0], Kind.FLOW, Unit.COUNT, doc)


FAMILY = Family(
    name="tickets",
    reads=TICKETS,
    measures=(
        Measure(_BACKLOG[0], Kind.LEVEL, Unit.COUNT, "Tickets that are not solved or closed."),
        Measure(
            _CREATED,
            Kind.WINDOWED,
            Unit.COUNT,
            "Tickets created in the window that are not deleted, spam or merged.",
            windows=_CREATED_WINDOWS,
        ),
        _flow(_OPENED, "Tickets created, whatever became of them."),
        _flow(_SOLVED, "Changes of a ticket from unsolved to solved or closed."),
        _flow(_REOPENED, "Changes of a ticket from solved or closed to unsolved."),
        _flow(_REMOVED, "Unsolved tickets that were deleted, marked as spam or merged."),
        _flow(_UNDELETED, "Unsolved tickets that were undeleted."),
    ),
    contributions=contributions,
)

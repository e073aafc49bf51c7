"""Support volume: tickets created and solved, and the backlog.

Formulas: ``ticket_backlog`` at T = tickets not solved or closed, and not deleted, spam or merged,
as of T; ``tickets_created`` over a window = tickets created in it that are not deleted, spam or
merged as of T; the flows count what happened, whatever became of it later, to tickets that are
not deleted, spam or merged at that time: backlog(T) - backlog(S) = opened + reopened + undeleted
- solved - removed in [S, T), exactly. A ticket that is created as solved is opened and solved at
once. With ``backlog_statuses`` = ``without_pending`` a pending ticket is not in the backlog: it is
parked when it becomes pending, and resumed when it no longer is, whatever it then is, even solved;
growth has resumed less parked tickets besides. ``created_tickets_solved`` over a window = those of
``tickets_created`` that are solved or closed as of T. By priority: levels and what is over a window
by the one as of T, flows by the one in force when it happened. Unit: tickets. Undefined: never.
Sources: Zendesk (statuses, deletion, merges), dbt_zendesk (reopening as the change from solved to
unsolved).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from aggregates.contributions.occurrence import FOREVER, Occurrence, level, windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.family import ticket_family
from aggregates.time.tile import tile_of

_CREATED: Final = "tickets_created"
_CREATED_SOLVED: Final = "created_tickets_solved"
_BACKLOG: Final = "ticket_backlog"
_OPENED: Final = "tickets_opened"
_SOLVED: Final = "tickets_solved"
_REOPENED: Final = "tickets_reopened"
_REMOVED: Final = "tickets_removed"
_UNDELETED: Final = "tickets_undeleted"
_PARKED: Final = "tickets_parked"
_RESUMED: Final = "tickets_resumed"
_FILTERS: Final = ("priority",)

_FLOWS: Final = {
    _OPENED: "Tickets created, whatever became of them.",
    _SOLVED: "Changes of a ticket from unsolved to solved or closed.",
    _REOPENED: "Changes of a ticket from solved or closed to unsolved.",
    _REMOVED: "Unsolved tickets that were deleted, marked as spam or merged.",
    _UNDELETED: "Unsolved tickets that were undeleted.",
    _PARKED: "Tickets that became pending, where the backlog is without pending ones.",
    _RESUMED: "Tickets that ceased to be pending, where the backlog is without those.",
}
"""What each flow counts."""


def _contributions(course: Course, scope: Scope) -> Contributions:
    label, parked = scope.policy.priority_label, scope.policy.parked_statuses
    for priority, created in course.occurrences_by_priority(course.created_ms):
        yield windowed(_CREATED, scope.windows[_CREATED], created, label(priority))
    solved_windows = scope.windows[_CREATED_SOLVED]
    for priority, begin_ms, end_ms in course.spans_by_priority(lambda s: s.counts and s.is_solved):
        created = Occurrence(course.created_ms, begin_ms, end_ms)
        yield windowed(_CREATED_SOLVED, solved_windows, created, label(priority))
    for priority, begin_ms, end_ms in course.spans_by_priority(
        lambda state: state.in_backlog_without(parked)
    ):
        yield from level((_BACKLOG, label(priority)), begin_ms, end_ms)
    for cause, at_ms in (*_flows(course), *_parking(course, parked)):
        yield (cause, label(course.at(at_ms).priority)), tile_of(at_ms), 1


def _flows(course: Course) -> Iterator[tuple[str, int]]:
    """Yields what a ticket did to the backlog, as causes and instants (ms)."""
    yield _OPENED, course.created_ms
    if course.phases[0].state.is_solved:
        yield _SOLVED, course.created_ms
    for (_, _, before), (begin_ms, _, after) in pairwise(course.phases):
        if before.in_backlog == after.in_backlog:
            continue
        if before.counts != after.counts:
            yield _UNDELETED if after.counts else _REMOVED, begin_ms
        else:
            yield _REOPENED if after.in_backlog else _SOLVED, begin_ms


def _parking(course: Course, statuses: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Yields when (ms) an unsolved ticket came to one of some statuses, and when it left them."""
    for is_parked, begin_ms, end_ms in course.spans(
        lambda state: state.in_backlog and state.status in statuses
    ):
        if is_parked:
            yield _PARKED, begin_ms
            if end_ms != FOREVER:
                yield _RESUMED, end_ms


FAMILY = ticket_family(
    "tickets",
    _contributions,
    Measure.level(
        _BACKLOG,
        "Tickets that are not solved or closed, nor pending if backlog_statuses says so.",
        filters=_FILTERS,
    ),
    Measure.windowed(
        _CREATED,
        "Tickets created in the window that are not deleted, spam or merged.",
        ("1d", "month", "30d"),
        filters=_FILTERS,
    ),
    Measure.windowed(
        _CREATED_SOLVED,
        "Tickets created in the window that are solved or closed, and not removed since.",
        ("month", "30d"),
        filters=_FILTERS,
    ),
    *(Measure.flow(name, counts, filters=_FILTERS) for name, counts in _FLOWS.items()),
    policies=("backlog_statuses", "priorities_apart"),
)

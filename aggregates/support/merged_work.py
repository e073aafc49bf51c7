"""Merged work: what was logged on tickets that were merged is work on the tickets they went into.

Formula: work logged on a ticket that was merged and is not deleted or spam counts, from the merge
on, as if it had been logged on the ticket that it was first merged into, while that one counts; if
that one was merged in turn, on the next. As long as the target is not known under the same account
the work stays: it counts as time logged, on no ticket. Tickets merged into each other count
nowhere. Contributes to the measures of ``aggregates.support.handling``, in force with
``merged_work`` = ``target``. Units: ms, tickets. Undefined: never.
Sources: Zammad, FreeScout (time accounting goes along with a merge).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from aggregates.contributions.occurrence import Occurrence, present, windowed
from aggregates.ledger.measure import Contributions
from aggregates.rows.family import Family, Scope
from aggregates.rows.store import AccountRows
from aggregates.support.course import Course
from aggregates.support.handling import HANDLED, WORK
from aggregates.support.tickets import ACCOUNT_TICKETS, TICKETS
from aggregates.time.business_time import Span

_Courses = Mapping[str, Course]


def _contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    tickets = rows[0].of(TICKETS)
    merged = [row.course for row in tickets.values() if row.course and row.course.into]
    if not any(course.work for course in merged):
        return
    courses = {name: row.course for name, row in tickets.items() if row.course is not None}
    touched: defaultdict[str, list[Occurrence]] = defaultdict(list)
    for course in merged:
        for target, begin_ms, end_ms in _held(course, courses):
            for at_ms, work_ms in course.work:
                occurrence = Occurrence(at_ms, begin_ms, end_ms)
                if work_ms:
                    yield windowed(WORK, scope.windows[WORK], occurrence, amount=work_ms)
                if target is not None:
                    touched[target].append(occurrence)
    if scope.policy.handled_basis == "touched":
        windows = scope.windows[HANDLED]
        for target, occurrences in touched.items():
            own = courses[target].touches
            yield from present(HANDLED, windows, own + occurrences)
            for series, tile, delta in present(HANDLED, windows, own):
                yield series, tile, -delta


def _held(course: Course, courses: _Courses) -> Iterator[tuple[str | None, int, int]]:
    """Yields who holds the work of a merged ticket, None where that is not known, and when (ms)."""
    went = course.merged_away
    path = {course.into}
    while (into := course.into) is not None:
        target = courses.get(into)
        if target is None:
            yield from ((None, *span) for span in went)
            return
        yield from ((None, *span) for span in _common(went, [(0, target.created_ms)]))
        yield from ((into, *span) for span in _common(went, target.counted))
        went = _common(went, target.merged_away)
        course = target
        if course.into in path:
            return
        path.add(course.into)


def _common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Returns where spans of both overlap."""
    pairs = [
        (max(begin, other_begin), min(end, other_end))
        for begin, end in some
        for other_begin, other_end in others
    ]
    return [(begin, end) for begin, end in pairs if begin < end]


FAMILY = Family(
    name="merged_work",
    reads=ACCOUNT_TICKETS,
    measures=(),
    contributions=_contributions,
    adds_to=(WORK, HANDLED),
    in_force=lambda policy: policy.merged_work == "target",
)

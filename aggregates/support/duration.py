"""Durations of tickets: how long something took by the clocks in force, and what solved them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from aggregates.contributions.occurrence import Occurrence, distributed
from aggregates.ledger.measure import Contributions
from aggregates.policies.support import SupportPolicy
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.state import TicketState

CALENDAR: Final = "calendar"
"""The clock that always runs."""
BUSINESS: Final = "business"
"""The clock that runs in business hours; there is none without schedules."""

BUSINESS_TIME: Final = ("schedules", "default_schedule", "schedule_basis")
"""The policies that business time depends on."""


def solution_times(
    measure: str, course: Course, scope: Scope, runs: Callable[[TicketState], bool] | None = None
) -> Contributions:
    """Yields how long a ticket took to be solved, by clock and the priority it had then.

    Without ``runs``, which says whether the time in a state counts, it does in all.
    """
    policy = scope.policy
    solutions: Iterable[Occurrence] = course.lasting_solutions()
    if policy.resolution_basis == "first":
        solutions = course.all_occurrences(course.solutions[:1])
    for occurrence in solutions:
        solved_ms = occurrence.position_ms
        priority = policy.priority_label(course.at(solved_ms).priority)
        for clock, time_ms in durations(course, policy, course.created_ms, solved_ms, runs):
            labels = clock, priority
            yield from distributed(measure, scope.windows[measure], occurrence, time_ms, *labels)


def durations(
    course: Course,
    policy: SupportPolicy,
    begin_ms: int,
    end_ms: int,
    runs: Callable[[TicketState], bool] | None = None,
) -> Iterator[tuple[str, int]]:
    """Yields how long a span of a ticket's course took, in ms, by clock.

    Business time is that of each schedule while the ticket was under it, or all of it by the
    schedule at the end (``schedule_basis``). There is none where a schedule that matters is not
    known, even if it was in force while the time did not count.

    The span does not begin before the ticket's creation; ``runs`` is as in ``solution_times``.
    """
    if runs is None and not policy.schedules:
        yield CALENDAR, end_ms - begin_ms
        return
    calendar_ms = business_ms = 0
    by_last = policy.schedule_basis == "last"
    decisive = policy.opening_hours(course.at(end_ms if by_last else begin_ms).schedule)
    is_known = decisive is not None

    def view(state: TicketState) -> tuple[str | None, bool]:
        return state.schedule, runs is None or runs(state)

    for (schedule, counts), from_ms, until_ms in course.spans(view):
        first_ms, last_ms = max(from_ms, begin_ms), min(until_ms, end_ms)
        if first_ms >= last_ms:
            continue
        hours = decisive if by_last else policy.opening_hours(schedule)
        is_known = is_known and hours is not None
        if counts:
            calendar_ms += last_ms - first_ms
            business_ms += 0 if hours is None else hours.open_ms(first_ms, last_ms)
    yield CALENDAR, calendar_ms
    if is_known:
        yield BUSINESS, business_ms

"""Durations of tickets: how long something took by the clocks in force, and what solved them."""

from collections.abc import Callable, Iterator
from typing import Final

from aggregates.contributions.occurrence import Occurrence
from aggregates.policies.support import SupportPolicy
from aggregates.support.course import Course
from aggregates.support.state import State

CALENDAR: Final = "calendar"
"""The clock that always runs."""
BUSINESS: Final = "business"
"""The clock that runs in business hours; there is none without schedules."""


def solutions(course: Course, policy: SupportPolicy) -> Iterator[Occurrence]:
    """Yields where the solution of a ticket stands that its time to resolution ends with.

    The last one stands until the ticket is reopened, the first one for good; either only while the
    ticket is not deleted, spam or merged.
    """
    if policy.resolution_basis == "first":
        yield from course.all_occurrences(course.solutions[:1])
        return
    for solved_ms, begin_ms, end_ms in course.spans(_solved):
        if solved_ms is not None:
            yield Occurrence(solved_ms, begin_ms, end_ms)


def _solved(state: State) -> int | None:
    return state.solved_ms if state.counts else None


def solution_times(
    course: Course, policy: SupportPolicy, runs: Callable[[State], bool] | None = None
) -> Iterator[tuple[Occurrence, int, str, str]]:
    """Yields how long a ticket took to be solved, in ms, by clock and the priority it had then.

    Args:
        course: The ticket.
        policy: The policy in force.
        runs: Tells in which states the time counts; without it, in all.
    """
    for occurrence in solutions(course, policy):
        solved_ms = occurrence.position_ms
        priority = policy.priority_label(course.priority_at(solved_ms))
        for clock, time_ms in durations(course, policy, course.created_ms, solved_ms, runs):
            yield occurrence, time_ms, clock, priority


def durations(
    course: Course,
    policy: SupportPolicy,
    begin_ms: int,
    end_ms: int,
    runs: Callable[[State], bool] | None = None,
) -> Iterator[tuple[str, int]]:
    """Yields how long a span of a ticket's course took, in ms, by clock.

    Business time is that of each schedule while the ticket was under it, or all of it by the
    schedule at the end (``schedule_basis``); there is none where a schedule that matters is not
    known, also if it was in force while the time did not count.

    Args:
        course: The ticket.
        policy: The policy in force.
        begin_ms: The beginning of the span, not before the ticket's creation.
        end_ms: Its end.
        runs: Tells in which states the time counts; without it, in all.
    """
    if runs is None and not policy.schedules:
        yield CALENDAR, end_ms - begin_ms
        return
    calendar_ms = business_ms = 0
    by_last = policy.schedule_basis == "last"
    decisive = policy.opening_hours(course.at(end_ms if by_last else begin_ms).schedule)
    is_known = decisive is not None

    def view(state: State) -> tuple[str | None, bool]:
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

"""Service levels: targets for the first response and the solution, met or missed.

Formula: a target runs while the ticket waits, for ``first_response`` from creation (or the last
reopening if it was solved before without a reply) to the first public reply of a human, for
``resolution`` from creation to the first solution. Its limit is that of the ticket's priority at
each instant (``sla_targets``), its clock ``sla_clock``: business time is that of each schedule
while the ticket was under it, or at each instant all by the one in force (``schedule_basis``). It
is judged once: missed when the limit has passed, or when a change of priority, or of the one
schedule, finds it passed; met when what it waits for comes no later.
While a ticket is solved without a reply its first response cannot be missed, but a reply that
comes late then still is. ``sla_targets_judged`` and ``sla_targets_met`` over a window count the
targets judged, and met, in it, of tickets not deleted, spam or merged as of T. Priorities without
a target, and with ``sla_clock`` = ``business`` tickets without business hours, are not judged.
By priority: the one by whose limit the target was judged.
Unit: targets. Undefined: never; the ratio has no value where nothing was judged.
Sources: Zendesk (targets by priority), dbt_zendesk (the priority at that time).
"""

from collections.abc import Callable, Sequence
from typing import Final

from aggregates.contributions.occurrence import windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family, Scope
from aggregates.support.course import Course
from aggregates.support.state import State
from aggregates.support.tickets import TICKETS, Ticket
from aggregates.time.business_time import CalendarTime, OpeningHours

_MET: Final = "sla_targets_met"
_JUDGED: Final = "sla_targets_judged"
_LABELS: Final = ("target",)
_FILTERS: Final = ("priority",)
_WINDOWS: Final = ("30d",)

_CALENDAR: Final = CalendarTime()


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Yields what one ticket contributes."""
    windows = scope.windows[_JUDGED]
    for row in rows:
        course = row.course
        if course is None:
            continue
        created_ms = course.created_ms
        waits: dict[str, Callable[[State], int | None]] = {
            "first_response": lambda state: state.unanswered_ms,
            "resolution": lambda state: created_ms if state.solved_ms is None else None,  # noqa: B023
        }
        for target, since in waits.items():
            judged = _judged(course, target, since, scope.policy)
            if judged is None:
                continue
            at_ms, met, judged_as = judged
            priority = scope.policy.priority_label(judged_as)
            for occurrence in course.occurrences(at_ms):
                yield from windowed(_JUDGED, windows, occurrence, target, priority)
                if met:
                    yield from windowed(_MET, windows, occurrence, target, priority)


def _judged(
    course: Course, target: str, since: Callable[[State], int | None], policy: Policy
) -> tuple[int, bool, str | None] | None:
    """When (ms) a target was judged, whether it was met, and by the limit of which priority.

    None if it was not judged.

    Args:
        course: The ticket.
        target: The target's name.
        since: Returns since when the ticket waits for the target in a state, None if it does not.
        policy: The policy in force.
    """
    before = course.phases[0].state
    began_ms, passed_ms, is_late = None, 0, False
    by_last = policy.schedule_basis == "last"
    for begin_ms, end_ms, state in course.phases:
        now_ms = since(state)
        if now_ms is None:
            if _limit(policy, before, target) is None:
                return None
            return begin_ms, not is_late, before.priority
        if now_ms != began_ms:
            began_ms, passed_ms, is_late = now_ms, 0, False
        clock = _clock(policy, state)
        if clock is None:
            return None
        if by_last:
            passed_ms = clock.open_ms(now_ms, begin_ms)
        limit_ms = _limit(policy, state, target)
        if limit_ms is not None:
            due_ms = clock.after(begin_ms, limit_ms - passed_ms)
            if due_ms is not None and due_ms < end_ms:
                if state.solved_ms is None:
                    return due_ms, False, state.priority
                is_late = True
        passed_ms += clock.open_ms(begin_ms, end_ms)
        before = state
    return None


def _limit(policy: Policy, state: State, target: str) -> int | None:
    levels = policy.sla_targets.get(state.priority or "")
    return None if levels is None else levels.limit_ms(target)


def _clock(policy: Policy, state: State) -> OpeningHours | CalendarTime | None:
    return _CALENDAR if policy.sla_clock == "calendar" else policy.opening_hours(state.schedule)


FAMILY = Family(
    name="sla",
    reads=TICKETS,
    measures=(
        Measure.windowed(
            _MET, "Targets met in the window.", _WINDOWS, labels=_LABELS, filters=_FILTERS
        ),
        Measure.windowed(
            _JUDGED,
            "Targets met or missed in the window.",
            _WINDOWS,
            labels=_LABELS,
            filters=_FILTERS,
        ),
    ),
    contributions=contributions,
    policies=(
        "sla_targets",
        "sla_clock",
        "schedules",
        "default_schedule",
        "schedule_basis",
        "priorities_apart",
    ),
)

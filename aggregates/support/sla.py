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

from collections.abc import Callable, Mapping
from typing import Final

from aggregates.ledger.measure import Contributions, Measure
from aggregates.policies.policy import Policy
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.duration import BUSINESS_TIME
from aggregates.support.family import counted, ticket_family
from aggregates.support.state import TicketState
from aggregates.time.business_time import CalendarTime, OpeningHours

_MET: Final = "sla_targets_met"
_JUDGED: Final = "sla_targets_judged"

_WAITING_SINCE: Final[Mapping[str, Callable[[Course, TicketState], int | None]]] = {
    "first_response": lambda course, state: state.unanswered_ms,
    "resolution": lambda course, state: None if state.is_solved else course.created_ms,
}
"""Since when (ms) a ticket waits in a state, by target; None where it does not."""

_CALENDAR: Final = CalendarTime()


def _contributions(course: Course, scope: Scope) -> Contributions:
    for target in _WAITING_SINCE:
        judged = _judged(course, target, scope.policy)
        if judged is not None:
            at_ms, is_met, priority = judged
            label = scope.policy.priority_label(priority)
            yield from counted(_JUDGED, course, scope, at_ms, target, label)
            if is_met:
                yield from counted(_MET, course, scope, at_ms, target, label)


def _judged(course: Course, target: str, policy: Policy) -> tuple[int, bool, str | None] | None:
    """Returns when (ms) a target was judged, whether it was met, and the priority of its limit.

    None if it was not judged.
    """
    before = course.phases[0].state
    began_ms, passed_ms, is_late = None, 0, False
    by_last = policy.schedule_basis == "last"
    for begin_ms, end_ms, state in course.phases:
        since_ms = _WAITING_SINCE[target](course, state)
        if since_ms is None:
            if _limit(policy, before, target) is None:
                return None
            return begin_ms, not is_late, before.priority
        if since_ms != began_ms:
            began_ms, passed_ms, is_late = since_ms, 0, False
        clock = _clock(policy, state)
        if clock is None:
            return None
        if by_last:
            passed_ms = clock.open_ms(since_ms, begin_ms)
        limit_ms = _limit(policy, state, target)
        if limit_ms is not None:
            due_ms = clock.after(begin_ms, limit_ms - passed_ms)
            if due_ms is not None and due_ms < end_ms:
                if not state.is_solved:
                    return due_ms, False, state.priority
                is_late = True
        passed_ms += clock.open_ms(begin_ms, end_ms)
        before = state
    return None


def _limit(policy: Policy, state: TicketState, target: str) -> int | None:
    levels = policy.sla_targets.get(state.priority or "")
    return None if levels is None else levels.limit_ms(target)


def _clock(policy: Policy, state: TicketState) -> OpeningHours | CalendarTime | None:
    return _CALENDAR if policy.sla_clock == "calendar" else policy.opening_hours(state.schedule)


FAMILY = ticket_family(
    "sla",
    _contributions,
    Measure.windowed(
        _MET, "Targets met in the window.", ("30d",), labels=("target",), filters=("priority",)
    ),
    Measure.windowed(
        _JUDGED,
        "Targets met or missed in the window.",
        ("30d",),
        labels=("target",),
        filters=("priority",),
    ),
    policies=("sla_targets", "sla_clock", *BUSINESS_TIME, "priorities_apart"),
)

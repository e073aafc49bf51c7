"""Service levels: targets for the first response and the solution, met or missed.

Formula: a target runs while the ticket waits, for ``first_response`` from creation (or the last
reopening if it was solved before without a reply) to the first public reply of a human, for
``resolution`` from creation to the first solution, without the time in the statuses of
``sla_paused_in``. Its limit is that of the ticket's priority at each instant (``sla_targets``), its
clock ``sla_clock``: business time is that of each schedule while the ticket was under it, or at
each instant all by the one in force (``schedule_basis``). It is judged once: missed as soon as more
time has passed than the limit, also when a change of priority, or of the one schedule, finds it so;
met when what it waits for comes while no more has. So a target whose limit is used up at closing
time is met until the next opening.
While a ticket is solved without a reply its first response cannot be missed, but a reply that
comes late then still is. ``sla_targets_judged`` and ``sla_targets_met`` over a window count the
targets judged, and met, in it, of tickets not deleted, spam or merged as of T. Priorities without
a target, and with ``sla_clock`` = ``business`` tickets without business hours, are not judged.
By priority: the one by whose limit the target was judged.
Unit: targets. Undefined: never; the ratio has no value where nothing was judged.
Sources: Zendesk (targets by priority; only resolution pauses), dbt_zendesk (the priority at that
time), Freshdesk and ERPNext (the statuses that pause are a setting).
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
from aggregates.time.business_time import CalendarTime, OpeningHours, Span

_MET: Final = "sla_targets_met"
_JUDGED: Final = "sla_targets_judged"

_RESOLUTION: Final = "resolution"

_WAITING_SINCE: Final[Mapping[str, Callable[[Course, TicketState], int | None]]] = {
    "first_response": lambda course, state: state.unanswered_ms,
    _RESOLUTION: lambda course, state: None if state.is_solved else course.created_ms,
}
"""Since when (ms) a ticket waits in a state, by target; None where it does not."""

Clock = OpeningHours | CalendarTime

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
    began_ms, is_late = None, False
    ran: list[Span] = []
    passed_ms = 0
    paused_in = policy.sla_paused_in if target == _RESOLUTION else ()
    for begin_ms, end_ms, state in course.phases:
        since_ms = _WAITING_SINCE[target](course, state)
        if since_ms is None:
            if _limit(policy, before, target) is None:
                return None
            return begin_ms, not is_late, before.priority
        if since_ms != began_ms:
            began_ms, ran, passed_ms, is_late = since_ms, [], 0, False
        clock = _clock(policy, state)
        if clock is None:
            return None
        if policy.schedule_basis == "last":
            passed_ms = sum(clock.open_ms(*span) for span in ran)
        runs = state.status not in paused_in
        limit_ms = _limit(policy, state, target)
        if limit_ms is not None:
            over_ms = _over_ms(limit_ms - passed_ms, clock if runs else None, begin_ms, end_ms)
            if over_ms is not None and not state.is_solved:
                return over_ms, False, state.priority
            is_late = is_late or over_ms is not None
        if runs:
            ran.append((begin_ms, end_ms))
            passed_ms += clock.open_ms(begin_ms, end_ms)
        before = state
    return None


def _over_ms(rest_ms: int, clock: Clock | None, begin_ms: int, end_ms: int) -> int | None:
    """Returns the last instant of a span at which no more than a rest of the limit has passed.

    It is the beginning where more has passed before, and None if no more has at the end, or if time
    stands still: without a clock.
    """
    if rest_ms < 0:
        return begin_ms
    last_ms = None if clock is None else clock.until(begin_ms, rest_ms)
    return None if last_ms is None or last_ms >= end_ms else last_ms


def _limit(policy: Policy, state: TicketState, target: str) -> int | None:
    levels = policy.sla_targets.get(state.priority or "")
    return None if levels is None else levels.limit_ms(target)


def _clock(policy: Policy, state: TicketState) -> Clock | None:
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
    policies=("sla_targets", "sla_clock", "sla_paused_in", *BUSINESS_TIME, "priorities_apart"),
)

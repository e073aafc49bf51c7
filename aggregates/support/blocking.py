"""The backlog by what blocks it.

Formulas: ``ticket_backlog_blocked`` at T = tickets of the backlog that are blocked as of T, ``by``
the customer or internally. A blocker holds from ``ticket.blocked`` until ``ticket.unblocked``;
without one, a pending ticket is blocked by the customer and one on hold internally, unless
``blocked_basis`` = ``events``. A ticket blocked by both counts under each.
``ticket_backlog_unblocked`` = tickets of the backlog that nothing blocks: the backlog less the
distinct blocked ones. What the backlog is, ``backlog_statuses`` says. Unit: tickets. Undefined:
never.
Source: ServiceNow (open backlog blocked internally, by the customer, or both).
"""

from typing import Final

from aggregates.contributions.occurrence import level
from aggregates.ledger.measure import Contributions, Measure, Series
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.family import ticket_family
from aggregates.support.state import TicketState

_BLOCKED: Final = "ticket_backlog_blocked"
_UNBLOCKED: Final = "ticket_backlog_unblocked"


def _contributions(course: Course, scope: Scope) -> Contributions:
    parked = scope.policy.parked_statuses
    by_events = scope.policy.blocked_basis == "events"

    def series_of(state: TicketState) -> tuple[Series, ...]:
        if not state.in_backlog_without(parked):
            return ()
        blocked_by = state.explicitly_blocked_by if by_events else state.blocked_by
        return tuple((_BLOCKED, by) for by in blocked_by) or ((_UNBLOCKED,),)

    for all_series, begin_ms, end_ms in course.spans(series_of):
        for series in all_series:
            yield from level(series, begin_ms, end_ms)


FAMILY = ticket_family(
    "blocking",
    _contributions,
    Measure.level(
        _BLOCKED, "Tickets of the backlog that wait for somebody, by whom.", labels=("by",)
    ),
    Measure.level(_UNBLOCKED, "Tickets of the backlog that nothing blocks."),
    policies=("backlog_statuses", "blocked_basis"),
)

"""The backlog by what blocks it.

Formulas: ``ticket_backlog_blocked`` at T = tickets of the backlog that are blocked as of T, ``by``
the customer or internally; blockers are those told by ``ticket.blocked`` and not taken back by
``ticket.unblocked``; where none stands, a pending ticket is blocked by the customer and one on hold
internally, unless ``blocked_basis`` = ``events``. A ticket blocked by both counts under each.
``ticket_backlog_unblocked`` = tickets of the backlog that nothing blocks: the backlog less the
distinct blocked ones. What the backlog is, ``backlog_statuses`` says. Unit: tickets. Undefined:
never.
Source: ServiceNow (open backlog blocked internally, by the customer, or both).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.occurrence import level
from aggregates.ledger.measure import Contributions, Measure, Series
from aggregates.rows.family import Family, Scope
from aggregates.support.state import State
from aggregates.support.tickets import TICKETS, Ticket

_BLOCKED: Final = "ticket_backlog_blocked"
_UNBLOCKED: Final = "ticket_backlog_unblocked"


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Yields what one ticket contributes."""
    parked = scope.policy.parked_statuses
    by_events = scope.policy.blocked_basis == "events"

    def parts_of(state: State) -> tuple[Series, ...]:
        if not state.in_backlog_without(parked):
            return ()
        blocked_by = state.told_blocked_by if by_events else state.blocked_by
        return tuple((_BLOCKED, by) for by in blocked_by) or ((_UNBLOCKED,),)

    for row in rows:
        course = row.course
        if course is not None:
            for parts, begin_ms, end_ms in course.spans(parts_of):
                for series in parts:
                    yield from level(series, begin_ms, end_ms)


FAMILY = Family(
    name="blocking",
    reads=TICKETS,
    measures=(
        Measure.level(
            _BLOCKED, "Tickets of the backlog that wait for somebody, by whom.", labels=("by",)
        ),
        Measure.level(_UNBLOCKED, "Tickets of the backlog that nothing blocks."),
    ),
    contributions=contributions,
    policies=("backlog_statuses", "blocked_basis"),
)

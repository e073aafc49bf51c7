"""The backlog by what blocks it.

Formulas: ``ticket_backlog_blocked`` at T = tickets of the backlog that are blocked as of T, ``by``
the customer or internally; blockers are those told by ``ticket.blocked`` and not taken back by
``ticket.unblocked``; where none stands, a pending ticket is blocked by the customer and one on hold
internally. A ticket blocked by both counts under each. ``ticket_backlog_unblocked`` = tickets of
the backlog that nothing blocks: the backlog less the distinct blocked ones. Unit: tickets.
Undefined: never.
Source: ServiceNow (open backlog blocked internally, by the customer, or both).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.measure import Contributions, Kind, Measure, Series, Unit
from aggregates.rows.tickets import TICKETS, Ticket
from aggregates.standing import level
from aggregates.ticket_state import State

_BLOCKED: Final = "ticket_backlog_blocked"
_UNBLOCKED: Final = "ticket_backlog_unblocked"


def _parts(state: State) -> tuple[Series, ...]:
    """Gives the series that count a ticket in a state."""
    if not state.in_backlog:
        return ()
    return tuple((_BLOCKED, by) for by in state.blocked_by) or ((_UNBLOCKED,),)


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Gives what one ticket contributes."""
    for row in rows:
        course = row.course
        if course is not None:
            for parts, begin_ms, end_ms in course.spans(_parts):
                for series in parts:
                    yield from level(series, begin_ms, end_ms)


FAMILY = Family(
    name="blocking",
    reads=TICKETS,
    measures=(
        Measure(
            _BLOCKED,
            Kind.LEVEL,
            Unit.COUNT,
            "Unsolved tickets that wait for somebody, by whom.",
            labels=("by",),
        ),
        Measure(_UNBLOCKED, Kind.LEVEL, Unit.COUNT, "Unsolved tickets that nothing blocks."),
    ),
    contributions=contributions,
)

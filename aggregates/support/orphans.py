"""Orphans: tickets of which something is told, and no creation.

Formula: ``tickets_never_created`` at T = tickets of which any event but one about a major case or
its account takes effect before T, and no ``ticket.created`` does. Such a ticket is in no other
figure: its other events were sent without the first, or under another id. What is told of a major
case is told under each account that it affects, and needs no ticket there; that a ticket changed
its account says of no ticket what it is. Deleted, spam and merged ones count,
since what was told before is missing all the same. Unit: tickets. Undefined: never.
Source: ours; it says what the others lack.
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.occurrence import FOREVER, level
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.support.state import TicketEventType
from aggregates.support.tickets import TICKETS, Ticket

_ORPHANS: Final = "tickets_never_created"

_OF_OTHERS: Final = (TicketEventType.DECLARED, TicketEventType.RESOLVED, TicketEventType.ACCOUNT)


def _contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    for row in rows:
        facts = row.unretracted()
        if facts and facts[0].type == TicketEventType.CREATED:  # as nearly all are
            continue
        told_ms = next((f.effective_ms for f in facts if f.type not in _OF_OTHERS), FOREVER)
        created_ms = FOREVER if row.course is None else row.course.created_ms
        if told_ms < created_ms:
            yield from level((_ORPHANS,), told_ms, created_ms)


FAMILY = Family(
    name="orphans",
    reads=TICKETS,
    measures=(Measure.level(_ORPHANS, "Tickets of which something but no creation is told."),),
    contributions=_contributions,
)

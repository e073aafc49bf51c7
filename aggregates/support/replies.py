"""Reply time: every wait of a customer for a human.

Formula: a wait begins when a customer creates a ticket or writes in public, unless one runs
already, and ends with the next public reply of a human; a solution without a reply ends it unread,
since nobody owes an answer then. Once a human has replied in a chat session, what the customer
writes in that session begins no wait. Read by the time of the reply, of tickets not deleted, spam
or merged as of T; with ``reply_basis`` = ``first`` only the first of each ticket. By priority: that
of the ticket at the reply. Unit: ms. Undefined: no value where nobody was answered.
Sources: dbt_zendesk (consecutive customer comments are one wait, chat sessions), Qvasa (per
ticket).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.occurrence import distributed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.support.tickets import TICKETS, Ticket

_REPLY: Final = "reply"
_WINDOWS: Final = ("30d",)


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Yields what one ticket contributes."""
    windows = scope.windows[_REPLY]
    for row in rows:
        course = row.course
        if course is None:
            continue
        replies = course.replies[:1] if scope.policy.reply_basis == "first" else course.replies
        for reply in replies:
            priority = scope.policy.priority_label(course.priority_at(reply.at_ms))
            for occurrence in course.occurrences(reply.at_ms):
                yield from distributed(_REPLY, windows, occurrence, reply.wait_ms, priority)


FAMILY = Family(
    name="replies",
    reads=TICKETS,
    measures=(
        Measure.duration(
            _REPLY,
            "Waits of customers that a public reply of a human ended in the window.",
            _WINDOWS,
            filters=("priority",),
        ),
    ),
    contributions=contributions,
    policies=("reply_basis", "priorities_apart"),
)

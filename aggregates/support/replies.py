"""Reply time: every wait of a customer for a human.

Formula: a wait begins when a customer creates a ticket or writes in public, unless one runs
already, and ends with the next public reply of a human. While a ticket is solved nobody owes an
answer: what waits then is no wait, nor is what a human writes then a reply to one. A reopening
begins a wait if the customer wrote something that no human has answered since. Once a human has
replied in a chat session, what the customer writes in that session begins no wait. Read by the time
of the reply, of tickets not deleted, spam or merged as of T; with ``reply_basis`` = ``first`` only
the first of each ticket. By priority: that of the ticket at the reply. Unit: ms. Undefined: no
value where nobody was answered.
Sources: dbt_zendesk (consecutive customer comments are one wait, chat sessions), Chatwoot (a wait
begins anew at a reopening), Qvasa (per ticket).
"""

from typing import Final

from aggregates.contributions.occurrence import distributed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.family import ticket_family

_REPLY: Final = "reply"


def _contributions(course: Course, scope: Scope) -> Contributions:
    is_first_only = scope.policy.reply_basis == "first"
    for reply in course.replies[:1] if is_first_only else course.replies:
        priority = scope.policy.priority_label(course.at(reply.at_ms).priority)
        for occurrence in course.occurrences(reply.at_ms):
            windows = scope.windows[_REPLY]
            yield from distributed(_REPLY, windows, occurrence, reply.wait_ms, priority)


FAMILY = ticket_family(
    "replies",
    _contributions,
    Measure.duration(
        _REPLY,
        "Waits of customers that a public reply of a human ended in the window.",
        ("30d",),
        filters=("priority",),
    ),
    policies=("reply_basis", "priorities_apart"),
)

"""First contact resolution: tickets that one reply solved for good.

Formula: a ticket is judged once, ``fcr_maturity_days`` after its first solution, by the facts
up to then. It counts if it is solved or closed at that instant and, by ``fcr_basis``: it has had
exactly one public reply of a human, a chat session being one, or a call none or one
(``one_reply``); none or one (``one_touch``); no further public comment of the customer
(``no_follow_up``); a reply at least, and was never pending, on hold or reopened
(``uninterrupted``). A reopening and silent solution in between break nothing by themselves.
Denominator: tickets judged in the window, or with ``fcr_denominator`` = ``created`` those created
in it; then first contacts too are of the tickets created in it, from when they are judged on. Only
tickets not deleted, spam or merged as of T. By priority: that of the ticket when it is judged, by
creation the one as of T. Unit: tickets. Undefined: the ratio has no value where
none was judged.
Sources: dbt_zendesk (exactly one public agent comment, chat sessions), Zendesk (one-touch tickets),
Freshservice (no customer interaction after the description).
"""

from collections.abc import Callable, Mapping
from typing import Final

from aggregates.contributions.occurrence import windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Scope
from aggregates.support.course import Course
from aggregates.support.family import counted, ticket_family
from aggregates.support.state import TicketState
from aggregates.time.tile import DAY_MS

_FIRST_CONTACT: Final = "tickets_solved_at_first_contact"
_JUDGED: Final = "tickets_judged"

_BASES: Final[Mapping[str, Callable[[TicketState, bool], bool]]] = {
    "one_reply": lambda state, voice: state.replies == 1 or (voice and not state.replies),
    "one_touch": lambda state, voice: state.replies <= 1,
    "no_follow_up": lambda state, voice: not state.followed_up,
    "uninterrupted": lambda state, voice: (
        (state.replies >= 1 or voice) and not state.paused and not state.reopened
    ),
}
"""Whether a solved ticket, possibly a call, was solved at the first contact, by basis."""


def _contributions(course: Course, scope: Scope) -> Contributions:
    policy, label = scope.policy, scope.policy.priority_label
    first_contact_ms, judged_ms = None, None
    if course.solutions:
        judged_ms = course.solutions[0] + policy.fcr_maturity_days * DAY_MS
        state = course.at(judged_ms)
        if state.is_solved and _BASES[policy.fcr_basis](state, course.is_voice):
            first_contact_ms = judged_ms
    if policy.fcr_denominator == "created":
        for priority, created in course.occurrences_by_priority(course.created_ms):
            yield windowed(_JUDGED, scope.windows[_JUDGED], created, label(priority))
            if first_contact_ms is not None:
                known = created._replace(begin_ms=max(created.begin_ms, first_contact_ms))
                windows = scope.windows[_FIRST_CONTACT]
                yield windowed(_FIRST_CONTACT, windows, known, label(priority))
    elif judged_ms is not None:
        priority = course.at(judged_ms).priority
        yield from counted(_JUDGED, course, scope, judged_ms, label(priority))
        if first_contact_ms is not None:
            yield from counted(_FIRST_CONTACT, course, scope, judged_ms, label(priority))


FAMILY = ticket_family(
    "first_contact",
    _contributions,
    Measure.windowed(
        _FIRST_CONTACT,
        "Tickets judged in the window, or created in it, that were solved at the first contact.",
        ("30d",),
        filters=("priority",),
    ),
    Measure.windowed(
        _JUDGED,
        "Tickets whose first solution matured in the window, or tickets created in it.",
        ("30d",),
        filters=("priority",),
    ),
    policies=("fcr_basis", "fcr_maturity_days", "fcr_denominator", "priorities_apart"),
)

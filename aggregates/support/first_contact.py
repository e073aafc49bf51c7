"""First contact resolution: tickets that one reply solved, for good.

Formula: a ticket is judged once, ``fcr_maturity_days`` after its first solution, by what was told
up to then. It counts if it is solved or closed at that instant and, by ``fcr_basis``: it has had
exactly one public reply of a human, a chat session being one, or a call none or one
(``one_reply``); none or one (``one_touch``); no further public comment of the customer
(``no_follow_up``); a reply at least, and was never pending, on hold or reopened
(``uninterrupted``). A reopening and silent solution in between break nothing by themselves.
Denominator: tickets judged in the window, or with ``fcr_denominator`` = ``created`` those created
in it. Only tickets not deleted, spam or merged as of T. By priority: that of the ticket when it is
judged, of tickets created the one as of T. Unit: tickets. Undefined: the ratio has no value where
none was judged.
Sources: dbt_zendesk (exactly one public agent comment, chat sessions), Zendesk (one-touch tickets),
Freshservice (no customer interaction after the description).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aggregates.contributions.occurrence import windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.support.state import State
from aggregates.support.tickets import TICKETS, Ticket
from aggregates.time.tile import DAY_MS

_FIRST_CONTACT: Final = "tickets_solved_at_first_contact"
_JUDGED: Final = "tickets_judged"
_WINDOWS: Final = ("30d",)
_FILTERS: Final = ("priority",)

_BASES: Final[Mapping[str, Callable[[State, bool], bool]]] = {
    "one_reply": lambda state, voice: state.replies == 1 or (voice and not state.replies),
    "one_touch": lambda state, voice: state.replies <= 1,
    "no_follow_up": lambda state, voice: not state.followed_up,
    "uninterrupted": lambda state, voice: (
        (state.replies >= 1 or voice) and not state.paused and not state.reopened
    ),
}
"""Whether a solved ticket, possibly a call, was solved at the first contact, by basis."""


def contributions(rows: Sequence[Ticket], scope: Scope) -> Contributions:
    """Yields what one ticket contributes."""
    policy = scope.policy
    windows, label = scope.windows[_JUDGED], policy.priority_label
    by_creation = policy.fcr_denominator == "created"
    for row in rows:
        course = row.course
        if course is None:
            continue
        if by_creation:
            for priority, occurrence in course.occurrences_by_priority(course.created_ms):
                yield from windowed(_JUDGED, windows, occurrence, label(priority))
        solutions = course.solutions
        if not solutions:
            continue
        judged_ms = solutions[0] + policy.fcr_maturity_days * DAY_MS
        state = course.at(judged_ms)
        is_first = state.solved_ms is not None and _BASES[policy.fcr_basis](state, course.is_voice)
        for occurrence in course.occurrences(judged_ms):
            if not by_creation:
                yield from windowed(_JUDGED, windows, occurrence, label(state.priority))
            if is_first:
                yield from windowed(_FIRST_CONTACT, windows, occurrence, label(state.priority))


FAMILY = Family(
    name="first_contact",
    reads=TICKETS,
    measures=(
        Measure.windowed(
            _FIRST_CONTACT,
            "Tickets judged in the window that were solved at the first contact.",
            _WINDOWS,
            filters=_FILTERS,
        ),
        Measure.windowed(
            _JUDGED,
            "Tickets whose first solution matured in the window, or tickets created in it.",
            _WINDOWS,
            filters=_FILTERS,
        ),
    ),
    contributions=contributions,
    policies=("fcr_basis", "fcr_maturity_days", "fcr_denominator", "priorities_apart"),
)

"""Tellers of the ticket topic's facts: what is said and done, what blocks, what is major."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from random import Random

    from tests.oracle.stories import Story

_KINDS: Final = {
    "created": 4.0,
    "status_changed": 6.0,
    "comment_added": 7.0,
    "priority_changed": 1.5,
    "schedule_changed": 1.0,
    "agent_assignment_changed": 3.0,
    "blocked": 1.5,
    "unblocked": 1.0,
    "work_logged": 2.0,
    "escalated": 1.0,
    "problem_link_changed": 1.0,
    "major_declared": 0.5,
    "major_resolved": 0.4,
    "merged": 0.5,
    "deleted": 1.2,
    "undeleted": 1.2,
    "marked_as_spam": 0.4,
}
"""Kinds of facts and how often they are told."""

_STATUSES: Final = ("new", "open", "pending", "hold", "solved", "solved", "solved", "closed")
_PRIORITIES: Final = ("urgent", "high", "normal", "low", "other", None)
_SCHEDULES: Final = ("desk", "nights", "unknown", None)
_FACTS_AT_ONCE: Final = 3
_AGENTS: Final = ("ann", "bob", None)
_WRITERS: Final = ("agent", "agent", "agent", "end_user", "end_user", "bot", "system")


def _support(story: Story) -> None:
    """Tells something about one of two tickets, or about one of no account."""
    rng = story.rng
    kind = rng.choices(list(_KINDS), list(_KINDS.values()))[0]
    alone = story.maybe(0.07, f"alone_{story.account}")
    ticket = alone or rng.choice(("t1", "t1", "t1", "t2"))
    given = _FIELDS[kind](rng) if kind in _FIELDS else {}
    story.tell(f"ticket.{kind}", subject=alone, ticket_id=ticket, **given)
    if kind in ("deleted", "marked_as_spam") and rng.random() < 0.5:
        story.tell("ticket.undeleted", subject=alone, ticket_id=ticket)


def case(story: Story) -> None:
    """Tells much about two tickets, of both that they were created, and how one was talked on."""
    if not story.lines:
        for ticket in ("t1", "t2"):
            story.tell("ticket.created", ticket_id=ticket, **_creation(story.rng))
    for role in ("end_user", "agent"):
        story.tell("ticket.comment_added", ticket_id="t1", author_role=role, is_public=True)
    for _ in range(_FACTS_AT_ONCE):
        _support(story)


def _creation(rng: Random) -> dict[str, Any]:
    told = {
        "submitter_role": rng.choice(("end_user", "end_user", "agent", "system")),
        "status": rng.choice(_STATUSES),
        "channel": rng.choice(("email", "chat", "phone", "voice")),
        "priority": rng.choice(_PRIORITIES),
        "schedule_id": rng.choice(_SCHEDULES),
        "assignee_id": rng.choice(_AGENTS),
    }
    problem = {
        "problem_id": rng.choice(("p1", "p1", None)),
        "problem_is_major": rng.choice((True, True, False, None)),
        "auto_created": rng.random() < 0.6,
    }
    given = {name: value for name, value in told.items() if rng.random() < 0.5}
    return given | problem if rng.random() < 0.5 else given


_FIELDS: Final[dict[str, Callable[[Random], dict[str, Any]]]] = {
    "created": _creation,
    "status_changed": lambda rng: {"current": rng.choice(_STATUSES)},
    "comment_added": lambda rng: {
        "author_role": rng.choice(_WRITERS),
        "is_public": rng.random() < 0.8,
        "session_id": rng.choice(("chat_1", "chat_2", None, None, None)),
    },
    "priority_changed": lambda rng: {"current": rng.choice(_PRIORITIES)},
    "schedule_changed": lambda rng: {"current": rng.choice(_SCHEDULES)},
    "agent_assignment_changed": lambda rng: {"current": rng.choice(_AGENTS)},
    "blocked": lambda rng: {
        "by": rng.choice(("customer", "internal")),
        "blocker_id": rng.choice(("b1", "b2", None)),
    },
    "unblocked": lambda rng: {
        "by": rng.choice(("customer", "internal", None)),
        "blocker_id": rng.choice(("b1", "b2", None, None)),
    },
    "work_logged": lambda rng: {"seconds": rng.choice((0, 1, 90.5, 3_600))},
    "escalated": lambda rng: {"target": rng.choice(("customer_success", "tier2", "manager"))},
    "problem_link_changed": lambda rng: {
        "current": rng.choice(("p1", "p2", None)),
        "problem_is_major": rng.choice((True, False, None)),
    },
    "merged": lambda rng: {"into_ticket_id": rng.choice(("t9", "t1", "t2", "t2"))},
}
"""What else a fact says, by kind."""

TELLERS: Final[tuple[Callable[[Story], None], ...]] = (_support, _support)

"""Tickets told in words: what happened, in hours after the start."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.support import (
    blocking,
    escalations,
    first_contact,
    handling,
    major_accounts,
    majors,
    merged_work,
    orphans,
    reassignments,
    reopenings,
    replies,
    requester_wait,
    sla,
    times,
    volume,
)
from aggregates.usage import activity
from tests.aggregates.folding import HOUR, START, Told, fold, level, story

FAMILIES: Final = tuple(
    module.FAMILY
    for module in (
        *(volume, times, first_contact, replies, blocking, handling),
        *(reopenings, escalations, majors, major_accounts, sla, activity),
        *(reassignments, requester_wait, merged_work, orphans),
    )
)

PLAN: Final = Plan(families=FAMILIES)


_DESK: Final = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-12:00", "13:00-17:30"))
_NIGHTS: Final = dict.fromkeys(("fri", "sat", "sun"), ("00:00-06:00", "22:00-24:00"))

SCHEDULES: Final[Mapping[str, Any]] = {
    "default": [
        {"hours": _DESK, "timezone": "Europe/Berlin", "holidays": ["2026-03-04"]},
        {"hours": _DESK, "timezone": "Asia/Tokyo", "valid_from": "2026-03-09T00:00:00Z"},
    ],
    "nights": [{"hours": _NIGHTS, "timezone": "America/New_York"}],
}
"""Business hours: a desk that moved from Berlin to Tokyo, and nights at the weekend."""


def plan_of(**settings: Any) -> Plan:
    """Returns the plan of the same families under other settings."""
    return Plan(Policy(**settings), FAMILIES)


Step = tuple[float, str] | tuple[float, str, Any]

_PUBLIC = {"is_public": True}
_FACTS: Mapping[str, tuple[str, str | None, Mapping[str, Any]]] = {
    "created": ("ticket.created", "status", {}),
    "created by": ("ticket.created", "submitter_role", {}),
    "status": ("ticket.status_changed", "current", {}),
    "reply": ("ticket.comment_added", "author_role", _PUBLIC),
    "note": ("ticket.comment_added", "author_role", {"is_public": False}),
    "merged": ("ticket.merged", "into_ticket_id", {}),
    "deleted": ("ticket.deleted", None, {}),
    "spam": ("ticket.marked_as_spam", None, {}),
    "undeleted": ("ticket.undeleted", None, {}),
    "priority": ("ticket.priority_changed", "current", {}),
    "schedule": ("ticket.schedule_changed", "current", {}),
    "assigned": ("ticket.agent_assignment_changed", "current", {}),
    "linked": ("ticket.problem_link_changed", "current", {}),
    "escalated": ("ticket.escalated", "target", {}),
    "blocked": ("ticket.blocked", "by", {}),
    "unblocked": ("ticket.unblocked", "by", {}),
    "worked": ("ticket.work_logged", "seconds", {}),
    "declared": ("ticket.major_declared", None, {}),
    "resolved": ("ticket.major_resolved", None, {}),
}
"""Words of the stories: the type, the field that a third word gives, and other fields.

A mapping in place of the third word gives several fields.
"""


def told(steps: Sequence[Step], ticket_id: str = "t1") -> list[Told]:
    """Tells what happened to one ticket."""
    facts = []
    for hours, word, *given in steps:
        kind, name, data = _FACTS[word]
        fields = given[0] if given else {}
        told_fields = fields if isinstance(fields, Mapping) else {name: fields}
        facts.append((hours, kind, {**data, **told_fields}))
    return story(facts, prefix=ticket_id, ticket_id=ticket_id)


def folded(steps: Sequence[Step], plan: Plan = PLAN) -> Shard:
    """Folds what happened to one ticket."""
    return fold(plan, "ticket", told(steps))


def spans(shard: Shard, *series: str, hours: int = 100) -> list[tuple[int, int]]:
    """Returns where a series is 1, in hours after the start; the end of the look is an end."""
    held: list[tuple[int, int]] = []
    for hour in range(hours):
        value = level(shard, series, START + hour * HOUR + 1)
        assert value in (0, 1)
        if value and held and held[-1][1] == hour:
            held[-1] = held[-1][0], hour + 1
        elif value:
            held.append((hour, hour + 1))
    return held

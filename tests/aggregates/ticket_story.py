"""Tickets told in words: what happened, in hours after the start."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aggregates.families import ticket_times, tickets, usage
from aggregates.plan import Plan
from aggregates.shard import Shard
from tests.aggregates.folding import HOUR, START, Told, fold, level, story

PLAN: Final = Plan(families=[tickets.FAMILY, ticket_times.FAMILY, usage.FAMILY])

Step = tuple[float, str] | tuple[float, str, str]

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
}
"""Words of the stories: the type, the field that a third word gives, and other fields."""


def told(steps: Sequence[Step], ticket_id: str = "t1") -> list[Told]:
    """Tells what happened to one ticket."""
    facts = []
    for hours, word, *given in steps:
        kind, name, data = _FACTS[word]
        facts.append((hours, kind, {**data, **({name: given[0]} if name and given else {})}))
    return story(facts, prefix=ticket_id, ticket_id=ticket_id)


def folded(steps: Sequence[Step]) -> Shard:
    """Folds what happened to one ticket."""
    return fold(PLAN, "ticket", told(steps))


def spans(shard: Shard, *series: str, hours: int = 100) -> list[tuple[int, int]]:
    """Gives where a series is 1, in hours after the start; the end of the look is an end."""
    held: list[tuple[int, int]] = []
    for hour in range(hours):
        value = level(shard, series, START + hour * HOUR + 1)
        assert value in (0, 1)
        if value and held and held[-1][1] == hour:
            held[-1] = held[-1][0], hour + 1
        elif value:
            held.append((hour, hour + 1))
    return held

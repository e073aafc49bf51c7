"""A history: the facts of one entity in their own order, whatever the order of arrival.

Facts are kept sorted by (effective time, sequence, occurrence), once each. What these leave open is
decided by what is told, and never by the ids of events: by its type, for what begins is before what
changes, and that before what ends; then by its content. A retraction names an event and takes its
fact out of what stands, also when it arrives first; the fact itself stays, so that a redelivery
is still known.

A history takes no more than ``FACTS_MAX`` facts, nor more than ``HISTORY_BYTES_MAX``: it is packed
anew whenever it changes, and must fit a record of the changelog.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise
from sys import intern
from typing import Any, Final

import msgspec

from events import Event
from events.retraction import Target


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that is valid in itself but cannot be folded: it belongs with the dead letters.

    Attributes:
        index: Its place among the records that were decoded together.
        reason: A slug, such as ``conflict``.
        detail: What is wrong, in words.
    """

    index: int
    reason: str
    detail: str


class Outcome(StrEnum):
    """What folding one event did."""

    FOLDED = "folded"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    FULL = "full"


FULL_DETAIL: Final = "what it is about has as many events as a row of the tables can hold"
"""What ``Outcome.FULL`` means, in words."""


class Fact(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """One event in the history of an entity, reduced to what contributions need.

    Attributes:
        effective_ms: When it takes effect, ms of the epoch.
        sequence: The producer's order inside the entity; empty if none.
        time_ms: When it occurred.
        id: Event id, unique within its source.
        source: Event source.
        type: Event type.
        data: The fields that the row kind keeps, without those that are absent.
    """

    effective_ms: int
    sequence: str
    time_ms: int
    id: str
    source: str
    type: str
    data: dict[str, Any]

    @property
    def instant(self) -> tuple[int, str, int, int]:
        """The place of the fact among others of its entity, but for what the content decides."""
        return self.effective_ms, self.sequence, self.time_ms, rank_of(self.type)

    @property
    def order(self) -> tuple[tuple[int, str, int, int], str, bytes, str, str]:
        """The place of the fact among others of its entity."""
        content = msgspec.json.encode(self.data, order="deterministic")
        return self.instant, self.type, content, self.id, self.source


def fact_of(event: Event, data: Mapping[str, Any], effective_ms: int | None = None) -> Fact:
    """Makes a fact of an event; texts and fields that recur in other events are kept once.

    Args:
        event: The event.
        data: The fields to keep; ``None`` values are left out.
        effective_ms: The domain's own date of effect, where it overrides the envelope's.
    """
    kept = {
        name: intern(value) if type(value) is str else value
        for name, value in data.items()
        if value is not None
    }
    return Fact(
        event.effective_ms if effective_ms is None else effective_ms,
        event.sequence,
        event.time_ms,
        event.id,
        intern(event.source),
        intern(event.type),
        _of_all(tuple(kept.items())) if _RECURRING.issuperset(map(type, kept.values())) else kept,
    )


_RECURRING: Final = frozenset((str, bool))
"""Types of values that fields often have in common with those of other facts."""


@lru_cache(4_096)
def _of_all(fields: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """Returns fields as one object for all facts that have them; not to be changed."""
    return dict(fields)


_RANKS: Final = (
    ("transferred",),
    ("created", "added", "started", "seen"),
    ("comment_added", "renewed", "work_logged"),
    ("updated",),
    ("resumed", "reopened", "undeleted", "unblocked", "major_declared"),
    ("paused", "blocked", "completed", "converted", "major_resolved"),
    ("cancellation_requested", "marked_as_spam"),
    ("cancelled", "merged"),
    ("deleted", "removed"),
)
"""Types of events by what follows the entity's name, in the order in which they are taken where
they take effect at one instant; all others are taken as updates are."""

_RANK_OF: Final = {name: rank for rank, names in enumerate(_RANKS) for name in names}


@cache
def rank_of(event_type: str) -> int:
    """Returns the place of a type among those that take effect at one instant.

    >>> rank_of("user.added") < rank_of("ticket.status_changed") < rank_of("task.cancelled")
    True
    """
    return _RANK_OF.get(event_type.rpartition(".")[2], _RANK_OF["updated"])


def in_order(facts: list[Fact]) -> list[Fact]:
    """Returns facts in order of which only those that an instant leaves open may be in another."""
    for fact, after in pairwise(facts):
        if fact.time_ms == after.time_ms and fact.effective_ms == after.effective_ms:
            return sorted(facts, key=_order)
    return facts


FACTS_MAX: Final = 50_000
"""Facts of one history: an hourly change for more than five years."""

HISTORY_BYTES_MAX: Final = 10 * 2**20
"""What the facts of one history take when they are packed, with the ids by which they can be taken
back."""

_FACT_BYTES: Final = 40
"""What a packed fact takes at most, besides its texts and data."""

_NONE: Final[set[Target]] = set()
"""What most histories share that nothing was retracted of; never changed."""

INDEXED_FROM: Final = 32
"""Facts from which on a history finds known events by an index; most histories are shorter."""


class History:
    """Facts in order, each once, and what was retracted."""

    __slots__ = ("_bytes", "_index", "facts", "retracted")

    def __init__(
        self, facts: list[Fact] | None = None, retracted: set[Target] | None = None
    ) -> None:
        """Takes facts already in order."""
        self.facts = facts or []
        self.retracted = retracted or _NONE
        self._index: dict[tuple[str, str], Fact] | None = None
        self._bytes: int | None = None

    def insert(self, fact: Fact) -> Outcome:
        """Files a fact under its order.

        Returns:
            With nothing changed ``CONFLICT``, if the same (source, id) is known with other
            content, and ``FULL``, if no further fact is taken.
        """
        known = self._known(fact)
        if known is not None:
            return Outcome.DUPLICATE if known == fact else Outcome.CONFLICT
        if self._bytes is None:
            self._bytes = sum(map(_bytes_of, self.facts))
        filled = self._bytes + _bytes_of(fact)
        if len(self.facts) >= FACTS_MAX or filled > HISTORY_BYTES_MAX:
            return Outcome.FULL
        self._bytes = filled
        place = bisect_left(self.facts, fact.instant, key=_instant)
        if place < len(self.facts) and self.facts[place].instant == fact.instant:
            place = bisect_left(self.facts, fact.order, place, key=_order)
        self.facts.insert(place, fact)
        if self._index is not None:
            self._index[fact.source, fact.id] = fact
        return Outcome.FOLDED

    def _known(self, fact: Fact) -> Fact | None:
        """Returns the fact of the same event, or None."""
        if len(self.facts) < INDEXED_FROM:
            for known in self.facts:
                if known.id == fact.id and known.source == fact.source:
                    return known
            return None
        if self._index is None:
            self._index = {(known.source, known.id): known for known in self.facts}
        return self._index.get((fact.source, fact.id))

    def holds(self, target: Target) -> bool:
        """Returns whether an event is there and not retracted."""
        return target not in self.retracted and any(
            target in (fact.id, (fact.source, fact.id)) for fact in self.facts
        )

    def retract(self, target: Target) -> None:
        """Takes an event out of what stands."""
        if self.retracted is _NONE:
            self.retracted = set()
        self.retracted.add(target)

    def unretracted(self) -> list[Fact]:
        """Returns the facts that are not retracted, in order."""
        if not (gone := self.retracted):
            return self.facts
        return [f for f in self.facts if f.id not in gone and (f.source, f.id) not in gone]


def _bytes_of(fact: Fact) -> int:
    """Returns what a fact adds to a packed history, what names it twice: it may be retracted."""
    texts = 2 * (fact.source + fact.id) + fact.type + fact.sequence
    return _FACT_BYTES + len(texts.encode()) + len(msgspec.msgpack.encode(fact.data))


def _instant(fact: Fact) -> tuple[int, str, int, int]:
    return fact.instant


def _order(fact: Fact) -> tuple[tuple[int, str, int, int], str, bytes, str, str]:
    return fact.order

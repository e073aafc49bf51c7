"""A history: the facts of one entity in their own order, whatever the order of arrival.

Facts are kept sorted by (effective time, sequence, occurrence, id, source), once each. A retraction
names an event id and takes its fact out of what stands, also when it arrives first; the fact itself
stays, so that a redelivery is still known.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from events import Event


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


class Fact(msgspec.Struct, frozen=True, array_like=True, order=True):
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
    def order(self) -> tuple[int, str, int, str, str]:
        """The place of the fact among others of its entity."""
        return self.effective_ms, self.sequence, self.time_ms, self.id, self.source


def fact_of(event: Event, data: Mapping[str, Any], effective_ms: int | None = None) -> Fact:
    """Makes a fact of an event.

    Args:
        event: The event.
        data: The fields to keep; ``None`` values are left out.
        effective_ms: The domain's own date of effect, where it overrides the envelope's.
    """
    kept = {name: value for name, value in data.items() if value is not None}
    return Fact(
        event.effective_ms if effective_ms is None else effective_ms,
        event.sequence,
        event.time_ms,
        event.id,
        event.source,
        event.type,
        kept,
    )


INDEXED_FROM: Final = 32
"""Facts from which on a history finds known events by an index; most histories are shorter."""


class History:
    """Facts in order, each once, and the ids of retracted events."""

    __slots__ = ("_index", "facts", "retracted")

    def __init__(self, facts: list[Fact] | None = None, retracted: set[str] | None = None) -> None:
        """Takes facts already in order."""
        self.facts = facts or []
        self.retracted = retracted or set()
        self._index: dict[tuple[str, str], Fact] | None = None

    def insert(self, fact: Fact) -> Outcome:
        """Files a fact under its order.

        Returns:
            ``CONFLICT``, with nothing changed, if the same (source, id) is known with other
            content.
        """
        known = self._known(fact)
        if known is not None:
            return Outcome.DUPLICATE if known == fact else Outcome.CONFLICT
        self.facts.insert(bisect_left(self.facts, fact.order, key=_order), fact)
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

    def holds(self, event_id: str) -> bool:
        """Returns whether an event is there and not retracted."""
        return event_id not in self.retracted and any(f.id == event_id for f in self.facts)

    def retract(self, event_id: str) -> None:
        """Takes an event out of what stands."""
        self.retracted.add(event_id)

    def unretracted(self) -> list[Fact]:
        """Returns the facts that are not retracted, in order."""
        if not self.retracted:
            return self.facts
        return [fact for fact in self.facts if fact.id not in self.retracted]


def _order(fact: Fact) -> tuple[int, str, int, str, str]:
    return fact.order

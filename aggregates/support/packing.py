"""Packing: the bytes of a history whose event types are known, in about half of the plain form.

Types and sources are written as numbers, instants as distances, counters as integers. The list of
types is durable: it may grow at its end, anything else needs another version of the row.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from aggregates.rows.history import Fact, History, in_order
from aggregates.rows.withdrawn import packable
from events.event import SEQUENCE_DIGITS
from events.retraction import Target

_INTEGER_MAX: Final = 2**63
"""What the packed form can hold as an integer lies below."""


class _PackedFact(msgspec.Struct, array_like=True):
    """A fact: its instant since the one before it, and its occurrence since its effect, in ms."""

    after_ms: int
    sequence: int | str
    occurred_ms: int
    id: str
    source: int
    type: int
    data: dict[str, Any]


class _PackedHistory(msgspec.Struct, array_like=True):
    sources: list[str]
    facts: list[_PackedFact]
    retracted: list[Target]


_decoder = msgspec.msgpack.Decoder(_PackedHistory)


class Packing:
    """Packs histories of some event types."""

    def __init__(self, types: Sequence[str]) -> None:
        self._types = tuple(types)
        self._numbers = {name: number for number, name in enumerate(types)}

    def pack(self, row: History) -> bytes:
        """Packs the facts and retractions."""
        sources = sorted({fact.source for fact in row.facts})
        places = {source: place for place, source in enumerate(sources)}
        instants = [0, *(fact.effective_ms for fact in row.facts)]
        facts = [
            _PackedFact(
                after - before,
                _counter(fact.sequence),
                fact.time_ms - fact.effective_ms,
                fact.id,
                places[fact.source],
                self._numbers[fact.type],
                fact.data,
            )
            for fact, (before, after) in zip(row.facts, pairwise(instants), strict=True)
        ]
        return msgspec.msgpack.encode(_PackedHistory(sources, facts, packable(row.retracted)))

    def unpack(self, packed: bytes) -> tuple[list[Fact], set[Target]]:
        """Unpacks the facts and retractions.

        Raises:
            msgspec.DecodeError: If the bytes are no packed history.
        """
        stored = _decoder.decode(packed)
        facts = []
        effective_ms = 0
        for stored_fact in stored.facts:
            effective_ms += stored_fact.after_ms
            sequence = stored_fact.sequence
            facts.append(
                Fact(
                    effective_ms,
                    sequence if isinstance(sequence, str) else f"{sequence:0{SEQUENCE_DIGITS}}",
                    effective_ms + stored_fact.occurred_ms,
                    stored_fact.id,
                    stored.sources[stored_fact.source],
                    self._types[stored_fact.type],
                    stored_fact.data,
                )
            )
        return in_order(facts), set(stored.retracted)


def _counter(sequence: str) -> int | str:
    """Returns a producer's counter as an integer, other text as it is.

    >>> _counter("00000000000000000007"), _counter("7"), _counter("")
    (7, '7', '')
    """
    if len(sequence) == SEQUENCE_DIGITS and sequence.isascii() and sequence.isdigit():
        number = int(sequence)
        return number if number < _INTEGER_MAX else sequence
    return sequence

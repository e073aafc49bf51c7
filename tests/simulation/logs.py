"""Logs of a broker in memory, and where records of events lie in them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from faust.types import TP

from events import Decoder
from events.topics import topics_for
from streams.kafka.placement import partition_of
from streams.kafka.topics import Topics


class Kept(NamedTuple):
    """A record in a log."""

    offset: int
    key: bytes
    value: bytes
    timestamp: int = 0
    headers: Sequence[tuple[str, bytes | None]] = ()


@dataclass
class Logs:
    """Logs by topic and partition.

    Attributes:
        logs: The records that are there.
        ends: Offsets that the next ones get.
    """

    logs: dict[TP, list[Kept]] = field(default_factory=lambda: defaultdict(list))
    ends: dict[TP, int] = field(default_factory=lambda: defaultdict(int))

    def append(self, tp: TP, key: bytes | None, value: bytes) -> None:
        """Appends a record."""
        self.logs[tp].append(Kept(self.ends[tp], key or b"", value))
        self.ends[tp] += 1

    def compact(self, tp: TP) -> None:
        """Leaves the last record of each key."""
        last = {record.key: record.offset for record in self.logs[tp]}
        self.logs[tp] = [each for each in self.logs[tp] if last[each.key] == each.offset]


@cache
def places_of(record: bytes, partitions: int) -> list[tuple[TP, bytes]]:
    """Returns where an event lies and under which keys; nowhere if it is none."""
    batch = Decoder().decode([record])
    found: list[Any] = [*batch.events, *batch.uses, *batch.sessions]
    if not found:
        return []
    (event,) = found
    topics: Sequence[str] = ("usage",)
    keys: Sequence[str] = (event.data.account_id,)
    if batch.events:
        topics, keys = topics_for(event), event.keys
    return [
        (TP(Topics().source(topic), partition_of(key, partitions)), key.encode())
        for key in keys
        for topic in topics
    ]

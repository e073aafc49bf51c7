"""The intake: records of any topic, decoded and folded into in-process partitions.

Replay and the embedded service use it. The fold is the worker's; only the way records arrive
differs.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, cast
from zlib import crc32

from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import (
    ATTRIBUTE_TYPES,
    EVENT_RETRACTED,
    MISPLACED,
    RETRACTION_TOPICS,
    TOPICS,
    WRONG_PARTITION,
    Batch,
    Decoder,
    Event,
    topic_of,
)
from events.fields import label_of
from events.retraction import EventRetracted

SAMPLES_MAX: Final = 5
"""Rejected records that are shown one by one; the others are counted."""

_USAGE: Final = "usage"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was not folded.

    Attributes:
        number: Its number in the source, from 1.
        reason: A slug to count by.
        detail: What is wrong, in words.
    """

    number: int
    reason: str
    detail: str


def topics_for(event: Event) -> tuple[str, ...]:
    """Returns the topics that an event goes to; a retraction may be meant for several."""
    if event.type == EVENT_RETRACTED:
        retracted = cast(EventRetracted, event.data).retracts_type
        topic = topic_of(event.type, {"retracts_type": retracted})
        return (topic,) if topic else RETRACTION_TOPICS
    topic = topic_of(event.type)
    assert topic is not None, "the decoder lets no unknown type through"
    return (topic,)


def _attributes_of(event: Event) -> set[str]:
    """Returns the attributes of its account that an event gives a value."""
    if event.type not in ATTRIBUTE_TYPES:
        return set()
    given = {name: getattr(event.data, name) for name in ("account_id", *event.told)}
    return {name for name, value in (given | dict(event.own)).items() if label_of(value)}


class Intake:
    """Partitions of one process, and what became of the records they were given.

    Attributes:
        plan: What the partitions share.
        shards: The partitions.
        records: Records taken so far.
        rejected: Records that were not folded, by reason.
        ignored: Records that were well-formed but unheeded, by reason.
        samples: The first records that were not folded.
        attributes: Names of the attributes of accounts that some event gave a value.
    """

    def __init__(
        self, plan: Plan, partitions: int = 1, *, type_prefix: str = "", bulk: bool = False
    ) -> None:
        self.plan = plan
        self.shards = [
            Shard(plan, number, bulk=bulk, holds=partial(self._holds, number))
            for number in range(partitions)
        ]
        self.records = 0
        self.rejected: Counter[str] = Counter()
        self.ignored: Counter[str] = Counter()
        self.samples: list[Rejected] = []
        self.attributes: set[str] = set()
        self._decoders = {topic: Decoder(type_prefix, topic=topic) for topic in (None, *TOPICS)}
        self._placed: dict[str, int] = {}

    def take(
        self,
        values: Sequence[bytes],
        topic: str | None = None,
        belongs: Callable[[str], bool] | None = None,
    ) -> None:
        """Decodes and folds records.

        Args:
            values: The records.
            topic: Short name of the topic they lie in, which takes no others; None for a mixed
                file, where each goes to the topic of its type.
            belongs: Whether records under a key may lie where these do; None if all may.
        """
        batch = self._decoders[topic].decode(values)
        if belongs is not None:
            for index in batch.take_out(belongs):
                self._reject(index, WRONG_PARTITION, MISPLACED)
        self.ignored.update(batch.ignored)
        for reject in batch.rejects:
            self._reject(reject.index, reject.reason, reject.detail)
        for (name, partition), part in self._parts(batch, topic).items():
            for refusal in self.shards[partition].fold(name, part):
                self._reject(refusal.index, refusal.reason, refusal.detail)
        self.records += len(values)

    def settle(self) -> None:
        """Brings every partition's ledger up to date, and rows to where they are read."""
        unsettled = set(self.shards)
        while unsettled:
            for shard in unsettled:
                shard.settle()
            unsettled = set()
            for shard in self.shards:
                for moved in shard.handover.take_moved():
                    taker = self.shards[self._place(moved.account)]
                    taker.handover.receive(moved.key, moved.value)
                    unsettled.add(taker)

    def _holds(self, partition: int, account: str) -> bool:
        return self._place(account) == partition

    def _parts(self, batch: Batch, topic: str | None) -> dict[tuple[str, int], Batch]:
        parts: dict[tuple[str, int], Batch] = {}
        if len(self.shards) == 1:
            if batch.uses or batch.sessions:
                parts[_USAGE, 0] = Batch(uses=batch.uses, sessions=batch.sessions)
        else:
            for use in batch.uses:
                place = _USAGE, self._place(use.data.account_id)
                parts.setdefault(place, Batch()).uses.append(use)
            for session in batch.sessions:
                place = _USAGE, self._place(session.data.account_id)
                parts.setdefault(place, Batch()).sessions.append(session)
        for event in batch.events:
            self.attributes |= _attributes_of(event)
            partitions = {self._place(key) for key in event.keys}
            for name in (topic,) if topic else topics_for(event):
                for partition in sorted(partitions):
                    parts.setdefault((name, partition), Batch()).events.append(event)
        return parts

    def _place(self, key: str) -> int:
        if len(self.shards) == 1:
            return 0
        place = self._placed.get(key)
        if place is None:
            place = self._placed[key] = crc32(key.encode()) % len(self.shards)
        return place

    def _reject(self, index: int, reason: str, detail: str) -> None:
        self.rejected[reason] += 1
        if len(self.samples) < SAMPLES_MAX:
            self.samples.append(Rejected(self.records + index + 1, reason, detail))

"""The intake: records of any topic, decoded and folded into in-process partitions.

Replay and the embedded service use it. The fold is the worker's; only the way records arrive
differs.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aggregates.rows.history import Refusal
from aggregates.shard.exchange import settle_together
from aggregates.shard.left_out import MIXED, LeftOut, by_reason
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import (
    ATTRIBUTE_TYPES,
    MISPLACED,
    TOPICS,
    WRONG_PARTITION,
    Batch,
    Decoder,
    Event,
    Reject,
    topics_for,
)
from events.dialect import PLAIN, Dialect
from events.fields import label_of
from streams.local.dealing import Dealt, Share, part_of
from streams.local.history import SAMPLES_MAX, Belongs, History, Rejected

_USAGE: Final = "usage"


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
        left_out: What was not folded or not heeded, by topic and reason.
        samples: The first records that were not folded.
        attributes: Names of the attributes of accounts that some event gave a value.
    """

    def __init__(
        self,
        plan: Plan,
        partitions: int = 1,
        *,
        dialect: Dialect = PLAIN,
        bulk: bool = False,
        lasting: bool = True,
        share: Share | None = None,
    ) -> None:
        """Makes empty partitions.

        Args:
            plan: What they share.
            partitions: How many there are.
            dialect: How producers write events.
            bulk: Whether ledgers are computed from the rows once all is taken.
            lasting: Whether more is to come then; if not, no rows are left.
            share: What is held of a history that is dealt to several processes; of one partition.
        """
        self.plan = plan
        self._share = share or Share(0, 1)
        self.shards = [
            Shard(plan, number, bulk=bulk, lasting=lasting, holds=partial(self._holds, number))
            for number in range(partitions)
        ]
        self.records = 0
        self.left_out = LeftOut()
        self.samples: list[Rejected] = []
        self.attributes: set[str] = set()
        self._decoders = {topic: Decoder(dialect, topic=topic) for topic in (None, *TOPICS)}
        self._placed: dict[str, int] = {}

    @property
    def rejected(self) -> Counter[str]:
        """Records that were not folded, by reason."""
        return by_reason(self.left_out.rejected)

    @property
    def ignored(self) -> Counter[str]:
        """What was well-formed but unheeded, by reason."""
        return by_reason(self.left_out.ignored)

    def take(
        self, values: Sequence[bytes], topic: str | None = None, belongs: Belongs = None
    ) -> list[Refusal]:
        """Decodes and folds records.

        Args:
            values: The records.
            topic: Short name of the topic they lie in, which takes no others; None for a mixed
                file, where each goes to the topic of its type.
            belongs: Whether records under a key may lie where these do; None if all may.

        Returns:
            The events that cannot be folded.
        """
        batch = self._decoders[topic].decode(values)
        numbers = range(self.records + 1, self.records + 1 + len(values))
        refusals = self._take(batch, topic, _foreign(batch, belongs), numbers)
        self.records += len(values)
        return refusals

    def take_dealt(self, dealt: Dealt) -> None:
        """Decodes and folds what is of this intake's share in the records that it was dealt.

        What is wrong with a record that all parts were dealt is told by the first of them.
        """
        decoder = self._decoders[dealt.topic]
        batch = decoder.decode(dealt.values)
        foreign = _foreign(batch, dealt.belongs)
        if dealt.shared:
            shared = frozenset(dealt.shared)
            batch.take_out(self._share.holds, shared)
            if self._share.part:
                again = decoder.decode([dealt.values[place] for place in dealt.shared])
                batch.ignored -= again.ignored
                batch.rejects = [each for each in batch.rejects if each.index not in shared]
                foreign = [each for each in foreign if each not in shared]
        self._take(batch, dealt.topic, foreign, dealt.numbers)

    def history(self) -> History:
        """Brings the ledger up to date, and returns what all records came to.

        Only of one partition.
        """
        self.settle()
        [shard] = self.shards
        return History(
            shard.ledger, self.records, self.rejected, self.ignored, self.samples, self.attributes
        )

    def settle(self) -> None:
        """Brings every partition's ledger up to date, and rows to where they are read.

        Nothing can be taken any more if no more was to come.
        """
        settle_together(self.shards, self._place)
        for shard in self.shards:
            shard.finish()

    def _take(
        self,
        batch: Batch,
        topic: str | None,
        foreign: list[int],
        numbers: range | NDArray[np.int64],
    ) -> list[Refusal]:
        """Folds decoded records, and tells of the others in the order of their numbers.

        A record counts once, though parts of it were refused under several accounts or topics.
        """
        told = topic or MIXED
        bad: dict[int, tuple[str, Reject | Refusal]] = {
            index: (told, Refusal(index, WRONG_PARTITION, MISPLACED)) for index in foreign
        }
        bad |= {each.index: (told, each) for each in batch.rejects}
        self.left_out.ignore(told, batch.ignored)
        refusals: list[Refusal] = []
        for (name, partition), part in self._parts(batch, topic).items():
            for each in self.shards[partition].fold(name, part):
                refusals.append(each)
                bad.setdefault(each.index, (name, each))
        for index, (name, wrong) in sorted(bad.items()):
            number = int(numbers[index])
            self.left_out.reject(name, f"record {number}", wrong)
            if len(self.samples) < SAMPLES_MAX:
                self.samples.append(Rejected(number, wrong.reason, wrong.detail))
        return refusals

    def _holds(self, partition: int, account: str) -> bool:
        return self._place(account) == partition and self._share.holds(account)

    def _parts(self, batch: Batch, topic: str | None) -> dict[tuple[str, int], Batch]:
        parts: defaultdict[tuple[str, int], Batch] = defaultdict(Batch)
        if len(self.shards) == 1:
            if batch.uses or batch.sessions:
                parts[_USAGE, 0] = Batch(uses=batch.uses, sessions=batch.sessions)
        else:
            for use in batch.uses:
                parts[_USAGE, self._place(use.data.account_id)].uses.append(use)
            for session in batch.sessions:
                parts[_USAGE, self._place(session.data.account_id)].sessions.append(session)
        for event in batch.events:
            self.attributes |= _attributes_of(event)
            partitions = {self._place(key) for key in event.keys}
            for name in (topic,) if topic else topics_for(event):
                for partition in sorted(partitions):
                    parts[name, partition].events.append(event)
        return parts

    def _place(self, key: str) -> int:
        if len(self.shards) == 1:
            return 0
        place = self._placed.get(key)
        if place is None:
            place = self._placed[key] = part_of(key.encode(), len(self.shards))
        return place


def _foreign(batch: Batch, belongs: Belongs) -> list[int]:
    """Takes out what lies where its account's records do not; returns its places."""
    return [] if belongs is None else batch.take_out(belongs)

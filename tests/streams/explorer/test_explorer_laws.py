"""An explorer beside workers that suffer: what it shows is what was stored, never a part of it."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import KafkaTimeoutError
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.measure import Segment, Series
from aggregates.shard.exchange import settle_together
from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.shard import Shard
from events import TOPICS, Decoder
from exporters.boards.memory_board import MemoryBoard
from exporters.feed import Feed
from streams.explorer.explorer import Explorer
from streams.explorer.tables import Tables
from streams.kafka.batches import KeyValue
from streams.kafka.placement import partition_of, placed
from streams.worker.changelog import unpack_header
from tests.aggregates.shard.test_merged_accounts import (
    PLAN,
    Told,
    figures,
    histories,
    merges,
)
from tests.examples import examples
from tests.streams.worker.memory_cluster import NAMES, PARTITIONS, Broker, MemoryCluster, added
from tests.streams.worker.test_moved_rows_laws import CHANGELOGS, told_with_merges

Cells = dict[tuple[Series, Segment, int], int]
OWN = fingerprint_of(PLAN)

_numbers = st.integers(0, PARTITIONS - 1)
_splits = st.integers(0, PARTITIONS)
_steps = st.one_of(
    st.tuples(st.just("fold"), _numbers, st.integers(1, 9)),
    st.tuples(st.just("store"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("begin"), st.just(0), st.just(0)),
    st.tuples(st.just("cut short"), st.integers(0, 1), _splits),
    st.tuples(st.just("kill"), _splits, st.just(0)),
    st.tuples(st.just("zombie"), _numbers, st.integers(0, 99)),
    st.tuples(st.just("compact"), _numbers, st.just(0)),
)
Step = tuple[str, int, int]


@dataclass
class TornBroker(Broker):
    """A broker that may lose its writer before the marker: all else of a checkpoint is there.

    Attributes:
        tears: Whether it does so now.
        folds: Folds of its topics up to some offsets: the same whoever tells of them, since no
            event changes once it is there.
    """

    tears: bool = False
    folds: dict[tuple[int, ...], Cells] = field(default_factory=dict)

    async def deliver(self, tp: TP, batches: Sequence[list[KeyValue]]) -> list[tuple[int, int]]:
        """Stores batches, or all but the marker."""
        if self.tears and tp.topic in CHANGELOGS:
            await super().deliver(tp, [batch[:-1] for batch in batches])
            raise KafkaTimeoutError("no answer")
        return await super().deliver(tp, batches)


class Watched:
    """An explorer that reads the broker of a cluster, a few records at a time."""

    def __init__(self, broker: TornBroker) -> None:
        """Begins as a new process does: it reads up to where logs end now."""
        self.broker = broker
        self.board = MemoryBoard()
        self.explorer = Explorer(PLAN, Tables(NAMES, PARTITIONS, {}), self.board, OWN)
        self.feed = Feed(self.board, fingerprint=OWN)
        for each in self.explorer.partitions:
            for course in each.courses.values():
                course.begin_at(broker.starts[course.tp], broker.ends[course.tp])
                course.apply(self.unread(course.tp, course.start))
            each.file()
            each.shard.rebuild()
        self.explorer.begin()
        self.look(0)

    def unread(self, tp: TP, begin: int) -> list[Any]:
        """The records from an offset on."""
        return [each for each in self.broker.logs[tp] if each.offset >= begin]

    def look(self, most: int) -> None:
        """Takes at most so many records of each changelog; what is whole then is checked."""
        for course in self.explorer.courses:
            course.apply(self.unread(course.tp, course.next)[:most])
        self.explorer.publish(self.broker.ends, 0.0)
        self.feed.refresh()
        if self.feed.state().complete:
            assert self.shown() == self.stored()

    def shown(self) -> Cells:
        """The merged ledger on the board."""
        return added([self.feed.ledger.cells])

    def stored(self) -> Cells:
        """A fold of each topic up to the offset that the explorer tells of it."""
        told = tuple(course.done for course in self.explorer.courses)
        if told not in self.broker.folds:
            self.broker.folds[told] = self.folded()
        return self.broker.folds[told]

    def folded(self) -> Cells:
        """The same, computed."""
        shards = [Shard(PLAN, n, bulk=True, holds=placed(n, PARTITIONS)) for n in range(PARTITIONS)]
        for shard, each in zip(shards, self.explorer.partitions, strict=True):
            for topic, course in each.courses.items():
                read = self.broker.logs[course.source][: course.done]
                batch = Decoder(topic=topic).decode([kept.value for kept in read])
                batch.key_at = lambda index, read=read: read[index].key
                shard.fold(topic, batch)
        settle_together(shards, lambda account: partition_of(account, PARTITIONS))
        return added(shard.ledger.cells for shard in shards)


def haunt(cluster: MemoryCluster, number: int, index: int) -> None:
    """Writes an old row once more, as a zombie does, if it is of a former owner."""
    tp = TP(NAMES.changelog(TOPICS[index % len(TOPICS)]), number)
    if log := cluster.broker.logs[tp]:
        late = log[index % len(log)]
        if unpack_header(late.value).epoch < cluster.owner(number).owned[number].epoch:
            cluster.broker.append(tp, late.key, late.value)


async def take(cluster: MemoryCluster, broker: TornBroker, step: Step) -> None:
    """Does one thing to a cluster."""
    what, number, extent = step
    match what:
        case "fold":
            cluster.owner(number).fold(number, extent)
        case "store":
            await cluster.workers[number].store()
        case "cut short":
            broker.tears = True
            with contextlib.suppress(KafkaTimeoutError):
                await cluster.workers[number].store()
            broker.tears = False
            await cluster.share(extent)
        case "kill":
            await cluster.share(number)
        case "zombie":
            haunt(cluster, number, extent)
        case "compact":
            for topic in TOPICS:
                broker.compact(TP(NAMES.changelog(topic), number))


async def run(records: Sequence[bytes], steps: Sequence[Step], random: Any) -> list[Watched]:
    """Lets explorers watch a cluster that suffers, until nothing is behind."""
    cluster = MemoryCluster(PLAN, records)
    broker = TornBroker(cluster.broker.logs, cluster.broker.ends)
    cluster.broker = broker
    first = Watched(broker)
    assert not first.feed.state().complete, "no worker has stored anything"
    watched = [first]
    await cluster.share(2)
    for step in steps:
        if step[0] == "begin":
            watched.append(Watched(broker))
        else:
            await take(cluster, broker, step)
        for each in watched:
            each.look(random.choice([1, 2, 1_000]))
    await cluster.settle(7, random.shuffle)
    for worker in cluster.workers:
        await worker.store()
    watched.append(Watched(broker))
    for each in watched:
        each.look(1_000)
    return watched


@given(
    histories(least=12),
    merges,
    st.lists(_steps, min_size=4, max_size=16),
    st.randoms(use_true_random=False),
)
@examples(30)
def test_what_is_shown_is_a_fold_of_what_was_stored(
    told: list[Told], joined: list[tuple[str, str]], steps: list[Step], random: Any
) -> None:
    """Law: whenever an explorer is whole, its cells are those of a fold of each topic up to the
    offset that it tells, whatever part of which changelog it has read, however workers are killed,
    cut short amid a checkpoint or haunted, and logs compacted. Once all is stored and read, every
    explorer has the figures of one partition that was told everything."""
    records = told_with_merges(told, joined, random)
    expected = figures(records, 1, None)
    random.shuffle(records)
    for each in asyncio.run(run(records, steps, random)):
        state = each.feed.state()
        assert state.complete, state.reason
        assert each.shown() == expected

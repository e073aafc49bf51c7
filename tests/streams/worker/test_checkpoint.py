"""The checkpoint's steps: what is written when, what is acknowledged, what a failure leaves."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, cast

import pytest
from aiokafka.errors import KafkaTimeoutError
from faust.types import TP

from aggregates.shard.moves import MovedRow
from streams.kafka.batches import KeyValue
from streams.kafka.topics import Topics
from streams.worker.changelog import (
    HEADER_BYTES,
    MARKER_KEY,
    NO_STAMP,
    Marker,
    pack_header,
    unpack_header,
    unpack_marker,
)
from streams.worker.checkpoint import Checkpoint, LeaseLostError
from streams.worker.lease import Lease
from streams.worker.partition import Lane, Partition, new_partition
from tests.streams.worker.fake_shard import FakeBatch, FakeShard, Use, unpack

Written = list[tuple[str, list[KeyValue]]]


class FakeWriter:
    """Keeps what is delivered; can fail, wait, or leave a gap in the offsets."""

    def __init__(self) -> None:
        self.written: Written = []
        self.ends: dict[TP, int] = {}
        self.failing: set[str] = set()
        self.gate: asyncio.Event | None = None

    def pack(self, records: Iterable[KeyValue]) -> list[list[KeyValue]]:
        """One batch."""
        packed = [*records]
        return [packed] if packed else []

    async def deliver(self, tp: TP, batches: Sequence[list[KeyValue]]) -> list[tuple[int, int]]:
        """Delivers, or not."""
        if self.gate is not None:
            await self.gate.wait()
        if tp.topic in self.failing:
            raise KafkaTimeoutError("no answer")
        stretches = []
        for batch in batches:
            first = self.ends.get(tp, 0)
            self.ends[tp] = first + len(batch)
            self.written.append((tp.topic, batch))
            stretches.append((first, first + len(batch)))
        return stretches


class FakeRestorer:
    """Finds one stale key wherever it is asked to look."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    async def stale_keys(
        self, partition: Partition, lane: Lane, start: int, end: int
    ) -> set[bytes]:
        """The key u."""
        del partition, lane
        self.asked.append((start, end))
        return {b"u"}


class Bench:
    """One ready partition and its checkpoint."""

    def __init__(self) -> None:
        self.shard = FakeShard()
        self.partition = new_partition(0, cast(Any, self.shard), Topics())
        self.partition.ready = True
        self.partition.epoch = 5
        self.lane = self.partition.lanes["usage"]
        for lane in self.partition.lanes.values():
            lane.changelog_end = 0
        self.writer = FakeWriter()
        self.lease = Lease(10.0)
        self.lease.renew()
        self.restorer = FakeRestorer()
        self.acknowledged: list[Any] = []
        self.checkpoint = Checkpoint(
            cast(Any, self.writer),
            self.lease,
            Topics(),
            cast(Any, self.restorer),
            self.acknowledged.append,
        )

    def fold(self, name: str, user: str = "u") -> None:
        """Folds one event, as the folding would."""
        self.shard.fold("usage", FakeBatch([Use(0, name, user)]), self.lane.next)
        self.lane.next += 1
        self.partition.pending.append(cast(Any, name))
        self.partition.pending_records += 1

    async def run(self) -> None:
        """One checkpoint."""
        await self.checkpoint.run([self.partition])


async def test_letters_come_first_then_rows_with_their_marker_and_then_the_acknowledgement() -> (
    None
):
    """The marker is the last record and vouches for what lies before it."""
    bench = Bench()
    bench.fold("a")
    bench.fold("b", "v")
    bench.partition.dead_letters.append((b"k", b"letter"))
    await bench.run()
    (letters, bad), (topic, rows) = bench.writer.written
    assert (letters, bad) == ("tidemark.dead-letters", [(b"k", b"letter")])
    assert topic == "tidemark-usage-rows-v1-changelog"
    assert [key for key, _ in rows] == [b"u", b"v", MARKER_KEY]
    assert all(unpack_header(value) == (5, 1) for _, value in rows)
    assert unpack(rows[0][1][HEADER_BYTES:]) == {"a"}
    assert unpack_marker(rows[2][1]) == Marker(1, 2, 0)
    assert bench.acknowledged == ["a", "b"]
    assert bench.partition.pending_records == 0
    assert bench.lane.stored == 2
    assert not bench.partition.dead_letters


async def test_nothing_new_writes_nothing() -> None:
    """An idle partition needs neither the broker nor the lease."""
    bench = Bench()
    bench.lease.drop()
    await bench.run()
    assert not bench.writer.written


async def test_a_lost_lease_writes_nothing() -> None:
    """A worker that may have lost its partitions keeps all to itself."""
    bench = Bench()
    bench.fold("a")
    bench.lease.drop()
    with pytest.raises(LeaseLostError):
        await bench.run()
    assert not bench.writer.written
    assert not bench.acknowledged
    assert bench.shard.dirty == {"usage": {b"u"}}


async def test_a_failure_acknowledges_nothing_and_the_next_checkpoint_has_it_all() -> None:
    """Rows stay dirty and runs pending until the broker has taken them."""
    bench = Bench()
    bench.fold("a")
    bench.writer.failing.add(bench.lane.changelog.topic)
    with pytest.raises(KafkaTimeoutError):
        await bench.run()
    assert not bench.acknowledged
    assert bench.shard.dirty == {"usage": {b"u"}}
    bench.writer.failing.clear()
    bench.fold("b")
    await bench.run()
    assert unpack(bench.writer.written[-1][1][0][1][HEADER_BYTES:]) == {"a", "b"}
    assert bench.acknowledged == ["a", "b"]


async def test_letters_that_are_not_stored_hold_up_the_marker() -> None:
    """Nothing vouches for an offset whose dead letter the broker does not have."""
    bench = Bench()
    bench.fold("a")
    bench.partition.dead_letters.append((None, b"letter"))
    bench.writer.failing.add(Topics().dead_letters)
    with pytest.raises(KafkaTimeoutError):
        await bench.run()
    assert not bench.writer.written
    assert len(bench.partition.dead_letters) == 1


async def test_what_is_folded_while_the_broker_is_asked_belongs_to_the_next_one() -> None:
    """The snapshot is of one moment: later events are neither vouched for nor acknowledged."""
    bench = Bench()
    bench.fold("a")
    bench.writer.gate = asyncio.Event()
    running = asyncio.create_task(bench.run())
    for _ in range(5):
        await asyncio.sleep(0)
    bench.fold("b")
    bench.writer.gate.set()
    await running
    assert bench.acknowledged == ["a"]
    assert bench.lane.stored == 1
    assert unpack_marker(bench.writer.written[0][1][-1][1]).stamp == 0
    assert bench.shard.dirty == {"usage": {b"u"}}
    await bench.run()
    assert bench.acknowledged == ["a", "b"]


async def test_a_gap_in_our_own_offsets_is_somebody_elses_writing() -> None:
    """The rows that it shadows are written again with the next checkpoint, event or not."""
    bench = Bench()
    bench.fold("a")
    await bench.run()
    bench.writer.ends[bench.lane.changelog] += 3
    bench.fold("b", "v")
    await bench.run()
    assert bench.restorer.asked == [(2, 5)]
    await bench.run()
    assert [key for key, _ in bench.writer.written[-1][1]] == [b"u", MARKER_KEY]
    assert bench.lane.stored == 2


async def test_runs_of_a_partition_that_is_taken_away_are_not_acknowledged() -> None:
    """Its offsets are the next owner's to commit."""
    bench = Bench()
    bench.fold("a")
    bench.writer.gate = asyncio.Event()
    running = asyncio.create_task(bench.run())
    await asyncio.sleep(0)
    bench.partition.ready = False
    bench.writer.gate.set()
    await running
    assert not bench.acknowledged


async def test_a_new_owner_marks_every_changelog_before_anything_else() -> None:
    """One marker of the new epoch each; rows that a zombie had shadowed come with it."""
    bench = Bench()
    bench.fold("a")
    await bench.checkpoint.announce([bench.partition])
    assert {topic for topic, _ in bench.writer.written} == {*Topics().compacted}
    markers = [batch[-1] for _, batch in bench.writer.written]
    assert all(key == MARKER_KEY and unpack_header(value).epoch == 5 for key, value in markers)


async def test_the_markers_of_a_partition_that_was_kept_come_after_its_dead_letters() -> None:
    """They vouch for what was folded before the rebalance, unwritten letters too."""
    bench = Bench()
    bench.fold("a")
    bench.partition.dead_letters.append((b"k", b"letter"))
    await bench.checkpoint.announce([bench.partition])
    topics = [topic for topic, _ in bench.writer.written]
    assert topics.index(Topics().dead_letters) < topics.index(bench.lane.changelog.topic)
    assert not bench.partition.dead_letters


async def test_moved_rows_come_before_the_rows_that_they_were_made_of() -> None:
    """A crash in between sends them again; the other way round they would be lost.

    Their header says the epoch. The mere header says that a row is no longer read elsewhere.
    """
    bench = Bench()
    bench.fold("a")
    bench.shard.moved = {b"k": MovedRow("acct", b"k", b"row"), b"l": MovedRow("acct", b"l", b"")}
    await bench.run()
    assert [topic for topic, _ in bench.writer.written] == [
        Topics().moved,
        Topics().changelog("usage"),
    ]
    header = pack_header(5, NO_STAMP)
    assert bench.writer.written[0][1] == [(b"k", header + b"row"), (b"l", header)]
    assert bench.partition.moved_end == 2
    assert bench.partition.moved_under_way == bench.shard.moved_waiting == 0


async def test_moved_rows_alone_are_worth_a_checkpoint() -> None:
    """Rows come and go on to a third partition without an event of this one."""
    bench = Bench()
    bench.shard.moved = {b"k": MovedRow("acct", b"k", b"row")}
    await bench.run()
    assert [topic for topic, _ in bench.writer.written] == [Topics().moved]


async def test_moved_rows_that_are_not_stored_hold_up_the_marker_and_are_sent_again() -> None:
    """No row of the changelog may be ahead of them; a later content of theirs holds."""
    bench = Bench()
    bench.fold("a")
    bench.shard.moved = {b"k": MovedRow("acct", b"k", b"1"), b"l": MovedRow("acct", b"l", b"1")}
    bench.writer.failing.add(Topics().moved)
    with pytest.raises(KafkaTimeoutError):
        await bench.run()
    assert not bench.writer.written
    assert not bench.acknowledged
    bench.writer.failing.clear()
    bench.shard.moved[b"k"] = MovedRow("acct", b"k", b"2")
    await bench.run()
    rows = {key: value[HEADER_BYTES:] for key, value in bench.writer.written[0][1]}
    assert rows == {b"k": b"2", b"l": b"1"}
    assert bench.acknowledged == ["a"]

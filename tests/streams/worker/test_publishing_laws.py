"""Partitions on a board that fails, seldom settled: what it shows is what its statuses say."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.measure import Segment, Series
from aggregates.shard.board import BoardUnavailableError, PublishResult
from exporters.boards.memory_board import MemoryBoard
from exporters.feed import Feed
from exporters.service_metrics import lags
from streams.worker import board_writer, partition
from streams.worker.audit import Audit, Published
from streams.worker.board_writer import BoardWriter
from tests.aggregates.shard.test_merged_accounts import (
    PLAN,
    Told,
    between,
    figures,
    histories,
    kinds,
    merges,
)
from tests.examples import examples
from tests.streams.worker.memory_cluster import (
    NAMES,
    PARTITIONS,
    MemoryCluster,
    MemoryWorker,
    added,
)
from tests.streams.worker.test_audit import DECODERS
from tests.streams.worker.test_moved_rows_laws import Step, take, told_with_merges

Cells = dict[tuple[Series, Segment, int], int]

_numbers = st.integers(0, PARTITIONS - 1)
_workers = st.integers(0, 1)
_knows = st.integers(0, 1)
_splits = st.integers(0, PARTITIONS)
_publishes = st.tuples(
    st.sampled_from(["publish", "publish", "lost", "taken unheard"]), _numbers, _knows
)
_usual = st.one_of(
    st.tuples(st.just("fold"), _numbers, st.integers(1, 3)),
    st.tuples(st.sampled_from(["store", "hear"]), _workers, st.just(0)),
    _publishes,
)
_unusual = st.one_of(
    st.tuples(st.just("flushed"), st.just(0), st.just(0)),
    st.tuples(st.just("claimed"), _numbers, st.just(0)),
    st.tuples(st.just("tick"), st.integers(1, 30), st.just(0)),
    st.tuples(st.sampled_from(["kill", "kill half-way", "rebalance"]), _splits, _workers),
    st.tuples(st.just("late"), _numbers, st.integers(0, 99)),
)


@st.composite
def _seconds(draw: st.DrawFn) -> list[Step]:
    """A few rounds of one partition: some events, and a publish, which may fail."""
    number = draw(_numbers)
    rounds = [(("fold", number, 2), (draw(_publishes)[0], number, draw(_knows))) for _ in range(2)]
    return [step for each in rounds for step in each]


_steps = st.lists(
    st.one_of(st.lists(_usual, max_size=4), st.lists(_unusual, max_size=1), _seconds()),
    min_size=4,
    max_size=12,
).map(lambda parts: [step for part in parts for step in part])


class BadBoard(MemoryBoard):
    """A board that may fail before or after it has taken what is published.

    Attributes:
        fails: When it does so now, and of which partition.
    """

    fails: tuple[str, int] = ("", 0)

    def publish(
        self,
        partition: int,
        generation: int,
        sequence: int,
        changes: Mapping[bytes, bytes],
        full: bool,
        status: bytes,
    ) -> PublishResult:
        """Publishes, or fails."""
        if self.fails == ("lost", partition):
            raise BoardUnavailableError("gone")
        result = super().publish(partition, generation, sequence, changes, full, status)
        if self.fails == ("taken unheard", partition):
            raise BoardUnavailableError("gone once it was taken")
        return result


class Shown:
    """What workers of a cluster publish, and a feed that reads it."""

    def __init__(self, cluster: MemoryCluster, clock: list[float]) -> None:
        self.cluster = cluster
        self.clock = clock
        self.board = BadBoard()
        self.feed = Feed(self.board, stale_after_s=1e9)
        self.writers: dict[int, tuple[MemoryWorker, BoardWriter]] = {}
        self.looks = 0

    def writer(self, worker: MemoryWorker) -> BoardWriter:
        """The writer of a worker."""
        if id(worker) not in self.writers:
            made = BoardWriter(lambda: self.board, "w", 60.0)
            self.writers[id(worker)] = worker, made
        return self.writers[id(worker)][1]

    async def publish(self, worker: MemoryWorker, *, knows: bool = True) -> None:
        """One round of a worker, which knows of what it has not folded, or of none of that yet."""
        for each in worker.owned.values():
            each.answered_s = self.clock[0]
            for lane in each.lanes.values():
                lane.log_end = self.cluster.broker.ends[lane.source] if knows else lane.next
        await self.writer(worker).publish(worker.owned, PARTITIONS)

    async def take(self, step: Step) -> None:
        """Does one thing to workers or to the board."""
        what, number, extent = step
        match what:
            case "publish" | "lost" | "taken unheard":
                self.board.fails = what, number
                await self.publish(self.cluster.owner(number), knows=bool(extent))
                self.board.fails = "", 0
            case "flushed":
                self.board.flush()
            case "claimed":
                self.board.claim(number, PARTITIONS)
            case "tick":
                self.clock[0] += number
            case _:
                await take(self.cluster, step)

    async def look(self) -> bool:
        """Reads the board and, where it is whole, audits it; returns whether nothing is behind."""
        self.feed.refresh()
        state = self.feed.state()
        if not state.complete:
            return False
        self.looks += 1
        published = {
            each.partition: Published(each.status, self.feed.chunks(each.partition))
            for each in state.partitions
            if each.status is not None
        }
        audit = Audit(PLAN, NAMES, DECODERS)
        async for found in audit.run(cast(Any, self.cluster.broker), published):
            assert not found.compared.mismatch, (found.partition, found.cells, found.rows)
        return not sum(lags(state.partitions).values()) and not any(
            each.status.deferred for each in state.partitions if each.status is not None
        )

    def cells(self) -> Cells:
        """The merged ledger, without cells of 0."""
        return added([self.feed.ledger.cells])

    async def end(self) -> None:
        """Ends the writers."""
        for worker, writer in self.writers.values():
            await writer.close(worker.owned)


async def run(
    records: Sequence[bytes], steps: Sequence[Step], clock: list[float], random: Any
) -> Shown:
    """Folds and publishes in a cluster that suffers, until nothing is behind."""
    cluster = MemoryCluster(PLAN, records)
    shown = Shown(cluster, clock)
    try:
        await cluster.share(2)
        for worker in cluster.workers:
            await shown.publish(worker)
        for step in steps:
            await shown.take(step)
            if step[0] in {"publish", "taken unheard", "lost", "flushed"}:
                await shown.look()
        async with asyncio.timeout(60):
            await settle(shown, random)
    finally:
        await shown.end()
    return shown


async def settle(shown: Shown, random: Any) -> None:
    """Publishes until nothing is behind."""
    behind = True  # of what was published before, some did not know what there was to read
    while behind:
        await shown.cluster.turn()
        for worker in 2 * random.sample(shown.cluster.workers, 2):  # the first may be fenced off
            shown.writer(worker).claim_again()
            await shown.publish(worker)
        shown.clock[0] += random.choice([0.1, 5.0])
        behind = not await shown.look()


@given(
    histories(kinds | between, least=8),
    merges,
    _steps,
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([0, 3, 10_000])),
    st.randoms(use_true_random=False),
)
@examples(25)
def test_what_is_shown_is_what_is_told_of_it(
    told: list[Told],
    joined: list[tuple[str, str]],
    steps: list[Step],
    bounds: tuple[int, int, int],
    random: Any,
) -> None:
    """Law: whenever the feed is whole, each partition has the cells of the offsets that it tells,
    however seldom it is settled, whatever the board lost, took unheard or forgot, and whoever was
    killed. Once nothing is behind, they are those of one partition that was told everything."""
    records = told_with_merges(told, joined, random)
    expected = figures(records, 1, None)
    random.shuffle(records)
    clock = [1e6]
    behind, deferred, unsettled = bounds
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(board_writer, "monotonic_s", lambda: clock[0])
        patch.setattr(partition, "BEHIND", behind)
        patch.setattr(partition, "DEFERRED_MAX", 1 + deferred)
        patch.setattr(partition, "BEHIND_DEFERRED_MAX", deferred)
        patch.setattr(partition, "UNSETTLED_MAX", unsettled)
        shown = asyncio.run(run(records, steps, clock, random))
    assert shown.cells() == expected

"""Workers on a broker that is a dictionary: real ownership, restores, checkpoints and shards."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self, cast

from aiokafka.errors import KafkaTimeoutError
from faust.types import TP

from aggregates.ledger.measure import Segment, Series
from aggregates.shard.board import PartitionStatus
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import TOPICS, Decoder
from exporters.feed import PartitionState
from exporters.service_metrics import lags
from streams.clock import monotonic_s
from streams.kafka.batches import KeyValue
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topics
from streams.worker.board_writer import status_of
from streams.worker.changelog import MARKER_KEY, unpack_header
from streams.worker.changelog_reader import Log
from streams.worker.checkpoint import Checkpoint
from streams.worker.lease import Lease
from streams.worker.moved_rows import MovedRows
from streams.worker.options import WorkerOptions
from streams.worker.ownership import Ownership
from streams.worker.partition import Partition
from streams.worker.restore import Restorer
from streams.worker.watchdog import Task
from tests.simulation.logs import Logs, places_of

NAMES: Final = Topics()
PARTITIONS: Final = 4

Cells = Mapping[tuple[Series, Segment, int], int]


def added(ledgers: Iterable[Any]) -> dict[tuple[Series, Segment, int], int]:
    """The sum of ledgers, without cells of 0."""
    found: defaultdict[tuple[Series, Segment, int], int] = defaultdict(int)
    for ledger in ledgers:
        for (series, segment), cells in ledger.items():
            for tile, delta in cells.items():
                found[series, segment, tile] += delta
    return {at: delta for at, delta in found.items() if delta}


@dataclass
class Broker(Logs):
    """Logs with a writer and a reader of them."""

    starts: dict[TP, int] = field(default_factory=lambda: defaultdict(int))
    failing: frozenset[str] = frozenset()

    def pack(self, records: Iterable[KeyValue]) -> list[list[KeyValue]]:
        """One batch."""
        packed = [*records]
        return [packed] if packed else []

    async def deliver(self, tp: TP, batches: Sequence[list[KeyValue]]) -> list[tuple[int, int]]:
        """Stores batches, or fails."""
        if tp.topic in self.failing:
            raise KafkaTimeoutError("no answer")
        stretches = []
        for batch in batches:
            first = self.ends[tp]
            for key, value in batch:
                self.append(tp, key, value)
            stretches.append((first, self.ends[tp]))
        return stretches

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def bounds(self, tps: Iterable[TP]) -> tuple[Mapping[TP, int], Mapping[TP, int]]:
        """Where each log begins and ends."""
        wanted = list(tps)
        return {tp: self.starts[tp] for tp in wanted}, {tp: self.ends[tp] for tp in wanted}

    async def read(self, logs: Sequence[Log]) -> None:
        """Reads from start on, past the end too: what is fetched at once is handed over at once."""
        for log in logs:
            log.apply([r for r in self.logs[log.tp] if log.start <= r.offset])


class MemoryRestorer(Restorer):
    """A restorer that reads a broker in memory."""

    broker: Broker

    def _reader(self) -> Any:
        return self.broker


class MemoryWorker:
    """The parts of a worker that own, restore, store and exchange."""

    def __init__(self, broker: Broker, plan: Plan) -> None:
        self.broker = broker
        self.owned: dict[int, Partition] = {}
        options = WorkerOptions(Cluster("nowhere:1"), NAMES)
        self.moved = MovedRows(NAMES, self.owned, lambda: PARTITIONS)
        restorer = MemoryRestorer(options, self.moved, lambda: None)
        restorer.broker = broker
        lease = Lease(1e9)
        lease.renew()
        writer = cast(Any, broker)
        self.checkpoint = Checkpoint(writer, lease, NAMES, restorer, lambda event: None)

        def new_shard(number: int) -> Shard:
            def holds(account: str) -> bool:
                return self.moved.holder(account) == number

            return Shard(plan, number, bulk=True, holds=holds)

        task = Task("restore-stalled", 60, monotonic_s())
        self.ownership = Ownership(
            options, self.owned, new_shard, restorer, self.moved, self.checkpoint, task
        )

    async def assign(self, numbers: Iterable[int], generation: int) -> None:
        """Takes partitions over."""
        names = [named(name) for named in (NAMES.source, NAMES.changelog) for name in TOPICS]
        taken = [TP(name, number) for name in names for number in numbers]
        await self.ownership.assign(taken, generation)

    async def store(self) -> None:
        """Makes a checkpoint."""
        await self.checkpoint.run(self.owned.values())

    def fold(self, number: int, most: int) -> None:
        """Folds some more events of each topic of a partition."""
        partition = self.owned[number]
        for name, lane in partition.lanes.items():
            records = self.broker.logs[lane.source][lane.next : lane.next + most]
            if records:
                batch = Decoder(topic=name).decode([record.value for record in records])
                batch.key_at = lambda index, read=records: read[index].key
                lane.next += len(records)
                assert not partition.shard.fold(name, batch, lane.next - 1)

    def hear(self) -> None:
        """Takes what others have sent."""
        for number in range(PARTITIONS):
            self.moved.take(number, list(self.broker.logs[TP(NAMES.moved, number)]))


class MemoryCluster:
    """Two workers that share the partitions, and what they have published."""

    def __init__(self, plan: Plan, records: Iterable[bytes]) -> None:
        self.plan = plan
        self.broker = Broker()
        self.generation = 0
        self.workers: list[MemoryWorker] = []
        self.published: dict[int, tuple[PartitionStatus, Cells]] = {}
        for record in records:
            self._produce(record)

    def _produce(self, record: bytes) -> None:
        places = places_of(record, PARTITIONS)
        assert places, record
        for tp, key in places:
            self.broker.append(tp, key, record)

    async def share(self, split: int) -> None:
        """Gives the partitions to two new workers: the former ones were killed."""
        self.generation += 1
        self.published.clear()
        self.workers = [MemoryWorker(self.broker, self.plan) for _ in range(2)]
        await self._assign(split)

    async def rebalance(self, split: int) -> None:
        """Shares the partitions anew between the workers that there are."""
        self.generation += 1
        for worker in self.workers:
            await worker.ownership.revoke()
        await self._assign(split)

    async def _assign(self, split: int) -> None:
        for worker, numbers in zip(
            self.workers, (range(split), range(split, PARTITIONS)), strict=True
        ):
            await worker.assign(numbers, self.generation)

    def late(self, number: int, index: int) -> None:
        """Writes an old moved row once more, as a zombie does, if it is of a former owner."""
        tp = TP(NAMES.moved, number)
        log = self.broker.logs[tp]
        if log:
            record = log[index % len(log)]
            if unpack_header(record.value).epoch < self.owner(number).owned[number].epoch:
                self.broker.append(tp, record.key, record.value)

    def owner(self, number: int) -> MemoryWorker:
        """The worker that has a partition."""
        return next(worker for worker in self.workers if number in worker.owned)

    def publish(self, number: int) -> None:
        """Publishes a partition."""
        partition = self.owner(number).owned[number]
        partition.shard.settle()
        for lane in partition.lanes.values():
            lane.log_end = self.broker.ends[lane.source]
        cells = {
            (series, segment, tile): delta
            for (series, segment), tiles in partition.shard.ledger.cells.items()
            for tile, delta in tiles.items()
        }
        self.published[number] = status_of(partition, "w"), cells

    def behind(self) -> int:
        """How many records the published figures are behind."""
        states = [
            PartitionState(number, 0.0, True, 1, status)
            for number, (status, _) in self.published.items()
        ]
        return sum(lags(states).values())

    def figures(self) -> Cells:
        """The sum of what is published."""
        found: dict[tuple[Series, Segment, int], int] = defaultdict(int)
        for _, cells in self.published.values():
            for at, delta in cells.items():
                found[at] += delta
        return {at: delta for at, delta in found.items() if delta}

    def written(self) -> int:
        """Records of moved rows, markers left out."""
        logs = [self.broker.logs[TP(NAMES.moved, number)] for number in range(PARTITIONS)]
        return sum(record.key != MARKER_KEY for log in logs for record in log)

    async def turn(self) -> None:
        """Folds an event of each topic and partition, stores, and takes what was sent."""
        for number in range(PARTITIONS):
            self.owner(number).fold(number, 1)
        for worker in self.workers:
            await worker.store()
        for worker in self.workers:
            worker.hear()

    async def settle(self, most: int, order: Callable[[list[int]], None]) -> None:
        """Folds and exchanges until nothing is behind, and publishes in any order meanwhile."""
        async with asyncio.timeout(60):
            while len(self.published) < PARTITIONS or self.behind():
                numbers = list(range(PARTITIONS))
                order(numbers)
                for number in numbers:
                    worker = self.owner(number)
                    worker.fold(number, most)
                    if number % 2:
                        worker.hear()
                    self.publish(number)
                    await worker.store()
                for worker in self.workers:
                    worker.hear()

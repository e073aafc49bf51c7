"""One worker process: its parts are real, its clients are of the simulation."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar, cast

from aiokafka.errors import KafkaError
from faust.types import TP

from aggregates.shard.board import Board, BoardUnavailableError
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import TOPICS, Decoder
from streams.kafka.cluster import Cluster
from streams.kafka.runs import Run
from streams.kafka.topics import Topics
from streams.worker.board_writer import BoardWriter
from streams.worker.checkpoint import Checkpoint, LeaseLostError
from streams.worker.folding import Folding
from streams.worker.lease import Lease
from streams.worker.moved_rows import MovedRows
from streams.worker.options import WorkerOptions
from streams.worker.ownership import Ownership
from streams.worker.partition import Lane, Partition
from streams.worker.restore import Restorer
from streams.worker.watchdog import Task
from streams.worker.writer import BatchWriter
from tests.simulation.broker import Producer, Reader
from tests.simulation.world import PARTITIONS, World

T = TypeVar("T")

NAMES: Final = Topics()
OPTIONS: Final = WorkerOptions(Cluster("nowhere:1"), NAMES)

_FETCHED: Final = 5
"""Records of a run at most."""


class Fetched:
    """A Faust event, as far as a worker looks: a run, and its acknowledgement."""

    def __init__(self, run: Run, process: "WorkerProcess") -> None:
        self.value = run
        self._process = process
        self._at = TP(run.topic, run.partition), run.end

    def ack(self) -> None:
        """Commits; a broker refuses that to whom the group has expelled."""
        tp, end = self._at
        world = self._process.world
        if self._process in world.group.members:
            world.committed[tp] = max(end, world.committed[tp])


class _Restorer(Restorer):
    """Reads the broker of the simulation, and rebuilds without a thread."""

    def __init__(self, process: "WorkerProcess", moved: MovedRows) -> None:
        super().__init__(OPTIONS, moved, lambda: None)
        self._process = process

    def _reader(self) -> Any:
        return Reader(self._process.world.broker, self._process)

    async def _rebuild(self, partition: Partition) -> None:
        await self._process.point()
        partition.shard.rebuild()


class _BoardWriter(BoardWriter):
    """Calls the board without a thread: before and after it much may happen."""

    def __init__(self, process: "WorkerProcess") -> None:
        super().__init__(lambda: process.world.board, process.name, 1e9)
        self._process = process

    async def _call(self, call: Callable[[Board], T]) -> T:
        world = self._process.world
        await self._process.point()
        if world.board_fails:
            raise BoardUnavailableError("no answer")
        answer = call(world.board)
        await self._process.point()
        if world.board_fails:
            raise BoardUnavailableError("no answer in time")
        return answer


class WorkerProcess:
    """A process, from its start to its end.

    Attributes:
        world: What it lives in.
        name: Tells it from others.
        paused: Whether it stands still, as under SIGSTOP.
        dead: Whether it has ended.
        doomed: Whether it will end in the middle of a checkpoint.
        failure: With what it ended itself, or what of the simulation was not as it must be.
        owned: Its partitions.
    """

    def __init__(self, world: World, name: str, plan: Plan) -> None:
        self.world = world
        self.name = name
        self.paused = self.dead = self.doomed = False
        self._storing = False
        self.failure: Exception | None = None
        self.owned: dict[int, Partition] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._generation = -1
        self._positions: dict[TP, int] = {}
        self._lease = Lease(OPTIONS.session_timeout_s, world.clock)
        self._moved = MovedRows(NAMES, self.owned, lambda: PARTITIONS)
        restorer = _Restorer(self, self._moved)
        producer = Producer(world.broker, self)
        self._checkpoint = Checkpoint(
            BatchWriter(lambda: cast(Any, producer)),
            self._lease,
            NAMES,
            restorer,
            lambda event: event.ack(),
        )

        def new_shard(number: int) -> Shard:
            return Shard(plan, number, bulk=True, holds=lambda a: self._moved.holder(a) == number)

        restoring = Task("restore-stalled", 1e9, 0.0)
        self._ownership = Ownership(
            OPTIONS, self.owned, new_shard, restorer, self._moved, self._checkpoint, restoring
        )
        self._folding = Folding(self.owned, {name: Decoder(topic=name) for name in TOPICS})
        self._board_writer = _BoardWriter(self)
        for loop in (self._serve, self._store, self._publish):
            self.start(self._guarded(loop))

    # What the simulation does with it ------------------------------------------------------------

    async def point(self) -> None:
        """A place where it may be held up, overtaken or killed."""
        if self.doomed and self._storing and self.world.chance(0.2):
            self.kill()
        await self.world.turn(self)

    def start(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Runs something beside, for as long as the process lives."""
        task = self.world.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def kill(self) -> None:
        """Ends it, wherever it is."""
        self.dead = True
        for task in self._tasks:
            task.cancel()

    @property
    def settled(self) -> bool:
        """Whether all that it owns is folded and stored."""
        return self._ownership.assigned and all(
            lane.next == lane.stored == self.world.broker.ends[lane.source]
            for partition in self.owned.values()
            for lane in partition.lanes.values()
        )

    # Its loops -----------------------------------------------------------------------------------

    async def _guarded(self, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await part()
        except Exception as failure:
            self.failure = failure
            self.kill()

    async def _serve(self) -> None:
        """Keeps to the group, folds what is fetched, and hears what others have moved."""
        while True:
            await self.point()
            if self.world.group.generation_of(self) != self._generation:
                await self._rejoin()
                continue
            self._lease.renew()
            if self.world.chance(0.2):
                for number in range(PARTITIONS):
                    self._moved.take(number, self.world.broker.logs[TP(NAMES.moved, number)])
            else:
                self._fetch()

    async def _rejoin(self) -> None:
        """Lets go, and takes over what the group says; it may say something else meanwhile."""
        group = self.world.group
        if self._generation >= 0:
            await self._ownership.revoke()
            self._lease.drop()
        self._generation = -1
        while (generation := group.join(self)) is None:
            await self.point()
        numbers = group.assigned(self)
        self._lease.renew()
        names = [named(name) for named in (NAMES.source, NAMES.changelog) for name in TOPICS]
        mine = [TP(name, number) for name in names for number in numbers]
        assigning = self.start(self._ownership.assign(mine, generation))
        while not assigning.done():
            await self.point()
            self._lease.renew()
            if group.generation_of(self) != generation:
                assigning.cancel()
                await asyncio.wait([assigning])
                return
        assigning.result()
        self._generation = generation
        self._positions = dict(self._ownership.positions())
        self.world.take_up(self._positions)

    def _fetch(self) -> None:
        """Takes a run of one partition; now and then one is lost on its way.

        The last of a log is not: nothing would follow that does not join, and the watchdog, which
        is not here, would end the process.
        """
        world = self.world
        lanes = [(p, lane) for p in self.owned.values() if p.ready for lane in p.lanes.values()]
        for lane in self._folding.overdue():
            self._rewind(lane)
        waiting = [
            (partition, lane)
            for partition, lane in lanes
            if self._positions.get(lane.source, 0) < world.broker.ends[lane.source]
        ]
        if not waiting:
            return
        partition, lane = world.random.choice(waiting)
        begin, last = self._positions[lane.source], world.broker.ends[lane.source]
        end = min(begin + world.random.randint(1, _FETCHED), last)
        self._positions[lane.source] = end
        partition.answered_s = world.clock()
        if end == last or not world.chance(world.losses):
            records = world.broker.stretch(lane.source, begin, end)
            run = Run(lane.source.topic, partition.number, begin, end, last, records)
            self._folding.take(lane.name, cast(Any, Fetched(run, self)), self._rewind)

    def _rewind(self, lane: Lane) -> None:
        lane.rewound_s = self.world.clock()
        self._positions[lane.source] = lane.next

    async def _store(self) -> None:
        """Makes checkpoints, as often as the chance of turns lets it."""
        while True:
            await self.point()
            if self._ownership.assigned:
                self._storing = True
                with contextlib.suppress(KafkaError, LeaseLostError):
                    await self._checkpoint.run(list(self.owned.values()))
                self._storing = False

    async def _publish(self) -> None:
        """Publishes, as often as the chance of turns lets it; now and then sees who has claimed."""
        while True:
            await self.point()
            if self._lease.held and self.world.chance(0.1):
                self._board_writer.claim_again()
            for partition in self.owned.values():
                partition.answered_s = self.world.clock()
                for lane in partition.lanes.values():
                    lane.log_end = self.world.broker.ends[lane.source]
            await self._board_writer.publish(self.owned, PARTITIONS)

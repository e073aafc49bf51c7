"""The worker: a Faust app whose partitions are restored, folded, checkpointed and published.

Owns the loops that run beside the agents, and how a worker ends: cleanly on SIGTERM, by name and
non-zero when it must not go on.
"""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final, cast

from faust.types import TP, EventT

from aggregates.shard.board import Board, BoardTakenError
from aggregates.shard.shard import Shard
from events import TOPICS, Decoder
from streams.clock import monotonic_s
from streams.garbage import collect_less
from streams.kafka.refusal import CREATE, RefusedError, asking
from streams.kafka.topic_creation import create_changelogs
from streams.kafka.topics import count_partitions
from streams.pulse import Pulse
from streams.worker.app import RunApp, new_app
from streams.worker.board_writer import BoardWriter
from streams.worker.cadence import Cadence
from streams.worker.checkpoint import Checkpoint
from streams.worker.error import WorkerError, reaching, refused
from streams.worker.folding import Folding
from streams.worker.lease import Lease
from streams.worker.liveness import Liveness
from streams.worker.moved_follower import MovedFollower
from streams.worker.moved_rows import MovedRows
from streams.worker.options import WorkerOptions
from streams.worker.ownership import Ownership
from streams.worker.partition import Lane, Partition
from streams.worker.restore import Restorer
from streams.worker.topic_watch import watch_topics
from streams.worker.transport import RunConsumer, RunProducer
from streams.worker.watchdog import Watchdog
from streams.worker.writer import BatchWriter

STOP_MARGIN_S: Final = 5.0
"""A stop that takes so much longer than its limit hangs in something that cannot be cancelled."""

_log = logging.getLogger(__name__)


class Worker:
    """One worker process.

    Attributes:
        options: Settings.
        lease: Its right to write.
        watchdog: Ends the process if it makes no progress, or does not end.
        failure: Why the worker must stop; None while it need not.
        beside: Further loops to run until the worker stops; what one raises ends the worker.
    """

    def __init__(
        self,
        options: WorkerOptions,
        board_factory: Callable[[], Board],
        shard_factory: Callable[[int, Callable[[str], bool]], Shard],
        decoder_factory: Callable[[str], Decoder],
        watchdog: Watchdog | None = None,
    ) -> None:
        self.options = options
        self.beside: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.failure: WorkerError | None = None
        self._app: RunApp | None = None
        self._partition_count = 0
        self._stopping = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self.lease = Lease(options.session_timeout_s)
        self.watchdog = watchdog or Watchdog()
        self._ending = self.watchdog.task("stop-stalled", options.stop_limit_s + STOP_MARGIN_S)
        restoring = self.watchdog.task("restore-stalled", options.stall_limit_s)
        owned: dict[int, Partition] = {}
        moved = MovedRows(options.topics, owned, lambda: self._partition_count)
        restorer = Restorer(options, moved, lambda: restoring.note(object()))
        writer = BatchWriter(lambda: cast(RunProducer, self._started_app.producer).client)
        self._checkpoint = Checkpoint(
            writer, self.lease, options.topics, restorer, lambda event: event.ack()
        )
        self.ownership = Ownership(
            options,
            owned,
            lambda number: shard_factory(number, lambda account: moved.holder(account) == number),
            restorer,
            moved,
            self._checkpoint,
            restoring,
        )
        self._moved_follower = MovedFollower(options.cluster, moved)
        self._folding = Folding(owned, {name: decoder_factory(name) for name in TOPICS})
        self._cadence = Cadence(options, self.ownership, self._checkpoint, self._after_checkpoint)
        self._board_writer = BoardWriter(
            board_factory,
            options.owner,
            options.board_call_s,
            options.fingerprint,
            options.installation,
        )

    @property
    def folded_records(self) -> int:
        """Records folded since the start."""
        return self._folding.records

    def stop(self, why: str = "its work is done") -> None:
        """Asks for a clean stop; the log has the first reason."""
        if not self._stopping.is_set():
            _log.info("stopping: %s", why)
        self._stopping.set()

    @property
    def restored(self) -> bool:
        """Whether it has restored what it was assigned."""
        return self.ownership.assigned

    def claim_again(self) -> None:
        """Takes back on the board what workers of tables that were in force before have claimed."""
        if self.lease.held:
            self._board_writer.claim_again()

    def fail(self, failure: WorkerError) -> None:
        """Asks for a stop that says why; the first reason holds."""
        if self.failure is None:
            _log.critical("%s", failure)
            self.failure = failure
        self._stopping.set()

    async def run(self) -> None:
        """Runs until a signal or a failure.

        Raises:
            WorkerError: If the worker could not go on.
            TopicError: If the topics do not fit.
        """
        options = self.options
        await self._find_topics()
        app = self._app = new_app(options, self, self._partition_count)
        app.on_partitions_revoked.connect(self._on_revoked)
        _log.info(
            "started: %s, tidemark %s, %d partitions of each topic, at Kafka %s",
            options.owner,
            version("tidemark"),
            self._partition_count,
            options.cluster,
        )
        collect_less()
        pulse = Pulse(options.pulse)
        liveness = Liveness(app, self.ownership, self.watchdog, options.stall_limit_s, pulse)
        self.watchdog.start()
        with self._signals():
            loops = [
                asyncio.create_task(self._guarded(loop))
                for loop in (
                    self._start_app(app),
                    self._cadence.run(),
                    self._moved_follower.run(),
                    liveness.beat(),
                    liveness.probe(),
                    watch_topics(options.cluster, options.topics, self._partition_count),
                    *(begin() for begin in self.beside),
                )
            ]
            await self._stopping.wait()
            await self._shut_down(loops)
            why = "cleanly" if self.failure is None else self.failure.reason
            _log.info("ended: %s, after %d records", why, self.folded_records)
        if self.failure is not None:
            raise self.failure

    async def _start_app(self, app: RunApp) -> None:
        with asking(CREATE):  # Faust declares the changelogs, though they are there
            await app.start()

    async def _find_topics(self) -> None:
        options = self.options
        with reaching(options.cluster):
            self._partition_count = await count_partitions(options.cluster, options.topics)
            await create_changelogs(options.cluster, self._partition_count, options.topics)

    # What the app asks of its owner --------------------------------------------------------------

    def positions(self) -> Mapping[TP, int]:
        """Where to read on, for each restored event partition."""
        return self.ownership.positions()

    async def assign(self, assigned: Iterable[TP], generation: int) -> None:
        """Takes over an assignment; whatever is wrong with it ends the worker by name."""
        try:
            await self.ownership.assign(assigned, generation)
        except WorkerError as failure:
            self.fail(failure)
            raise
        except RefusedError as error:
            self.fail(refused(error))
            raise
        except Exception as error:
            self.fail(WorkerError("restore-failed", repr(error)))
            raise
        # The restored rows live long; the collector need not look at them again.
        gc.freeze()

    async def take(self, name: str, event: EventT[Any]) -> None:
        """Folds a run, and waits while too much of what was folded is not stored."""
        if self._stopping.is_set():
            return
        try:
            self._folding.take(name, event, self._rewind)
        except WorkerError as failure:
            self.fail(failure)
            return
        await self._cadence.wait_for_room()

    async def _on_revoked(self, *_: object, **__: object) -> None:
        await self.ownership.revoke()
        self.lease.drop()

    def _rewind(self, lane: Lane) -> None:
        lane.rewound_s = monotonic_s()
        _log.warning("a run is missing: reading %s again from %d", lane.source, lane.next)
        consumer = cast(RunConsumer, self._started_app.consumer)
        self._start("rewind", consumer.read_from({lane.source: lane.next}))

    # Loops ---------------------------------------------------------------------------------------

    @property
    def _started_app(self) -> RunApp:
        assert self._app is not None, "run() makes the app before anything uses it"
        return self._app

    def _start(self, name: str, call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(call, name=name)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _guarded(self, part: Coroutine[Any, Any, None]) -> None:
        """A part of the worker that raises ends the worker."""
        try:
            await part
        except WorkerError as failure:
            self.fail(failure)
        except RefusedError as error:
            self.fail(refused(error))
        except BoardTakenError as error:
            self.fail(WorkerError("board-taken", str(error)))
        except Exception as error:
            _log.exception("worker crashed")
            self.fail(WorkerError("worker-crashed", repr(error)))

    def _after_checkpoint(self) -> None:
        """Starts a round of publishing unless one is under way; a checkpoint never waits for it."""
        for lane in self._folding.overdue():
            self._rewind(lane)
        if not any(call.get_name() == "publish" for call in self._calls):
            self._start("publish", self._publish())

    async def _publish(self) -> None:
        """Publishes one round; what the writer lets through is a bug."""
        if not self.options.publishes:
            return
        writer, partitions = self._board_writer, self.ownership.partitions
        await self._guarded(writer.publish(partitions, self._partition_count))

    # The end -------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, number.name)
        yield
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    async def _shut_down(self, loops: list[asyncio.Task[None]]) -> None:
        """Stores once more, unless the worker failed, and leaves the group, within a limit."""
        self._ending.note(None)
        for task in loops[1:]:
            task.cancel()
        try:
            async with asyncio.timeout(self.options.stop_limit_s):
                await asyncio.gather(*self._calls, return_exceptions=True)
                if self.failure is None:
                    await self._guarded(self._cadence.last())
                    await self._publish()
                await self._guarded(self._board_writer.close(self.ownership.partitions))
                await self._started_app.stop()
        except TimeoutError:
            _log.error("not stopped within %.0f s; leaving anyway", self.options.stop_limit_s)
        for task in (*loops, *self._calls):
            task.cancel()
        await asyncio.gather(*loops, *self._calls, return_exceptions=True)

"""The embedded service: one process, no servers; the same fold, board and exporter as on Kafka.

History is folded in bulk first; then records are folded as they come, and published to the memory
board once a flush. Partitions live in the main thread, scrapes are answered by others: the board is
all they share. Who explains a figure reads rows, which stand still for so long.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from aggregates.shard.board import (
    PartitionStatus,
    TopicStatus,
    by_topic,
    encode_status,
    events_by_topic,
)
from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.left_out import LeftOut
from aggregates.shard.plan import Plan
from events.dialect import PLAIN, Dialect
from exporters.boards.memory_board import MemoryBoard
from streams.clock import monotonic_s
from streams.local.intake import Intake
from streams.local.kept_events import KeptEvents
from streams.local.live_rows import LiveRows
from streams.local.ticker import Ticker

PARTITIONS: Final = 4
"""In-process partitions: enough to run the same additions as several workers do."""

BATCH_MAX: Final = 5_000
"""Live records that are folded together."""

Timed = tuple[int, bytes]
"""Time of an event, in ms of the epoch, and its line."""


class SimulatedClock:
    """A clock that starts at an instant and runs at a settable speed.

    Attributes:
        speed: Simulated seconds a second.
    """

    def __init__(self, start_ms: int, speed: float = 1.0) -> None:
        self.speed = speed
        self._start_ms = start_ms
        self._started_s = monotonic_s()

    def now_ms(self) -> int:
        """Returns the simulated instant, in ms of the epoch."""
        return self._start_ms + int((monotonic_s() - self._started_s) * self.speed * 1000)


class Embedded:
    """Partitions of one process with the board that they publish to.

    Attributes:
        intake: The partitions.
        board: The board.
        fingerprint: Of what the partitions compute.
        rows_lock: Held by whoever changes or reads rows.
        rows: The rows, for whoever asks: of all that is folded, some of which gauges show a flush
            later. None are known while history is being folded.
        ticker: Folds what comes once history is folded, and tells of it; None for none.
        kept: Keeps what was folded, where it cannot be read again; None for nobody.
    """

    def __init__(self, plan: Plan, dialect: Dialect = PLAIN) -> None:
        self.intake = Intake(plan, PARTITIONS, dialect=dialect, bulk=True)
        self.board = MemoryBoard()
        self.fingerprint = fingerprint_of(plan, dialect)
        self._generations = [self.board.claim(number, PARTITIONS) for number in range(PARTITIONS)]
        self._sequence = 0
        self.rows_lock = threading.RLock()
        self.rows = LiveRows(plan, self.intake.shards, self.rows_lock, self._whole)
        self.ticker: Ticker | None = None
        self.kept: KeptEvents | None = None

    def take(self, values: Sequence[bytes]) -> None:
        """Folds records."""
        with self.rows_lock:
            if self.kept is not None:
                self.kept.keep(values)
            if self.ticker is not None and self._sequence:
                self.ticker.fold(values, self.intake)
            else:
                self.intake.take(values)

    def _whole(self) -> bool:
        """Settles the partitions, with the lock held; returns whether history is folded."""
        if not self._sequence:
            return False
        self.intake.settle()
        return True

    def load(self, batches: Iterable[Sequence[bytes]], progress: Callable[[int], None]) -> None:
        """Folds history in bulk; ``progress`` gets the number of records of each batch."""
        for values in batches:
            self.take(values)
            progress(len(values))

    def publish(self) -> None:
        """Settles every partition and publishes what changed.

        What was left out is of no partition, and told by the first.
        """
        is_first = not self._sequence
        with self.rows_lock:
            self._publish()
            if self.ticker is not None:
                self.ticker.flush()
        if is_first:
            self.rows.loaded()

    def _publish(self) -> None:
        begun_s = monotonic_s()
        self.intake.settle()
        self._sequence += 1
        full = self._sequence == 1
        for shard, generation in zip(self.intake.shards, self._generations, strict=True):
            changes = shard.handover.all_chunks() if full else shard.handover.take_changes()
            left_out = LeftOut() if shard.partition else self.intake.left_out
            status = PartitionStatus(
                owner="embedded",
                generation=generation,
                ready=True,
                topics={
                    topic: TopicStatus(offset=-1, lag=0, last_event_ms=last_ms)
                    for topic, last_ms in shard.counts.last_event_ms.items()
                },
                events=events_by_topic(
                    (*shard.counts.outcomes.items(), *left_out.outcomes.items())
                ),
                rejected=by_topic(left_out.rejected),
                ignored=by_topic(left_out.ignored),
                examples=by_topic(left_out.examples),
                restatements=shard.restated.cells,
                restated_micros=dict(shard.restated.micros),
                flush_s=monotonic_s() - begun_s,
                fingerprint=self.fingerprint.digest,
                settings=self.fingerprint.settings,
            )
            packed = encode_status(status)
            self.board.publish(shard.partition, generation, self._sequence, changes, full, packed)

    def follow(
        self, events: Iterator[Timed], clock: SimulatedClock, stop: threading.Event, flush_s: float
    ) -> None:
        """Folds events as their time comes, until the stop is set."""
        waiting = next(events)
        while not stop.is_set():
            now_ms = clock.now_ms()
            due: list[bytes] = []
            while waiting[0] < now_ms and len(due) < BATCH_MAX:
                due.append(waiting[1])
                waiting = next(events)
            if due:
                self.take(due)
            self.publish()
            if len(due) < BATCH_MAX:
                stop.wait(flush_s)

    def follow_batches(
        self, batches: Iterator[list[bytes]], stop: threading.Event, flush_s: float
    ) -> None:
        """Folds batches as they are read, publishing between them, until they end or a stop.

        A pause comes as an empty batch: what was folded before it is published, and the board kept
        fresh.
        """
        published_s = monotonic_s()
        for values in batches:
            if stop.is_set():
                return
            self.take(values)
            if monotonic_s() - published_s >= flush_s:
                self.publish()
                published_s = monotonic_s()

    def idle(self, stop: threading.Event, flush_s: float) -> None:
        """Keeps the board fresh until the stop is set."""
        while not stop.wait(flush_s):
            self.publish()

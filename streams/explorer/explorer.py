"""The explorer's state: all partitions, as workers have stored them, and the board they are on.

Rows are filed and settled in the thread that follows the changelogs; other threads read figures
from the board, and rows while they stand still.
"""

import threading
from collections.abc import Mapping
from functools import partial

from faust.types import TP

from aggregates.shard.board import Board, encode_status
from aggregates.shard.exchange import settle_together
from aggregates.shard.fingerprint import Fingerprint
from aggregates.shard.plan import Plan
from streams.explorer.course import Course
from streams.explorer.followed import new_followed
from streams.explorer.tables import Tables
from streams.kafka.placement import partition_of
from streams.local.live_rows import LiveRows
from streams.worker.partition import DEFERRED_MAX


class Explorer:
    """Rows and ledgers of all partitions.

    Attributes:
        partitions: What is held, by number.
        rows: Answers about accounts, in any thread.
    """

    def __init__(self, plan: Plan, tables: Tables, board: Board, own: Fingerprint) -> None:
        """Makes empty partitions.

        Args:
            plan: Families and policy, those of the tables.
            tables: The tables in force.
            board: Where figures are left for this process alone.
            own: The fingerprint of the tables.
        """
        self.partitions = [new_followed(n, plan, tables) for n in range(tables.partitions)]
        self._shards = [each.shard for each in self.partitions]
        self._lock = threading.RLock()
        self.rows = LiveRows(plan, self._shards, self._lock, self._settled)
        self._board = board
        self._own = own
        count = tables.partitions
        self._place = partial(partition_of, partitions=count)
        self._generations = [board.claim(number, count) for number in range(count)]
        self._sequence = 0
        self._full = True
        self._whole = False

    @property
    def courses(self) -> list[Course]:
        """The tables of all partitions."""
        return [course for each in self.partitions for course in each.courses.values()]

    def row_count(self, topic: str) -> int:
        """Returns how many rows of a topic's table are held."""
        return sum(shard.handover.row_count(topic) for shard in self._shards)

    # The thread that follows ---------------------------------------------------------------------

    def say(self, waits_for: str) -> None:
        """Says on the board that nothing is whole yet, and why."""
        self._sequence += 1
        for number, generation in enumerate(self._generations):
            status = self.partitions[number].status(self._own, {}, 0.0, waits_for)
            told = encode_status(status)
            self._board.publish(number, generation, self._sequence, {}, True, told)

    def begin(self) -> None:
        """Has all that was filed by now, of every partition, read where it is to be read."""
        with self._lock:
            settle_together(self._shards, self._place)
        self.rows.loaded()

    def publish(self, ends: Mapping[TP, int], broker_age_s: float) -> None:
        """Files what markers vouch for by now, settles, and publishes what changed.

        Args:
            ends: Where logs end, as far as that is known.
            broker_age_s: Seconds since Kafka last answered.

        Raises:
            WorkerError: If a row cannot be read.
        """
        with self._lock:
            filed = [each.file() for each in self.partitions]
            if any(filed) or any(shard.deferred for shard in self._shards):
                settle_together(self._shards, self._place, DEFERRED_MAX)
            reasons = [each.waits_for() for each in self.partitions]
            self._whole = not any(reasons)
            self._sequence += 1
            for each, reason in zip(self.partitions, reasons, strict=True):
                shard = each.shard
                status = each.status(self._own, ends, broker_age_s, reason)
                handover = shard.handover
                changes = handover.all_chunks() if self._full else handover.take_changes()
                self._board.publish(
                    shard.partition,
                    self._generations[shard.partition],
                    self._sequence,
                    changes,
                    self._full,
                    encode_status(status),
                )
            self._full = False

    def _settled(self) -> bool:
        """Settles all that waits; returns whether all partitions are whole."""
        if self._whole:
            settle_together(self._shards, self._place)
        return self._whole

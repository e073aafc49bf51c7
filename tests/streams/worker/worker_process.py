"""A worker with fake shards in a process of its own, that tests start, stop, pause and kill.

Writes a line of JSON to its log file whenever its readiness, generation or partitions change.
"""

import asyncio
import contextlib
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from aggregates.shard.board import Board
from exporters.boards.memory_board import MemoryBoard
from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topics
from streams.worker.options import WorkerOptions
from streams.worker.process import run_worker
from streams.worker.worker import Worker
from tests.streams.worker.fake_shard import FakeDecoder, FakeShard


class BrokenBoard(MemoryBoard):
    """A board with a bug."""

    def claim(self, partition: int, partitions: int) -> int:
        """Fails as no board may."""
        raise KeyError(f"{partition} of {partitions}")


async def never_end() -> None:
    """Hears of no cancellation."""
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)


class LoggingWorker(Worker):
    """A worker that writes down what it owns."""

    def __init__(
        self, log: Path, options: WorkerOptions, pause_s: float, board: Callable[[], Board]
    ) -> None:
        shard, decoder = cast(Any, FakeShard), cast(Any, FakeDecoder())
        super().__init__(options, board, shard, lambda _topic: decoder)
        self._log = log
        self._pause_s = pause_s

    async def take(self, name: str, event: Any) -> None:
        """Takes its time over each run, so that a test can kill it half way."""
        await super().take(name, event)
        await asyncio.sleep(self._pause_s)

    async def run(self) -> None:
        """Runs, and writes."""
        writing = asyncio.create_task(self._write())
        try:
            await super().run()
        finally:
            writing.cancel()

    async def _write(self) -> None:
        last = ""
        while True:
            partitions = self.ownership.partitions.values()
            line = json.dumps(
                {
                    "ready": self.ownership.assigned,
                    "partitions": sorted(p.number for p in partitions),
                    "generation": max((p.generation for p in partitions), default=0),
                    "epochs": {p.number: p.epoch for p in partitions},
                    "rows": sum(
                        p.shard.handover.row_count(name) for p in partitions for name in p.lanes
                    ),
                    "folded": self.folded_records,
                    "lag": sum(lane.lag or 0 for p in partitions for lane in p.lanes.values()),
                    "stored": sum(lane.stored for p in partitions for lane in p.lanes.values()),
                }
            )
            if line != last:
                last = line
                with self._log.open("a") as file:
                    file.write(line + "\n")
            await asyncio.sleep(0.05)


def main() -> int:
    """Starts the worker that the arguments describe."""
    given = json.loads(sys.argv[1])
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    log, pause_s = Path(given.pop("log")), given.pop("pause_s", 0.0)
    topics = Topics(given.pop("prefix"), given.pop("app_id"))
    board = BrokenBoard if given.pop("broken_board", False) else MemoryBoard
    is_deaf = given.pop("deaf", False)
    cluster = Cluster(given.pop("bootstrap"))
    options = WorkerOptions(cluster, topics, **given)
    worker = LoggingWorker(log, options, pause_s, board)
    if is_deaf:
        worker.beside.append(never_end)
    return run_worker(worker)


if __name__ == "__main__":
    sys.exit(main())

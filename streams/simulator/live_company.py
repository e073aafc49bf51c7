"""A made-up company on Kafka: its history up to now at once, then each event as its time comes."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from aiokafka.errors import KafkaError

from streams.clock import now_ms
from streams.kafka.cluster import Cluster
from streams.kafka.publish import Published, Publisher, PublishError
from streams.pulse import Pulse
from streams.simulator import Company
from streams.simulator.bookmark import Bookmark, write_bookmark

BATCH_LINES: Final = 5_000
"""Lines that are sent together; a crash before the bookmark is written repeats at most so many."""

LOOK_S: Final = 1.0
"""Between two looks whether events have come due, and between two beats of the pulse."""

Timed = tuple[int, bytes]
"""Time of an event, in ms of the epoch, and its line."""


@dataclass
class LiveCompany:
    """Publishes a company from where a bookmark lies.

    Attributes:
        bookmark: How far it is.
        path: Where the bookmark is kept; None keeps it nowhere.
        pulse: Beats while events get through.
        on_live: Called once, when all history has been published.
    """

    bookmark: Bookmark
    path: Path | None = None
    pulse: Pulse = field(default_factory=lambda: Pulse(None))
    on_live: Callable[[], None] = lambda: None

    def events(self) -> Iterator[Timed]:
        """Returns the events that have not been published yet, for ever."""
        mark = self.bookmark
        company = Company(
            mark.seed,
            mark.accounts,
            mark.start_ms,
            horizon_days=mark.days,
            scenario=mark.scenario,
        )
        return islice(company.events(), mark.lines, None)

    async def publish(
        self, cluster: Cluster, stop: asyncio.Event, progress: Callable[[int], None]
    ) -> Published:
        """Publishes until ``stop`` is set; ``progress`` is called with the lines of each batch.

        Raises:
            PublishError: If the cluster cannot be reached or does not take the records.
            BookmarkError: If the bookmark cannot be kept.
        """
        publisher = Publisher(cluster)
        try:
            await publisher.start()
            await self._emit(publisher, stop, progress)
        except KafkaError as error:
            raise PublishError(f"kafka {cluster}: {error or type(error).__name__}") from error
        finally:
            await publisher.stop()
        return publisher.published

    async def _emit(
        self, publisher: Publisher, stop: asyncio.Event, progress: Callable[[int], None]
    ) -> None:
        events = self.events()
        waiting = next(events)
        is_live = False
        while not stop.is_set():
            now, due = now_ms(), list[bytes]()
            while waiting[0] < now and len(due) < BATCH_LINES:
                due.append(waiting[1])
                waiting = next(events)
            if due:
                await publisher.publish(due, "simulate")
                self.bookmark.lines += len(due)
                if self.path is not None:
                    write_bookmark(self.path, self.bookmark)
                progress(len(due))
            self.pulse.beat()
            if len(due) == BATCH_LINES:
                continue
            if not is_live:
                is_live = True
                self.on_live()
            await _wait(stop, LOOK_S)


async def _wait(stop: asyncio.Event, limit_s: float) -> None:
    """Waits for the event, within a limit."""
    try:
        async with asyncio.timeout(limit_s):
            await stop.wait()
    except TimeoutError:
        return

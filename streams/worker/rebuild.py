"""A rebuild: tables of other settings, computed from the events while the old ones are served.

A rebuild is a worker with a group and changelogs of its own that publishes nothing. So it is killed
and run again as any worker is, and goes on from its last checkpoint; several share the work. What
is done is what the group has committed, for offsets are committed once their rows are stored.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from events import TOPICS
from streams.kafka.cluster import Cluster
from streams.kafka.reading import reading
from streams.kafka.register import REBUILT, write_register
from streams.kafka.topics import Topics, administered, count_partitions

CAUGHT_UP: Final = 10_000
"""Records that may have come since the last look: a worker folds them in a moment."""

LOOK_S: Final = 1.0
"""Between two looks how far the group is."""

_log = logging.getLogger(__name__)

Offsets = Mapping[TopicPartition, int]


class Rebuild:
    """Watches the worker of a rebuild, and ends it when its tables are as far as the events.

    Attributes:
        done: Whether the tables are whole, and may take over.
        records: Records of the event topics at the last look.
    """

    def __init__(
        self,
        cluster: Cluster,
        topics: Topics,
        tables: Topics,
        digest: str,
        say: Callable[[int, int], None],
    ) -> None:
        """Prepares to watch.

        Args:
            cluster: The Kafka cluster.
            topics: Names of the installation.
            tables: Names of the new tables.
            digest: Of their fingerprint.
            say: Takes how many records are done, and of how many.
        """
        self.done = False
        self.records = 0
        self._cluster = cluster
        self._topics = topics
        self._tables = tables
        self._digest = digest
        self._say = say

    async def run(self, stop: Callable[[], None]) -> None:
        """Looks how far the tables are, until they have caught up; then stops the worker.

        They are whole when all that there was at one look has been stored, and little has come
        since.
        """
        cluster = self._cluster
        async with reading(cluster) as consumer, administered(cluster) as admin:
            await self._follow(consumer, admin)
        await write_register(self._cluster, self._topics, (REBUILT, self._digest.encode()))
        self.done = True
        stop()

    async def _follow(self, consumer: Any, admin: Any) -> None:
        wanted: Offsets = {}
        begins: Offsets = {}
        while True:
            try:
                if not wanted:
                    begins, wanted = await self._bounds(consumer)
                stored = await admin.list_consumer_group_offsets(self._tables.app_id)
                reached = {tp: each.offset for tp, each in stored.items()}
                left = behind(begins, wanted, reached)
                self.records = sum(wanted[tp] - begins[tp] for tp in wanted)
                self._say(self.records - left, self.records)
                if not left:
                    begins, wanted = await self._bounds(consumer)
                    if behind(begins, wanted, reached) <= CAUGHT_UP:
                        return
            except (KafkaError, OSError) as error:
                _log.info("cannot look how far the rebuild is yet: %r", error)
            await asyncio.sleep(LOOK_S)

    async def _bounds(self, consumer: Any) -> tuple[Offsets, Offsets]:
        count = await count_partitions(self._cluster, self._topics)
        names = [self._topics.source(name) for name in TOPICS]
        places = [TopicPartition(name, number) for name in names for number in range(count)]
        return await consumer.beginning_offsets(places), await consumer.end_offsets(places)


def behind(begins: Offsets, wanted: Offsets, reached: Offsets) -> int:
    """Counts the records that are wanted and not reached yet.

    >>> one = TopicPartition("tidemark.usage", 0)
    >>> behind({one: 2}, {one: 10}, {}), behind({one: 2}, {one: 10}, {one: 12})
    (8, 0)
    """
    return sum(max(end - max(reached.get(tp, 0), begins[tp]), 0) for tp, end in wanted.items())

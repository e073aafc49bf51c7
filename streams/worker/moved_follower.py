"""Following the topic of moved rows, with a consumer of its own, outside the group."""

import asyncio
import logging
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.kafka.cluster import Cluster
from streams.kafka.reading import reading
from streams.worker.consumer_thread import RETRY_MS
from streams.worker.moved_rows import MovedRows

POLL_S: Final = 0.2
"""Longest wait for records before looking whether partitions were restored anew."""

TRY_AGAIN_S: Final = 1.0
"""Between two tries to reach a broker that does not answer."""

RECORDS_MAX: Final = 1_000
"""Records taken between two turns of the event loop."""

_log = logging.getLogger(__name__)


class MovedFollower:
    """Hands records on as they come, from where each restore ended."""

    def __init__(self, cluster: Cluster, moved: MovedRows) -> None:
        self._cluster = cluster
        self._moved = moved

    async def run(self) -> None:
        """Follows until cancelled; begins again when the broker fails it."""
        while True:
            try:
                async with reading(self._cluster, retry_backoff_ms=RETRY_MS) as consumer:
                    await self._follow(consumer)
            except KafkaError as error:
                _log.warning("moved rows: cannot read them, trying on: %r", error)
            await asyncio.sleep(TRY_AGAIN_S)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        moved, begun = self._moved, 0
        while True:
            if not moved.following:
                await asyncio.sleep(POLL_S)
                continue
            if begun != moved.round:
                begun = moved.round
                places = {
                    TopicPartition(moved.topics.moved, n): at for n, at in moved.heard.items()
                }
                consumer.assign(list(places))
                for place, offset in places.items():
                    consumer.seek(place, offset)
            found = await consumer.getmany(timeout_ms=int(POLL_S * 1000), max_records=RECORDS_MAX)
            if begun == moved.round:
                for place, records in found.items():
                    moved.take(place.partition, records)

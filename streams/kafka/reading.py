"""Consumers of no group: what all of them have in common, and how they end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

from streams.kafka.cluster import Cluster
from streams.kafka.refusal import READ, asking, start

ISOLATION: Final = "read_committed"
"""Records of a transaction that was aborted are no events, whoever reads them."""

CLOSE_S: Final = 3.0
"""Time for a consumer to stop, before it is made to."""


@contextlib.asynccontextmanager
async def reading(cluster: Cluster, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """Yields a consumer that was started, and stops it.

    Args:
        cluster: The Kafka cluster.
        options: Other options of aiokafka's consumer.

    Raises:
        KafkaError: If the broker does not answer.
        RefusedError: If it does not let us in, or not read.
    """
    common = {"auto_offset_reset": "earliest", "isolation_level": ISOLATION, **options}
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **common, **cluster.options)
    try:
        await start(cluster, consumer.start())
        with asking(READ):
            yield consumer
    finally:
        await _stop(consumer)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Stops a consumer, whatever becomes of it.

    aiokafka's fetcher can miss that it was cancelled, if partitions were assigned a moment before:
    then ``stop`` waits for ever. And where a request was under way, as to a broker that is gone, it
    ends early with the cancellation of that, and leaves its connections open.
    """
    stopping = asyncio.ensure_future(consumer.stop())
    for _ in range(2):
        await asyncio.wait([stopping], timeout=CLOSE_S)
        stopping.cancel()  # is done, or is told once more
    if stopping.done() and not stopping.cancelled():
        stopping.exception()  # of what no longer matters
    else:
        await consumer._client.close()  # noqa: SLF001 - nothing public closes it now

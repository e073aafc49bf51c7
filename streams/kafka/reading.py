"""Consumers of no group: what all of them have in common, and how they end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

ISOLATION: Final = "read_committed"
"""Records of a transaction that was aborted are no events, whoever reads them."""

CLOSE_S: Final = 3.0
"""Time for a consumer to stop. aiokafka's fetcher can miss that it was cancelled, if partitions
were assigned a moment before; a second cancellation ends it."""


@contextlib.asynccontextmanager
async def reading(bootstrap: str, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """Yields a consumer that was started, and stops it.

    Args:
        bootstrap: ``host:port`` of the broker.
        options: Other options of aiokafka's consumer.

    Raises:
        KafkaError: If the broker does not answer.
    """
    common = {"auto_offset_reset": "earliest", "isolation_level": ISOLATION, **options}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, **common)
    try:
        await consumer.start()
        yield consumer
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await consumer.stop()

"""Consumers of no group: what all of them have in common, and how they end."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.clock import monotonic_s
from streams.kafka.cluster import Cluster
from streams.kafka.refusal import READ, asking, start

ISOLATION: Final = "read_committed"
"""Records of a transaction that was aborted are no events, whoever reads them."""

BATCH_RECORDS: Final = 5_000
"""Records that are handed over together."""

POLL_MS: Final = 1_000
"""Longest wait for records before looking whether all have been read."""

IDLE_S: Final = 60.0
"""Seconds without an answer, or without getting any further, after which reading fails."""

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


async def records_up_to(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]
) -> AsyncGenerator[tuple[TopicPartition, list[Any]], None]:
    """Yields the records of assigned partitions from where they stand, many of one at a time.

    Args:
        consumer: With a position in each partition.
        ends: Up to which offset each is read.

    Raises:
        KafkaError: If the broker refuses.
        TimeoutError: If it does not answer, or nothing more comes, for too long.
    """
    left = dict(ends)
    consumer.resume(*left)
    reached: dict[TopicPartition, int] = {}
    moved_s = monotonic_s()
    while left:
        async with asyncio.timeout(IDLE_S):
            positions = {each: await consumer.position(each) for each in left}
        if positions != reached:
            reached, moved_s = positions, monotonic_s()
        elif monotonic_s() - moved_s > IDLE_S:
            raise TimeoutError(f"nothing more for {IDLE_S:.0f} s of {named(left)}")
        for partition, position in positions.items():
            if position >= left[partition]:
                del left[partition]
                consumer.pause(partition)
        if not left:
            return
        async with asyncio.timeout(IDLE_S):
            fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS)
        for partition, records in fetched.items():
            wanted = [each for each in records if each.offset < left.get(partition, 0)]
            if wanted:
                yield partition, wanted


def named(partitions: Iterable[TopicPartition]) -> str:
    """Returns partitions as a person reads them.

    >>> named([TopicPartition("tidemark.usage", 0)])
    'tidemark.usage[0]'
    """
    return ", ".join(f"{each.topic}[{each.partition}]" for each in partitions)


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

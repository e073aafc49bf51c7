"""Limit: aiokafka hands over every record; nothing is decoded or kept."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.job import Job, Meter


async def main() -> None:
    """Reads the topic to its end."""
    job = Job.given()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=job.broker,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
        fetch_max_bytes=64 << 20,
    )
    await consumer.start()
    parts = [TopicPartition(job.topic, number) for number in range(job.partitions)]
    consumer.assign(parts)
    await consumer.seek_to_beginning(*parts)
    meter, over, begun = Meter(job), False, False
    while not over:
        got = await consumer.getmany(timeout_ms=500, max_records=10_000 if begun else 1)
        if got:
            begun = True
            over = meter.add(sum(map(len, got.values())))
    await consumer.stop()
    meter.report(None)


asyncio.run(main())

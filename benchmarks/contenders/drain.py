"""Limit: aiokafka hands over every record of the topics; nothing is decoded or kept."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.contenders.folded import TOPICS
from benchmarks.contenders.turns import config, cpu_s, take_turns


def main() -> None:
    """Reads the topics to their ends whenever told to."""
    given = config()
    parts = [
        TopicPartition(given["prefix"] + topic, number)
        for topic in TOPICS
        for number in range(given["partitions"])
    ]

    async def drain() -> Mapping[str, Any]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=given["broker"],
            enable_auto_commit=False,
            max_partition_fetch_bytes=4 << 20,
            fetch_max_bytes=64 << 20,
        )
        await consumer.start()
        try:
            consumer.assign(parts)
            await consumer.seek_to_beginning(*parts)
            count = len(await consumer.getmany(timeout_ms=10_000, max_records=1))
            begun_s = cpu_s()
            while count < given["count"]:
                got = await consumer.getmany(timeout_ms=500, max_records=10_000)
                count += sum(map(len, got.values()))
            return {"events": count, "cpu_s": cpu_s() - begun_s}
        finally:
            await consumer.stop()

    def work() -> Mapping[str, Any]:
        return asyncio.run(drain())

    take_turns(work, lambda: "")


main()

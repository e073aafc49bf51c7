"""The rows that need a broker: catching up with topics, from empty."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks import load
from benchmarks.builds import NEW, UNTIL, Build, company, history
from benchmarks.contenders.folded import TOPICS
from benchmarks.job import PREFIX
from benchmarks.rows import Contender, Row, Size, cpu_us
from benchmarks.run import kafka

PARTITIONS: Final = 4

NAMES: Final = ("uses", "mixed")
"""By which the rows are asked for."""


@contextmanager
def kafka_rows(old: Build, size: Size, cache: Path) -> Iterator[list[Row]]:
    """Starts a broker and publishes; yields the rows.

    Args:
        old: The old build.
        size: How large histories are.
        cache: Where made-up histories are.
    """
    uses = cache / f"uses-{size.uses}.ndjson"
    if not uses.exists():
        load.write(uses, size.uses)
    told = history(cache, size.accounts, size.days)
    company(told)
    with kafka() as broker:
        yield [
            _row(
                "uses",
                "a worker catches up with uses only",
                "3.5 us an event, 1/0.42 of raw drain",
                broker,
                uses,
                old,
            ),
            _row(
                "mixed",
                f"a worker catches up with the mixed log, {size.accounts} accounts",
                "2/5 of the old",
                broker,
                Path(told["file"]),
                old,
            ),
        ]


def _row(name: str, title: str, target: str, broker: str, path: Path, old: Build) -> Row:
    prefix = f"{PREFIX}{name}.{time.monotonic_ns()}."
    count = asyncio.run(_published(broker, path, prefix))
    config = {"broker": broker, "prefix": prefix, "partitions": PARTITIONS, "last": UNTIL}
    config["count"] = count
    contenders = [Contender(build.name, "worker", build, config) for build in (old, NEW)]
    contenders.append(Contender("raw drain", "drain", NEW, config))
    return Row(name, title, target, "CPU us an event", cpu_us, contenders)


async def _published(broker: str, path: Path, prefix: str) -> int:
    """Publishes a file; returns how many records the topics then hold, copies included."""
    await load.publish(broker, path, prefix, PARTITIONS)
    consumer = AIOKafkaConsumer(bootstrap_servers=broker)
    await consumer.start()
    try:
        parts = [TopicPartition(prefix + topic, n) for topic in TOPICS for n in range(PARTITIONS)]
        ends = await consumer.end_offsets(parts)
        return sum(ends.values())
    finally:
        await consumer.stop()

"""The events: a made-up month of usage, the same for the same arguments, as a file and as a topic.

Most events repeat a pair that is known already, as real usage does: users are drawn by a Pareto
law, and the days go by in order.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from streams.kafka.cluster import Cluster
from streams.kafka.publish import Publisher
from streams.kafka.topic_creation import create_topics
from streams.kafka.topics import Topics

USERS: Final = 50_000
ACCOUNTS: Final = 5_000
DAYS: Final = 60
SKEW: Final = 0.8
"""Shape of the Pareto law; smaller is more even."""

FEATURES: Final = ("reports", "dashboards", "exports", "alerts", "api", "sharing", "search")


def events(count: int, seed: int = 1) -> Iterator[tuple[tuple[int, int, int], bytes]]:
    """Yields events as (user, feature, day) and NDJSON lines."""
    draw = random.Random(seed)
    first = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(count):
        user = int(draw.paretovariate(SKEW)) % USERS
        feature = draw.randrange(len(FEATURES))
        at = first + timedelta(days=DAYS * number / count)
        account = f"acct_{user % ACCOUNTS:06d}"
        line = (
            f'{{"specversion":"1.0","id":"evt_{number:012d}","source":"app","type":"feature.used",'
            f'"time":"{at:%Y-%m-%dT%H:%M:%SZ}","subject":"user_{user:08d}","data":'
            f'{{"account_id":"{account}","user_id":"user_{user:08d}","feature":"{FEATURES[feature]}",'
            '"count":1}}'
        )
        yield (user, feature, (at - first).days), line.encode()


def write(path: Path, count: int) -> int:
    """Writes events to a file; returns the right answer: the number of distinct pairs."""
    distinct = set()
    with path.open("wb") as file:
        for pair, line in events(count):
            distinct.add(pair)
            file.write(line + b"\n")
    return len(distinct)


async def publish(broker: str, path: Path, prefix: str, partitions: int) -> None:
    """Creates the topics under a prefix and publishes a file to them."""
    await create_topics(Cluster(broker), partitions, Topics(prefix=prefix))
    publisher = Publisher(Cluster(broker), topic_prefix=prefix)
    await publisher.start()
    try:
        with path.open("rb") as file:
            while lines := file.readlines(1 << 20):
                await publisher.publish(lines, str(path))
    finally:
        await publisher.stop()

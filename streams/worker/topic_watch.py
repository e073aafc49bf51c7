"""Watching topics: who reads them must not go on when partitions are added, or a topic goes.

Accounts would then be placed anew, half their events in partitions that nobody reads, and nothing
of it is a lag.
"""

import asyncio
import logging
from typing import Final

from aiokafka.errors import KafkaError

from streams.kafka.cluster import Cluster
from streams.kafka.topics import Topics, administered, partition_counts
from streams.worker.error import WorkerError

LOOK_S: Final = 5.0
"""Between two looks at the topics, and for an answer."""

_log = logging.getLogger(__name__)


async def watch_topics(cluster: Cluster, topics: Topics, partitions: int) -> None:
    """Looks whether each topic has as many partitions as at the start, until cancelled.

    Those of events, and the changelogs. One that is not there at two looks in a row is gone: at
    one, a broker may be starting.

    Args:
        cluster: The Kafka cluster.
        topics: Their names.
        partitions: How many each had.

    Raises:
        WorkerError: If one has another number, or is gone.
    """
    names = [*topics.sources, *topics.compacted]
    missing: set[str] = set()
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            async with asyncio.timeout(LOOK_S), administered(cluster) as admin:
                counts = await partition_counts(admin, names)
        except (KafkaError, OSError, TimeoutError) as error:
            _log.warning("cannot look at the topics: %r", error)
            continue
        changed = [f"{name} has {n}" for name, n in sorted(counts.items()) if n != partitions]
        if changed:
            raise WorkerError(
                "partitions-changed",
                f"{', '.join(changed)} partitions, it was {partitions}: accounts would be placed "
                "anew, away from what is known of them; tidemark doctor says what to do",
            )
        gone = set(names) - counts.keys()
        if lost := sorted(gone & missing):
            is_truth = not set(lost).isdisjoint(topics.sources)
            made = "workers make it anew when they are started again"
            why = "all figures are computed from it" if is_truth else made
            raise WorkerError("topic-gone", f"{', '.join(lost)}: {why}")
        missing = gone

"""The last records of the event topics, for a look at what producers send."""

from collections.abc import Mapping
from typing import Any, Final

from aiokafka import TopicPartition

from events import TOPICS
from streams.kafka.cluster import Cluster
from streams.kafka.reading import reading, records_up_to
from streams.kafka.topics import Topics

LOOKED_AT: Final = 100
"""Last records of a partition: enough to see a producer, and read within a second."""


async def recent_records(
    cluster: Cluster, topics: Topics, partitions: Mapping[str, int]
) -> dict[str, list[Any]]:
    """Returns the last records of each event topic, by its short name.

    Args:
        cluster: Where they are.
        topics: Their names.
        partitions: How many partitions each topic that exists has, by its Kafka name.

    Raises:
        KafkaError: If the broker refuses.
        TimeoutError: If it does not answer.
        RefusedError: If we may not read.
    """
    names = {topics.source(name): name for name in TOPICS if topics.source(name) in partitions}
    wanted = [TopicPartition(each, n) for each in names for n in range(partitions[each])]
    found: dict[str, list[Any]] = {name: [] for name in names.values()}
    if not wanted:
        return found
    async with reading(cluster) as consumer:
        consumer.assign(wanted)
        first = await consumer.beginning_offsets(wanted)
        last = await consumer.end_offsets(wanted)
        for each in wanted:
            consumer.seek(each, max(first[each], last[each] - LOOKED_AT))
        ends = {each: last[each] for each in wanted if last[each] > first[each]}
        async for partition, records in records_up_to(consumer, ends):
            found[names[partition.topic]] += records
    return found

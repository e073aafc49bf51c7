"""The end of an erasure: what lies before the copies goes, and all that was computed of it.

Each step can be repeated. The register says that they are to be done until they are.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import for_code

from events import TOPICS
from events.errors import TidemarkError
from streams.clock import monotonic_s
from streams.kafka.cluster import Cluster
from streams.kafka.reading import reading
from streams.kafka.register import (
    ERASING,
    IN_FORCE,
    REBUILT,
    Register,
    find_register,
    write_register,
)
from streams.kafka.topics import Topics, administered, partition_counts

_NO_TOPIC: Final = 3
"""Kafka's error code for a topic that is gone already."""

_GONE_S: Final = 30.0
"""For topics that are deleted to be gone; usually milliseconds."""

_LOOK_S: Final = 0.1
"""Between two looks meanwhile."""


class ErasureError(TidemarkError):
    """Nobody could be erased; the message says why."""


async def end_erasure(cluster: Cluster, topics: Topics) -> bool:
    """Ends an erasure that is under way; returns whether there was one.

    The tables are deleted as a whole, since rows of several accounts look alike from outside, and
    computed anew from the events. Their groups are put back to where the events begin.

    Raises:
        ErasureError: If workers are running.
        KafkaError: If the broker refuses.
    """
    register = await find_register(cluster, topics)
    if not register.erasing:
        return False
    await check_nobody_works(cluster, topics)
    tables = _tables(register, topics)
    await _delete_before(cluster, register.begins)
    async with administered(cluster) as admin:
        await _delete_topics(admin, [name for each in tables for name in each.compacted])
    for each in tables:
        await _put_back(cluster, each, register.begins)
    await write_register(cluster, topics, (IN_FORCE, b""), (REBUILT, b""), (ERASING, b""))
    return True


async def check_nobody_works(cluster: Cluster, topics: Topics) -> None:
    """Refuses while workers run: they would count the old events and the copies.

    Raises:
        ErasureError: If there are some.
    """
    tables = _tables(await find_register(cluster, topics), topics)
    async with administered(cluster) as admin:
        for group in (each.app_id for each in tables):
            [answer] = await admin.describe_consumer_groups([group])
            if members := answer.to_object()["groups"][0]["members"]:
                raise ErasureError(
                    f"{len(members)} in group {group}: stop the workers first (one that was killed "
                    "is in it until its session times out)"
                )


def _tables(register: Register, topics: Topics) -> list[Topics]:
    """Returns the names of all tables that were ever computed."""
    app_ids = dict.fromkeys(map(register.app_id, register.tables))
    return [replace(topics, app_id=app_id) for app_id in app_ids]


async def _delete_before(cluster: Cluster, begins: Mapping[TopicPartition, int]) -> None:
    async with reading(cluster) as consumer, administered(cluster) as admin:
        counts = await partition_counts(admin, {place.topic for place in begins})
        there = [place for place in begins if place.partition < counts.get(place.topic, 0)]
        first = await consumer.beginning_offsets(there)
        ends = await consumer.end_offsets(there)
        before = {
            place: RecordsToDelete(before_offset=begins[place])
            for place in there
            if first[place] < begins[place] <= ends[place]
        }
        if before:
            await admin.delete_records(before)


async def _delete_topics(admin: Any, names: Sequence[str]) -> None:
    """Deletes topics, where they exist, and waits until they are gone."""
    there = list(await partition_counts(admin, names))
    if not there:
        return
    answer = await admin.delete_topics(there)
    for name, code, *_ in answer.topic_error_codes:
        if code not in (0, _NO_TOPIC):
            raise for_code(code)(name)
    deadline_s = monotonic_s() + _GONE_S
    while left := await partition_counts(admin, there):
        if monotonic_s() > deadline_s:
            raise ErasureError(f"deleted, but still there after {_GONE_S:.0f} s: {sorted(left)}")
        await asyncio.sleep(_LOOK_S)


async def _put_back(cluster: Cluster, tables: Topics, begins: Mapping[TopicPartition, int]) -> None:
    """Commits where the events begin: what a group had computed is gone."""
    async with administered(cluster) as admin:
        counts = await partition_counts(admin, map(tables.source, TOPICS))
    places = [TopicPartition(name, number) for name in counts for number in range(counts[name])]
    async with reading(cluster, group_id=tables.app_id) as consumer:
        consumer.assign(places)
        await consumer.commit({place: begins.get(place, 0) for place in places})

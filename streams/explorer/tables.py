"""Which tables an explorer follows: those in force, if they were computed under its settings."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from aiokafka.errors import KafkaError

from aggregates.shard.fingerprint import Fingerprint
from streams.kafka.cluster import Cluster
from streams.kafka.register import Begins, Register, find_register, reading_register
from streams.kafka.topics import Topics, administered, count_partitions, partition_counts
from streams.worker.admission import check_erased, check_in_force, refusal
from streams.worker.error import WorkerError, reaching

LOOK_S: Final = 5.0
"""Between two looks into the register: so long tables may be shown after others are in force."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables in force.

    Attributes:
        topics: Names of the installation, and of these tables.
        partitions: How many each topic has.
        begins: Where event logs begin that do not at 0; each erasure moves one.
    """

    topics: Topics
    partitions: int
    begins: Begins


async def tables_in_force(cluster: Cluster, names: Topics, own: Fingerprint) -> Tables:
    """Returns the tables in force.

    Raises:
        WorkerError: If there are none yet, they are of other settings or are not whole, an erasure
            is under way, or the broker cannot be reached.
        TopicError: If the topics do not fit.
    """
    with reaching(cluster):
        partitions = await count_partitions(cluster, names)
        register = await find_register(cluster, names)
        check_erased(register)
        serving = register.serving
        if serving is None:
            raise WorkerError("no-tables", "no worker has put tables in force yet: start one")
        if register.in_force != own.digest:
            raise WorkerError("other-settings", refusal(serving.fingerprint, own))
        topics = register.served(names)
        async with administered(cluster) as admin:
            counts = await partition_counts(admin, topics.compacted)
    odd = [f"{name} has {counts.get(name, 0)}" for name in topics.compacted]
    if set(counts.values()) != {partitions} or len(counts) < len(odd):
        raise WorkerError(
            "partitions-diverged", f"{', '.join(odd)} partitions, events {partitions}"
        )
    return Tables(topics, partitions, register.begins)


async def watch_tables(cluster: Cluster, names: Topics, own: Fingerprint, begins: Begins) -> None:
    """Looks now and then whether the tables are still in force, until cancelled.

    Args:
        cluster: The Kafka cluster.
        names: Of the installation, not of the tables.
        own: The fingerprint of the tables.
        begins: Where event logs began.

    Raises:
        WorkerError: When others have been put in force, or events were erased.
    """
    while True:
        try:
            async with reading_register(cluster, names) as reader:
                while True:
                    check_tables(await reader.read(), own, begins)
                    await asyncio.sleep(LOOK_S)
        except (KafkaError, OSError) as error:
            _log.warning("cannot look into %s: %r", names.register, error)
        await asyncio.sleep(LOOK_S)


def check_tables(register: Register, own: Fingerprint, begins: Begins) -> None:
    """Refuses what is not the tables as they were at the start.

    Raises:
        WorkerError: If others are in force, or events were erased.
    """
    check_erased(register)
    if register.begins != begins:
        raise WorkerError("erased", "events were erased, and tables computed anew: start again")
    if register.in_force != own.digest:
        check_in_force(register, own)
        raise WorkerError("superseded", "the tables are no longer in force")

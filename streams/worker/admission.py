"""Admission: whether a worker's settings are those of the tables in force, before it reads them.

Tables of other settings are never gone on with. A worker whose settings differ is refused, with the
names of what differs, until ``tidemark rebuild`` has computed its own tables. The first worker that
is then restored puts those in force, and the workers of the old ones stop by themselves.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final, Protocol

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from aggregates.shard.fingerprint import TZDATA, Fingerprint, differences, told
from events import TOPICS
from streams.kafka.batches import KeyValue
from streams.kafka.cluster import Cluster
from streams.kafka.register import (
    IN_FORCE,
    REBUILT,
    Register,
    RegisterReader,
    Tables,
    named_after,
    reading_register,
    tables_record,
    write_register,
)
from streams.kafka.topic_creation import create_register
from streams.kafka.topics import Topics, administered, cluster_id, count_partitions, existing
from streams.worker.error import WorkerError, reaching

LOOK_S: Final = 5.0
"""Between two looks into the register: so long two sets of workers may run after a switch."""

RESTORING_S: Final = 0.5
"""The same, while ours wait to be put in force."""

_REACH_S: Final = 30.0
"""For the broker to answer; a start behind it is the supervisor's to repeat."""

_MEND: Final = "`tidemark rebuild` computes new ones while the old are served"

_log = logging.getLogger(__name__)


class Serving(Protocol):
    """A worker, as far as it matters here."""

    @property
    def restored(self) -> bool:
        """Whether it has restored what it was assigned."""

    def claim_again(self) -> None:
        """Takes back on the board what workers of tables in force before have claimed."""


@asynccontextmanager
async def _reader_of(cluster: Cluster, topics: Topics) -> AsyncIterator[RegisterReader]:
    """Opens the register of an installation, made if there is none yet.

    Raises:
        WorkerError: If the broker cannot be reached.
        TopicError: If the topics do not fit.
    """
    with reaching(cluster):
        async with asyncio.timeout(_REACH_S):
            await count_partitions(cluster, topics)
            await create_register(cluster, topics)
        async with reading_register(cluster, topics) as reader:
            yield reader


async def admitted(
    cluster: Cluster, topics: Topics, own: Fingerprint
) -> tuple[Topics, Mapping[TopicPartition, int]]:
    """Returns the names of the tables of our settings: those in force, or those that may follow.

    And where event logs begin that do not at 0.

    Args:
        cluster: The Kafka cluster.
        topics: Names of the installation.
        own: The fingerprint of our settings.

    Raises:
        WorkerError: If tables of other settings are in force, or of unknown ones, or the broker
            cannot be reached.
        TopicError: If the topics do not fit.
    """
    async with _reader_of(cluster, topics) as reader:
        register = await reader.read()
        check_erased(register)
        unknown = await _has_unknown(cluster, topics, register)
        while words := next_words(register, own, topics.app_id, unknown=unknown):
            await write_register(cluster, topics, *words)
            register = await reader.read()
    return replace(topics, app_id=register.app_id(own.digest)), register.begins


def next_words(
    register: Register, own: Fingerprint, app_id: str, *, unknown: bool = False
) -> list[KeyValue]:
    """Returns the records to write before the next look; none if we are admitted.

    Others may write between a look and our writing, so what is written counts only once it has been
    read back.

    Args:
        register: What there is.
        own: The fingerprint of our settings.
        app_id: The plain name, which the first tables of an installation have.
        unknown: Whether there are tables that the register does not know.

    Raises:
        WorkerError: If our settings are not those of the tables in force, nor of those that may
            follow, with the names and values of what differs.
    """
    digest = own.digest
    if digest in register.tables and digest in (register.in_force, register.rebuilt):
        return []
    if register.serving is not None:
        raise WorkerError("other-settings", refusal(register.serving.fingerprint, own))
    if unknown:
        raise WorkerError(
            "unknown-settings",
            "there are tables of an earlier version, which do not say under which settings they "
            f"were computed: {_MEND}; the workers of that version may run meanwhile",
        )
    if digest not in register.tables:
        return [tables_record(Tables(own, app_id))]
    return put_in_force(own)


def put_in_force(own: Fingerprint) -> list[KeyValue]:
    """Returns the records that put our tables in force; after them none may follow."""
    return [(IN_FORCE, own.digest.encode()), (REBUILT, b"")]


async def installation_of(cluster: Cluster) -> str:
    """Returns the id of a Kafka cluster, which tells installations apart.

    Raises:
        WorkerError: If the broker cannot be reached.
    """
    with reaching(cluster):
        async with administered(cluster) as admin:
            return await cluster_id(admin)


async def watch(
    cluster: Cluster,
    topics: Topics,
    own: Fingerprint,
    worker: Serving,
) -> None:
    """Puts our tables in force once they are restored; looks now and then whether they still are.

    Not before: until then the old workers serve theirs.

    Args:
        cluster: The Kafka cluster.
        topics: Names of the installation, not of the tables.
        own: The fingerprint of our settings.
        worker: Ours.

    Raises:
        WorkerError: When other tables have been put in force, or events are erased.
    """
    while True:
        try:
            async with reading_register(cluster, topics) as reader:
                while True:
                    register = await reader.read()
                    check_erased(register)
                    if register.in_force == own.digest:
                        worker.claim_again()
                    elif register.rebuilt != own.digest:
                        check_in_force(register, own)
                    elif worker.restored:
                        await write_register(cluster, topics, *put_in_force(own))
                    restoring = register.rebuilt == own.digest
                    await asyncio.sleep(RESTORING_S if restoring else LOOK_S)
        except (KafkaError, OSError) as error:
            _log.warning("cannot look into %s: %r", topics.register, error)
        await asyncio.sleep(LOOK_S)


async def opened(cluster: Cluster, topics: Topics, own: Fingerprint) -> tuple[Register, Topics]:
    """Returns the register, and the names of tables of our settings that are to be computed.

    Raises:
        WorkerError: If the broker cannot be reached.
        TopicError: If the topics do not fit.
    """
    async with _reader_of(cluster, topics) as reader:
        register = await reader.read()
        check_erased(register)
        if own.digest not in register.tables:
            tables = Tables(own, named_after(topics.app_id, own.digest))
            await write_register(cluster, topics, tables_record(tables))
            register = await reader.read()
    return register, replace(topics, app_id=register.app_id(own.digest))


async def _has_unknown(cluster: Cluster, topics: Topics, register: Register) -> bool:
    """Whether there are tables of the plain name that no record describes."""
    if any(tables.app_id == topics.app_id for tables in register.tables.values()):
        return False
    return bool(await existing(cluster, map(topics.changelog, TOPICS)))


def check_erased(register: Register) -> None:
    """Tables that were computed before an erasure do not fit the events that are there after it.

    Raises:
        WorkerError: If one is under way.
    """
    if register.erasing:
        raise WorkerError(
            "erasing",
            "an erasure is under way, or was cut off: `tidemark erase` ends it; then start again",
        )


def check_in_force(register: Register, own: Fingerprint) -> None:
    """Refuses to go on beside tables of other settings.

    Raises:
        WorkerError: If others are in force than those of our settings, with what differs.
    """
    serving = register.serving
    if serving is not None:
        differing = told(differences(serving.fingerprint.entries, own.entries))
        raise WorkerError("superseded", f"other tables have been put in force: {differing}")


def refusal(there: Fingerprint, own: Fingerprint) -> str:
    """Says how settings differ from those of the tables in force, and what to do."""
    differing = differences(there.entries, own.entries)
    mend = f"set it back, or compute the tables anew: {_MEND}"
    if there.entries.get(TZDATA) != own.entries.get(TZDATA):
        mend = f"install that tzdata, or compute the tables anew: {_MEND}"
    return f"the tables in force were computed under other settings: {told(differing)}; {mend}"

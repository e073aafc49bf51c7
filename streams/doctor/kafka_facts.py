"""What a Kafka cluster says about our topics and our consumer group; gathered, not judged.

The first question to a broker is asked by hand: a client library tries on and on, and then says
only that it could not connect. One request over one connection distinguishes a wrong name, a closed
port, silence, and something that is no broker.
"""

import asyncio
import ssl
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
)

from events import TOPICS
from events.errors import TidemarkError
from streams.kafka.cluster import Cluster
from streams.kafka.reading import reading
from streams.kafka.refusal import DESCRIBE, check_code, start, system_problem, tls_problem
from streams.kafka.register import Register, find_register
from streams.kafka.topics import Topics, administered, cluster_id, configs_of, partition_counts

ANSWER_S: Final = 5.0
"""For one broker to answer; one that works does so within milliseconds."""

FACTS_S: Final = 30.0
"""For all questions together; each takes milliseconds, a group's coordinator may have to be found
first."""

_REQUEST_MS: Final = 10_000
_ASK_S: Final = 0.2
"""Between two questions where a coordinator is."""

_API_VERSIONS: Final = 18
_REQUEST: Final = struct.pack(">ihhih", 10, _API_VERSIONS, 0, 1, -1)
"""ApiVersions, version 0: length, key, version, correlation id, no client id."""
_LENGTH: Final = struct.Struct(">i")
_HEAD: Final = struct.Struct(">ihi")  # correlation id, error code, entries
_ENTRY: Final = struct.Struct(">hhh")  # key, lowest and highest version
_ANSWER_BYTES_MAX: Final = 1 << 16
"""Far above the 400 bytes of a real answer; what another protocol says there reads as more."""

_PROTOCOL: Final = "(another protocol? kafka_security_protocol must be its listener's)"

_CONFIGS: Final = ("retention.ms", "retention.bytes", "cleanup.policy")

Versions = dict[int, tuple[int, int]]
"""Lowest and highest version of each request, by its key."""


class NoBrokerError(TidemarkError):
    """Nobody answers as a broker would; the message says how it failed."""


class KafkaSilentError(TidemarkError):
    """The cluster has stopped answering; the message says at what."""


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """One topic.

    Attributes:
        partitions: How many it has.
        config: Of retention and compaction.
        begins: First offset there is, by partition.
        ends: Next offset to be written, by partition.
    """

    partitions: int
    config: dict[str, str] = field(default_factory=dict)
    begins: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """Records in it, at most: compaction leaves gaps."""
        return sum(end - self.begins.get(number, 0) for number, end in self.ends.items())


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """The consumer group of the workers.

    Attributes:
        state: As Kafka calls it, such as ``Stable`` or ``Empty``.
        owned: Partitions by member.
        committed: Offsets that have been committed.
    """

    state: str = ""
    owned: dict[str, list[TopicPartition]] = field(default_factory=dict)
    committed: dict[TopicPartition, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """One address of a broker: given by a setting, or by a broker.

    Attributes:
        address: ``HOST:PORT``.
        versions: What the broker there understands; empty if there is none.
        problem: Why there is none.
    """

    address: str
    versions: Versions
    problem: str = ""


@dataclass(frozen=True, slots=True)
class KafkaFacts:
    """What the cluster says.

    Attributes:
        advertised: The brokers under the names that they give themselves.
        topics: Ours that exist.
        group: The workers' group, of the tables in force.
        register: Which tables there are.
        cluster: The cluster's id; empty if it was not asked.
    """

    advertised: list[Bootstrap]
    topics: dict[str, TopicFacts] = field(default_factory=dict)
    group: GroupFacts = field(default_factory=GroupFacts)
    register: Register = field(default_factory=Register)
    cluster: str = ""


def address_of(text: str) -> tuple[str, int]:
    """Splits ``HOST:PORT``.

    >>> address_of("kafka:9092"), address_of("[::1]:9092")
    (('kafka', 9092), ('::1', 9092))

    Raises:
        NoBrokerError: If it is none.
    """
    host, colon, port = text.strip().rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise NoBrokerError("is not HOST:PORT")
    return host.strip("[]"), int(port)


async def knock(addresses: Iterable[str], cluster: Cluster) -> list[Bootstrap]:
    """Asks each address whether a broker is there, and which requests it understands."""
    tls = cluster.security.get("ssl_context")
    return list(await asyncio.gather(*(_knock(address, tls) for address in addresses)))


async def _knock(address: str, tls: ssl.SSLContext | None) -> Bootstrap:
    try:
        return Bootstrap(address.strip(), await _versions(*address_of(address), tls))
    except NoBrokerError as error:
        return Bootstrap(address.strip(), {}, str(error))
    except OSError as error:
        # A connection that is cut without a word has no text of its own.
        said = tls_problem(error) or system_problem(error) or f"ends the connection {_PROTOCOL}"
        return Bootstrap(address.strip(), {}, said)


async def _versions(host: str, port: int, tls: ssl.SSLContext | None) -> Versions:
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(host, port, ssl=tls)
    except TimeoutError:
        raise NoBrokerError(f"cannot be reached within {ANSWER_S:g} s (a firewall?)") from None
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _ask(reader, writer)
    except TimeoutError:
        raise NoBrokerError(f"takes the connection, and is silent {_PROTOCOL}") from None
    except (asyncio.IncompleteReadError, struct.error):
        raise NoBrokerError(f"answers, but not as Kafka does {_PROTOCOL}") from None
    finally:
        writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Versions:
    writer.write(_REQUEST)
    [length] = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if not _HEAD.size <= length <= _ANSWER_BYTES_MAX:
        raise struct.error
    answer = await reader.readexactly(length)
    _, error, count = _HEAD.unpack_from(answer)
    if error or count * _ENTRY.size > length:
        raise struct.error
    entries = _ENTRY.iter_unpack(answer[_HEAD.size : _HEAD.size + count * _ENTRY.size])
    return {key: (lowest, highest) for key, lowest, highest in entries}


def our_topics(topics: Topics) -> list[str]:
    """The names of all topics of an installation."""
    events = [topics.source(name) for name in TOPICS]
    return [*events, topics.dead_letters, *topics.compacted]


async def gather_facts(cluster: Cluster, topics: Topics) -> KafkaFacts:
    """Asks the cluster.

    Raises:
        RefusedError: If it does not let us in, or not ask.
        KafkaSilentError: If it does not answer everything in time.
    """
    try:
        async with asyncio.timeout(FACTS_S):
            return await _gather(cluster, topics)
    except TimeoutError:
        raise KafkaSilentError(f"not all questions were answered within {FACTS_S:g} s") from None
    except (KafkaError, OSError) as error:
        raise KafkaSilentError(str(error) or type(error).__name__) from None


async def _gather(cluster: Cluster, topics: Topics) -> KafkaFacts:
    patience = {"request_timeout_ms": _REQUEST_MS}
    client = AIOKafkaClient(**cluster.options, **patience)
    try:
        await start(cluster, client.bootstrap())
        brokers = [f"{broker.host}:{broker.port}" for broker in client.cluster.brokers()]
    finally:
        await client.close()
    advertised = await knock(brokers, cluster)
    if any(each.problem for each in advertised):
        return KafkaFacts(advertised)  # nothing further would be answered
    async with administered(cluster, **patience) as admin:
        register = await find_register(cluster, topics)
        topics = register.served(topics)
        counts = await partition_counts(admin, our_topics(topics))
        configs = await _configs(admin, counts)
        group = await _group(admin, topics.app_id)
        known_as = await cluster_id(admin)
    places = [TopicPartition(t, number) for t, count in counts.items() for number in range(count)]
    async with reading(cluster, **patience) as consumer:
        begins = await consumer.beginning_offsets(places) if places else {}
        ends = await consumer.end_offsets(places) if places else {}
    facts = {
        name: TopicFacts(count, configs.get(name, {}), _of(name, begins), _of(name, ends))
        for name, count in counts.items()
    }
    return KafkaFacts(advertised, facts, group, register, known_as)


def _of(topic: str, offsets: dict[TopicPartition, int]) -> dict[int, int]:
    return {tp.partition: offset for tp, offset in offsets.items() if tp.topic == topic}


async def _configs(admin: Any, names: Iterable[str]) -> dict[str, dict[str, str]]:
    asked = [
        ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(_CONFIGS)) for name in names
    ]
    answers = await admin.describe_configs(asked) if asked else ()
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for name, entries in configs_of(answers).items()
    }


async def _group(admin: Any, group: str) -> GroupFacts:
    coordinator = await _coordinator(admin, group)
    [answer] = await admin.describe_consumer_groups([group], coordinator)
    described = answer.to_object()["groups"][0]
    check_code(described["error_code"], group, DESCRIBE)
    committed = await admin.list_consumer_group_offsets(group, coordinator)
    owned = {
        f"{member['member_id']} at {member['client_host'].strip('/')}": _places(
            member["member_assignment"]
        )
        for member in described["members"]
    }
    offsets = {tp: each.offset for tp, each in committed.items() if each.offset >= 0}
    return GroupFacts(described["state"], owned, offsets)


async def _coordinator(admin: Any, group: str) -> int:
    """Finds the group's coordinator; a new cluster makes the topic it needs when first asked."""
    while True:  # within the bound of all questions
        try:
            return int(await admin.find_coordinator(group))
        except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError):
            await asyncio.sleep(_ASK_S)


def _places(assignment: bytes) -> list[TopicPartition]:
    if not assignment:
        return []
    places: list[TopicPartition] = ConsumerProtocolMemberAssignment.decode(assignment).partitions()
    return places

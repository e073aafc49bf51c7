"""What a Kafka cluster says about our topics and our consumer group; gathered, not judged."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
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
from streams.doctor.broker import NoBrokerError, Versions, address_of, ask_versions
from streams.kafka.topics import Topics

FACTS_S: Final = 30.0
"""For all questions together; each takes milliseconds, a group's coordinator may have to be found
first."""

_REQUEST_MS: Final = 10_000
_ASK_S: Final = 0.2
"""Between two questions where a coordinator is."""

_CONFIGS: Final = ("retention.ms", "retention.bytes", "cleanup.policy")


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
        group: The workers' group.
    """

    advertised: list[Bootstrap]
    topics: dict[str, TopicFacts]
    group: GroupFacts


async def knock(addresses: Iterable[str]) -> list[Bootstrap]:
    """Asks each address whether a broker is there."""
    return list(await asyncio.gather(*map(_knock, addresses)))


async def _knock(address: str) -> Bootstrap:
    try:
        return Bootstrap(address.strip(), await ask_versions(*address_of(address)))
    except NoBrokerError as error:
        return Bootstrap(address.strip(), {}, str(error))


def our_topics(topics: Topics) -> list[str]:
    """The names of all topics of an installation."""
    events = [topics.source(name) for name in TOPICS]
    return [*events, topics.dead_letters, *(topics.changelog(name) for name in TOPICS)]


async def gather_facts(bootstrap: str, topics: Topics) -> KafkaFacts:
    """Asks the cluster.

    Raises:
        KafkaSilentError: If it does not answer everything in time.
    """
    try:
        async with asyncio.timeout(FACTS_S):
            return await _gather(bootstrap, topics)
    except TimeoutError:
        raise KafkaSilentError(f"not all questions were answered within {FACTS_S:g} s") from None
    except (KafkaError, OSError) as error:
        raise KafkaSilentError(str(error) or type(error).__name__) from None


async def _gather(bootstrap: str, topics: Topics) -> KafkaFacts:
    advertised = await knock(await _advertised(bootstrap))
    if any(each.problem for each in advertised):
        return KafkaFacts(advertised, {}, GroupFacts())  # nothing further would be answered
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    try:
        await admin.start()
        described = await _described(admin, our_topics(topics))
        group = await _group(admin, topics.app_id)
    finally:
        await admin.close()
    return KafkaFacts(advertised, await _measured(bootstrap, described), group)


async def _advertised(bootstrap: str) -> list[str]:
    """Asks by which addresses the brokers want to be called."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    try:
        await client.bootstrap()
        return [f"{broker.host}:{broker.port}" for broker in client.cluster.brokers()]
    finally:
        await client.close()


async def _described(admin: Any, names: list[str]) -> dict[str, TopicFacts]:
    found = {
        topic["topic"]: len(topic["partitions"])
        for topic in await admin.describe_topics(names)
        if topic["error_code"] == 0
    }
    asked = [
        ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(_CONFIGS)) for name in found
    ]
    configs = {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in (await admin.describe_configs(asked) if asked else ())
        for _code, _message, _kind, name, entries in answer.resources
    }
    return {name: TopicFacts(count, configs.get(name, {})) for name, count in found.items()}


async def _measured(bootstrap: str, topics: dict[str, TopicFacts]) -> dict[str, TopicFacts]:
    """Adds the first and the next offsets."""
    places = [TopicPartition(t, n) for t, facts in topics.items() for n in range(facts.partitions)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, request_timeout_ms=_REQUEST_MS
    )
    try:
        await consumer.start()
        begins = await consumer.beginning_offsets(places) if places else {}
        ends = await consumer.end_offsets(places) if places else {}
    finally:
        await consumer.stop()
    return {
        name: TopicFacts(
            facts.partitions,
            facts.config,
            {tp.partition: offset for tp, offset in begins.items() if tp.topic == name},
            {tp.partition: offset for tp, offset in ends.items() if tp.topic == name},
        )
        for name, facts in topics.items()
    }


async def _group(admin: Any, group: str) -> GroupFacts:
    coordinator = await _coordinator(admin, group)
    [answer] = await admin.describe_consumer_groups([group], coordinator)
    described = answer.to_object()["groups"][0]
    committed = await admin.list_consumer_group_offsets(group, coordinator)
    return GroupFacts(
        described["state"],
        {
            f"{member['member_id']} at {member['client_host'].strip('/')}": _places(
                member["member_assignment"]
            )
            for member in described["members"]
        },
        {tp: each.offset for tp, each in committed.items() if each.offset >= 0},
    )


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

"""Making the topics of an installation, where they do not exist, and setting what is to be kept."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from events import TOPICS
from streams.clock import monotonic_s
from streams.kafka.cluster import Cluster
from streams.kafka.refusal import CREATE, RefusedError, check_code
from streams.kafka.topic_config import set_config
from streams.kafka.topics import (
    CHANGELOG_CONFIG,
    DEAD_LETTER_DAYS,
    FOR_EVER,
    TopicError,
    Topics,
    administered,
    configs_of,
    dead_letters_config,
    expires_by,
    partition_counts,
)

_TOPIC_EXISTS: Final = 36
"""Kafka's error code for a topic that somebody has made already."""

_KNOWN_S: Final = 20.0
"""A broker answers that a topic is created before its clients see it; usually milliseconds."""

_ASK_S: Final = 0.05
"""Between two questions meanwhile."""


async def create_topics(
    cluster: Cluster,
    partitions: int,
    topics: Topics | None = None,
    dead_letter_days: int = DEAD_LETTER_DAYS,
) -> list[str]:
    """Creates the event topics and the dead letters, where they do not exist, of equal counts.

    Args:
        cluster: The Kafka cluster.
        partitions: How many each topic has.
        topics: What they are called.
        dead_letter_days: How long the dead letters are kept.

    Returns:
        The names of the topics that were created.

    Raises:
        TopicError: If one exists with another partition count, or the broker refuses.
    """
    names = topics or Topics()
    wanted = {names.source(name): dict(FOR_EVER) for name in TOPICS}
    wanted[names.dead_letters] = dead_letters_config(dead_letter_days)
    return await _create(cluster, partitions, wanted)


async def expiring(cluster: Cluster, topics: Topics) -> dict[str, dict[str, str]]:
    """Returns the event topics that do not keep events for ever, and by which of their settings.

    Such are those that somebody else has made, as a broker does for a producer that asks. Where we
    may not ask, nothing is told.
    """
    wanted = dict.fromkeys(FOR_EVER)
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, wanted) for name in topics.sources]
    try:
        async with administered(cluster) as admin:
            found = configs_of(await admin.describe_configs(asked))
    except RefusedError:
        return {}
    odd = {
        name: expires_by({key: value for key, value, *_ in entries})
        for name, entries in sorted(found.items())
    }
    return {name: config for name, config in odd.items() if config}


async def keep_dead_letters(cluster: Cluster, topics: Topics, days: int) -> bool:
    """Sets how long the dead letters are kept, where that is another time.

    Returns:
        Whether it was another.

    Raises:
        TopicError: If the broker refuses.
    """
    async with administered(cluster) as admin:
        try:
            return await set_config(admin, topics.dead_letters, dead_letters_config(days))
        except KafkaError as error:
            raise TopicError(f"cannot alter {topics.dead_letters}: {error!r}") from error


async def create_changelogs(cluster: Cluster, partitions: int, topics: Topics) -> list[str]:
    """Creates the changelogs, where they do not exist: compacted only.

    Raises:
        TopicError: If one exists with another partition count or a policy that deletes rows.
    """
    wanted = {name: dict(CHANGELOG_CONFIG) for name in topics.compacted}
    made = await _create(cluster, partitions, wanted)
    async with administered(cluster) as admin:
        policy = {"cleanup.policy": None}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name, policy) for name in wanted]
        answers = await admin.describe_configs(asked)
    policies = {name: entries[0][1] for name, entries in configs_of(answers).items()}
    if wrong := sorted(name for name, policy in policies.items() if policy != "compact"):
        raise TopicError(
            f"cleanup.policy of {', '.join(wrong)} must be compact alone: rows must not expire"
        )
    return made


async def create_register(cluster: Cluster, topics: Topics) -> None:
    """Creates the register of tables, of one partition, where it does not exist.

    Raises:
        TopicError: If it exists with another partition count, or the broker refuses.
    """
    await _create(cluster, 1, {topics.register: FOR_EVER})


async def _create(
    cluster: Cluster, partitions: int, wanted: Mapping[str, Mapping[str, str]]
) -> list[str]:
    async with administered(cluster) as admin:
        counts = await partition_counts(admin, wanted)
        _check_counts(counts, partitions)
        made = sorted(set(wanted) - counts.keys())
        # A replication factor of -1 is the broker's own default; aiokafka takes it with an empty
        # assignment only.
        new = [NewTopic(name, partitions, -1, {}, dict(wanted[name])) for name in made]
        answer = await admin.create_topics(new) if new else None
        for name, code, *rest in answer.topic_errors if answer is not None else ():
            check_code(code, name, CREATE)
            if code not in (0, _TOPIC_EXISTS):
                raise TopicError(f"cannot create {name}: {for_code(code).__name__} {rest}")
        _check_counts(await _wait_for(admin, wanted), partitions)
    return made


def _check_counts(counts: Mapping[str, int], partitions: int) -> None:
    for name, count in counts.items():
        if count != partitions:
            raise TopicError(
                f"{name} has {count} partitions, not {partitions}; events are keyed by account, so "
                "a count cannot change: use the one it has, or remove the topic"
            )


async def _wait_for(admin: Any, names: Iterable[str]) -> dict[str, int]:
    """Waits until the broker knows of the topics that it has just said it created."""
    wanted = set(names)
    deadline_s = monotonic_s() + _KNOWN_S
    while wanted - (counts := await partition_counts(admin, wanted)).keys():
        if monotonic_s() > deadline_s:
            missing = ", ".join(sorted(wanted - counts.keys()))
            raise TopicError(f"created, but still unknown after {_KNOWN_S:.0f} s: {missing}")
        await asyncio.sleep(_ASK_S)
    return counts

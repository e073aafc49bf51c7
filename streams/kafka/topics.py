"""The Kafka topics: what they are called, how they are kept, and that they fit each other.

Owns the names of the five event topics, the dead letters and the changelogs, and their
configuration.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.metadata import MetadataRequest

from aggregates.time.tile import DAY_MS
from events import TOPIC_PREFIX, TOPICS
from events.errors import TidemarkError
from streams.kafka.cluster import Cluster
from streams.kafka.refusal import (
    DESCRIBE,
    DESCRIBE_CONFIGS,
    asking,
    check_code,
    start,
)

DEAD_LETTERS: Final = "dead-letters"


_RECORD_BYTES_MAX: Final = 16 * 2**20
"""Largest record batch of a changelog or of the dead letters: a busy account's row, or a record of
10 MB in base64. The broker's own default of 1 MB would stop a worker over one such row."""


_COMPACTION_LAG_MS: Final = 3_600_000
"""A changelog record is not compacted away for an hour. A paused worker's late write must be seen
beside the row it would shadow, so this is far above the session timeout, and far below what fills a
disk."""

FOR_EVER: Final[Mapping[str, str]] = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
}
"""How events are kept: they are what every figure is computed from."""

DEAD_LETTER_DAYS: Final = 30
"""How long dead letters are kept unless a setting says otherwise."""


class TopicError(TidemarkError):
    """The topics on the broker are missing or do not fit each other."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Names of all topics of one installation.

    Attributes:
        prefix: Before each event topic's short name.
        app_id: Consumer group, and prefix of the changelogs.
    """

    prefix: str = TOPIC_PREFIX
    app_id: str = "tidemark"

    def source(self, name: str) -> str:
        """Kafka name of an event topic.

        >>> Topics().source("usage")
        'tidemark.usage'
        """
        return self.prefix + name

    @property
    def sources(self) -> list[str]:
        """Kafka names of the event topics."""
        return [*map(self.source, TOPICS)]

    def table(self, name: str) -> str:
        """Versioned name of the table that an event topic feeds.

        >>> Topics().table("usage")
        'usage-rows-v1'
        """
        return f"{name}-rows-v1"

    def changelog(self, name: str) -> str:
        """Kafka name of that table's changelog.

        >>> Topics().changelog("usage")
        'tidemark-usage-rows-v1-changelog'
        """
        return f"{self.app_id}-{self.table(name)}-changelog"

    @property
    def moved(self) -> str:
        """Kafka name of the topic of rows that are read in another partition than their own.

        >>> Topics().moved
        'tidemark-moved-rows-v1-changelog'
        """
        return self.changelog("moved")

    @property
    def compacted(self) -> list[str]:
        """Kafka names of the changelogs, that of moved rows among them."""
        return [*map(self.changelog, TOPICS), self.moved]

    @property
    def register(self) -> str:
        """Kafka name of the topic that says which tables there are, and which are in force.

        >>> Topics().register
        'tidemark-tables'
        """
        return f"{self.app_id}-tables"

    @property
    def dead_letters(self) -> str:
        """Kafka name of the dead-letter topic."""
        return self.prefix + DEAD_LETTERS


CHANGELOG_CONFIG: Final[Mapping[str, str]] = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": str(_COMPACTION_LAG_MS),
    "max.message.bytes": str(_RECORD_BYTES_MAX),
}


def expires_by(config: Mapping[str, str]) -> dict[str, str]:
    """Returns the settings of a topic by which its events would expire.

    >>> expires_by({"retention.ms": "604800000", "retention.bytes": "-1"})
    {'retention.ms': '604800000'}
    """
    return {name: value for name, value in config.items() if FOR_EVER.get(name, value) != value}


def dead_letters_config(days: int) -> dict[str, str]:
    """Returns the configuration of the dead letters: whole records of others are not kept for ever.

    >>> dead_letters_config(30)["retention.ms"]
    '2592000000'
    """
    retained = {"retention.ms": str(days * DAY_MS), "max.message.bytes": str(_RECORD_BYTES_MAX)}
    return {**FOR_EVER, **retained}


class _Asking(AIOKafkaAdminClient):  # type: ignore[misc]  # aiokafka has no types for it
    """Asks for topics without having the broker make those asked for, as it does by default."""

    async def _get_cluster_metadata(self, topics: list[str] | None = None) -> Any:
        return await self._send_request(MetadataRequest(topics, allow_auto_topic_creation=False))


@asynccontextmanager
async def administered(cluster: Cluster, **options: Any) -> AsyncIterator[AIOKafkaAdminClient]:
    """Yields an administration client of a cluster, with other options of aiokafka's.

    Raises:
        KafkaError: If the broker does not answer.
        RefusedError: If it does not let us in, or not ask.
    """
    admin = _Asking(**options, **cluster.options)
    try:
        await start(cluster, admin.start())
        with asking(DESCRIBE):
            yield admin
    finally:
        await admin.close()


async def existing(cluster: Cluster, names: Iterable[str]) -> set[str]:
    """Returns which of some topics exist."""
    async with administered(cluster) as admin:
        return set(await partition_counts(admin, names))


async def cluster_id(admin: Any) -> str:
    """Returns the id that a Kafka cluster gave itself, through an administration client."""
    return str((await admin.describe_cluster())["cluster_id"])


async def count_partitions(cluster: Cluster, topics: Topics) -> int:
    """Counts the partitions that the event topics and the dead letters share.

    Raises:
        TopicError: If a topic is missing, or the counts differ.
    """
    counts = await counted(cluster, topics)
    if len(set(counts.values())) != 1:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        raise TopicError(f"partition counts must be equal: {listed}")
    return next(iter(counts.values()))


async def counted(cluster: Cluster, topics: Topics) -> dict[str, int]:
    """Counts the partitions of each event topic, and of the dead letters.

    Raises:
        TopicError: If a topic is missing.
    """
    names = [*topics.sources, topics.dead_letters]
    async with administered(cluster) as admin:
        counts = await partition_counts(admin, names)
    if missing := sorted(set(names) - counts.keys()):
        raise TopicError(f"missing: {', '.join(missing)}; `tidemark topics` creates them")
    return counts


async def partition_counts(admin: Any, names: Iterable[str]) -> dict[str, int]:
    """Counts the partitions of each topic that exists, through an administration client.

    Raises:
        RefusedError: If we may not know of one: it may be there or not.
    """
    described = await admin.describe_topics(list(names))
    for topic in described:
        check_code(topic["error_code"], topic["topic"], DESCRIBE)
    return {
        topic["topic"]: len(topic["partitions"]) for topic in described if topic["error_code"] == 0
    }


def configs_of(answers: Iterable[Any]) -> dict[str, list[Any]]:
    """Returns the entries of configuration, by topic, that an administration client has asked for.

    Raises:
        RefusedError: If we may not ask for those of one.
    """
    resources = [resource for answer in answers for resource in answer.resources]
    for code, _message, _kind, name, _entries in resources:
        check_code(code, name, DESCRIBE_CONFIGS)
    return {name: entries for _code, _message, _kind, name, entries in resources}

"""Topics on a real broker: made alike, never changed, refused where they do not fit."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.kafka.cluster import Cluster
from streams.kafka.topic_config import set_config
from streams.kafka.topic_creation import create_changelogs, create_topics, keep_dead_letters
from streams.kafka.topics import TopicError, Topics, count_partitions

pytestmark = pytest.mark.broker


@pytest.fixture
def topics() -> Topics:
    """Names that no other test has."""
    unique = f"topics-{time.monotonic_ns():x}"
    return Topics(f"{unique}.", unique)


@pytest.fixture
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client."""
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    yield client
    await client.close()


async def configs(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    """A topic's configuration."""
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [(_, _, _, _, entries)] = answer.resources
    return {entry[0]: entry[1] for entry in entries}


async def test_topics_keep_events_for_ever_and_changelogs_keep_rows(
    kafka: str, topics: Topics, admin: AIOKafkaAdminClient
) -> None:
    """Equal counts; the log never expires, dead letters do; changelogs are compacted, after an hour
    or later."""
    made = await create_topics(Cluster(kafka), 3, topics)
    assert len(made) == 6
    assert sorted(await create_changelogs(Cluster(kafka), 3, topics)) == sorted(topics.compacted)
    assert await count_partitions(Cluster(kafka), topics) == 3
    month_ms = "2592000000"
    for name, kept_ms in ((topics.source("usage"), "-1"), (topics.dead_letters, month_ms)):
        found = await configs(admin, name)
        assert (found["retention.ms"], found["retention.bytes"]) == (kept_ms, "-1")
        assert found["cleanup.policy"] == "delete"
    for name in (topics.changelog("usage"), topics.moved):
        found = await configs(admin, name)
        assert found["cleanup.policy"] == "compact"
        assert int(found["min.compaction.lag.ms"]) >= 3_600_000


async def test_making_them_again_changes_nothing(kafka: str, topics: Topics) -> None:
    """What exists and fits is left alone."""
    await create_topics(Cluster(kafka), 2, topics)
    assert await create_topics(Cluster(kafka), 2, topics) == []


async def test_dead_letters_are_kept_as_long_as_is_set(
    kafka: str, topics: Topics, admin: AIOKafkaAdminClient
) -> None:
    """Those of an earlier version, kept for ever, are given an end; what else was set stays."""
    await create_topics(Cluster(kafka), 1, topics)
    earlier = {"retention.ms": "-1", "segment.ms": "3600000"}
    assert await set_config(admin, topics.dead_letters, earlier)
    for _ in range(200):  # a broker answers before it knows
        if (await configs(admin, topics.dead_letters))["segment.ms"] == earlier["segment.ms"]:
            break
        await asyncio.sleep(0.05)
    assert await keep_dead_letters(Cluster(kafka), topics, 7)
    found = await configs(admin, topics.dead_letters)
    assert found["retention.ms"] == "604800000"
    assert found["max.message.bytes"] == "16777216"
    assert found["segment.ms"] == "3600000"
    assert not await keep_dead_letters(Cluster(kafka), topics, 7)


async def test_another_count_is_an_error_that_names_the_topic(kafka: str, topics: Topics) -> None:
    """Events are keyed by account: a count cannot change afterwards."""
    await create_topics(Cluster(kafka), 2, topics)
    with pytest.raises(TopicError, match=r"has 2 partitions, not 3"):
        await create_topics(Cluster(kafka), 3, topics)


async def test_missing_and_unequal_topics_are_errors(
    kafka: str, topics: Topics, admin: AIOKafkaAdminClient
) -> None:
    """A worker needs all of them, with one count."""
    with pytest.raises(TopicError, match=r"missing: .*usage"):
        await count_partitions(Cluster(kafka), topics)
    await create_topics(Cluster(kafka), 1, topics)
    await admin.delete_topics([topics.dead_letters])
    await admin.create_topics([NewTopic(topics.dead_letters, 2, -1, {})])
    told = ""
    for _ in range(200):
        try:
            await count_partitions(Cluster(kafka), topics)
        except TopicError as error:  # a busy broker may still know the former topic: no error yet
            told = str(error)
            if "missing" not in told:
                break
        await asyncio.sleep(0.05)
    assert "must be equal" in told


async def test_a_changelog_that_deletes_rows_is_refused(
    kafka: str, topics: Topics, admin: AIOKafkaAdminClient
) -> None:
    """With cleanup.policy compact,delete rows would expire."""
    config = {"cleanup.policy": "compact,delete"}
    await admin.create_topics([NewTopic(topics.changelog("usage"), 1, -1, {}, config)])
    with pytest.raises(TopicError, match=r"cleanup.policy of .*usage"):
        await create_changelogs(Cluster(kafka), 1, topics)

"""A broker that makes topics of those that are asked for, as Kafka does by default."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.end_to_end.commands import Commands, new_commands
from tests.servers import KafkaServer, RedisServer
from tests.servers.required import required

pytestmark = [pytest.mark.broker, pytest.mark.slow]

BY_DEFAULT = {
    "auto.create.topics.enable": "true",
    "num.partitions": "1",
    "log.retention.ms": "604800000",
}
EVENT = (
    b'{"specversion": "1.0", "id": "e1", "source": "crm", "type": "seats.set",'
    b' "time": "2026-03-01T00:00:00Z", "data": {"account_id": "a", "seats": 5}}\n'
)


@pytest.fixture
def kafka() -> Iterator[KafkaServer]:
    """A broker as it comes."""
    with required(KafkaServer(properties=BY_DEFAULT)) as server:
        yield server


@pytest.fixture
def commands(kafka: KafkaServer, tmp_path: Path) -> Iterator[Commands]:
    """The commands, with no topic made."""
    with (
        required(RedisServer()) as board,
        new_commands(tmp_path, kafka=kafka.bootstrap, redis=board.url) as made,
    ):
        yield made


async def _topics(kafka: KafkaServer, asked: list[str] | None = None) -> set[str]:
    """The topics that there are, after some were asked for by name as any client does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        if asked:
            await admin.describe_topics(asked)
            await asyncio.sleep(1)
        return {name for name in await admin.list_topics() if not name.startswith("__")}
    finally:
        await admin.close()


def test_who_asks_makes_no_topic(kafka: KafkaServer, commands: Commands) -> None:
    """Whatever is asked of a cluster without topics, or sent to it, there are none after it; and
    then `tidemark topics` makes what it says."""
    source = f"kafka://{kafka.bootstrap}"
    at = ("--at", "2026-04-01T00:00:00Z")
    for asked in (
        ("doctor",),
        ("replay", source, *at),
        ("dead-letters", "list"),
        ("publish", "-"),
        ("rebuild",),
        ("worker",),
        ("explorer", "--port", "0"),
    ):
        done = commands.run(*asked, given=EVENT)
        assert done.returncode != 0, asked
        assert "Traceback" not in done.stderr
        assert asyncio.run(_topics(kafka)) == set(), asked
    assert "tidemark topics" in commands.run("publish", "-", given=EVENT).stderr

    made = commands.run("topics", "--partitions", "4")
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.count(" with 4 partitions") == 6
    assert "published 1 records" in commands.run("publish", "-", given=EVENT).stdout
    assert "events are kept for ever" in commands.run("doctor").stdout


def test_topics_that_were_made_by_others_are_told_of(
    kafka: KafkaServer, commands: Commands
) -> None:
    """Their events would expire: to make the others is no reason to be silent about it."""
    asyncio.run(_topics(kafka, ["tidemark.usage"]))
    made = commands.run("topics", "--partitions", "1")
    assert made.stdout.count("created ") == 5
    assert "events expire in tidemark.usage (retention.ms=604800000)" in made.stderr

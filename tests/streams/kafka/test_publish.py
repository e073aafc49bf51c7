"""Publishing while a broker is silent: it is said, it goes on, and it can be ended."""

import asyncio
import logging
from collections.abc import Callable, Iterator

import pytest

from events.dialect import PLAIN
from streams.kafka import publish
from streams.kafka.cluster import Cluster
from streams.kafka.publish import Published, publish_batches
from streams.kafka.source import KafkaSource
from streams.kafka.topic_creation import create_topics
from tests.servers import KafkaServer
from tests.servers.required import required

pytestmark = pytest.mark.broker

LINE = b'{"type": "seats.set", "data": {"account_id": "a"}, "padding": "%s"}' % (b"x" * 900)

BATCHES = [[LINE] * 10, [LINE] * 5_000]
"""The second is of several batches of one partition, of which each waits for the one before it."""


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Iterator[KafkaServer]:
    """A broker with empty topics, of whose silence is told soon."""
    monkeypatch.setattr(publish, "_SILENT_S", 0.2)
    monkeypatch.setattr(publish, "STOP_S", 0.5)
    with required(KafkaServer()) as made:
        asyncio.run(create_topics(Cluster(made.bootstrap), 1))
        yield made


async def published(kafka: KafkaServer, then: Callable[["asyncio.Task[Published]"], None]) -> int:
    """Publishes; the broker falls silent after the first batch, and something is done then."""

    def silent(lines: int) -> None:
        if lines == len(BATCHES[0]):
            kafka.pause()
            asyncio.get_running_loop().call_later(2, then, sending)

    work = publish_batches(Cluster(kafka.bootstrap), BATCHES, "test", PLAIN, silent)
    sending = asyncio.create_task(work)
    return (await sending).records["usage"]


def test_it_waits_for_a_silent_broker_and_says_so(
    kafka: KafkaServer, caplog: pytest.LogCaptureFixture
) -> None:
    """All is there once, however long the broker was silent."""
    with caplog.at_level(logging.WARNING, publish.__name__):
        sent = asyncio.run(published(kafka, lambda _: kafka.resume()))
    assert sent == sum(map(len, BATCHES))
    assert f"kafka {kafka.bootstrap}: not all records are taken yet, trying on" in caplog.messages
    found = KafkaSource(Cluster(kafka.bootstrap), ("usage",)).batches()
    assert sum(map(len, found)) == sent


def test_it_can_be_ended_meanwhile(kafka: KafkaServer) -> None:
    """Ctrl-C, which cancels it, does not wait for a broker that may never come back."""

    async def ended() -> None:
        async with asyncio.timeout(30):
            await published(kafka, lambda sending: void(sending.cancel()))

    try:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(ended())
    finally:
        kafka.resume()


def void(_: object) -> None:
    """Forgets a value."""

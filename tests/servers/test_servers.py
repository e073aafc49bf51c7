"""The harness itself: each real server starts, does its work, and can be broken on purpose."""

import asyncio
import subprocess

import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.servers import AlertmanagerServer, KafkaServer, PrometheusServer, RedisServer, port
from tests.servers.required import required

pytestmark = pytest.mark.broker

ANSWER_S = 30.0  # bounds every wait for a server


async def create_topic(bootstrap: str, name: str) -> None:
    """Creates a topic of one partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def produce(bootstrap: str, topic: str, value: bytes) -> None:
    """Writes one compressed record and waits for the broker's word."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, compression_type="lz4")
    await producer.start()
    try:
        await asyncio.wait_for(producer.send_and_wait(topic, value), ANSWER_S)
    finally:
        await producer.stop()


async def first_value(bootstrap: str, topic: str) -> bytes | None:
    """Reads the first record of a topic."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        record = await asyncio.wait_for(consumer.getone(), ANSWER_S)
    finally:
        await consumer.stop()
    value: bytes | None = record.value
    return value


async def test_a_record_goes_through_kafka(kafka: str) -> None:
    """What is produced is consumed, compressed, from a topic that was created first."""
    await create_topic(kafka, "harness-smoke")
    await produce(kafka, "harness-smoke", b"one")
    assert await first_value(kafka, "harness-smoke") == b"one"


async def test_a_killed_broker_comes_back_with_its_records() -> None:
    """After `kill -9` the same ports and data return: an acknowledged record is still there."""
    with required(KafkaServer()) as server:
        await create_topic(server.bootstrap, "harness-crash")
        await produce(server.bootstrap, "harness-crash", b"kept")
        server.kill()
        assert server.pid is None
        assert not server.answers()
        server.start()
        assert await first_value(server.bootstrap, "harness-crash") == b"kept"


def test_a_paused_server_is_silent_and_goes_on() -> None:
    """SIGSTOP keeps the process and its port but answers nothing; SIGCONT undoes it."""
    with required(RedisServer()) as server:
        server.pause()
        assert server.pid is not None
        assert not server.answers()
        server.resume()
        assert server.answers()


def test_a_restarted_redis_is_empty() -> None:
    """A Redis stopped and started has lost its keys: it is a cache here, never the truth."""
    with required(RedisServer()) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("key", "value")
        server.stop()
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("key") is None


def test_nothing_is_left_behind() -> None:
    """Leaving the context ends the process and removes its folder."""
    with required(RedisServer()) as server:
        home = server.home
        assert home.exists()
    assert server.pid is None
    assert not home.exists()


def test_a_port_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is down for a while finds its port free when it comes back."""
    only = port.free_port()
    monkeypatch.setattr(port, "_FIRST", only)
    monkeypatch.setattr(port, "_LAST", only)
    with pytest.raises(OSError, match="no free port"):
        port.free_port()


def test_redis_answers(redis_url: str) -> None:
    """The session's Redis answers a client's PING."""
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


def test_promtool_runs(each_promtool: str) -> None:
    """promtool tells its version."""
    done = subprocess.run([each_promtool, "--version"], capture_output=True, text=True, check=True)
    assert "promtool" in done.stdout + done.stderr


def test_prometheus_evaluates_promql() -> None:
    """A query is answered, and a wrong one is refused with the reason."""
    with required(PrometheusServer("global: {scrape_interval: 1s}\n")) as server:
        assert server.query("vector(42)")[0]["value"][1] == "42"
        with pytest.raises(ValueError, match="parse error"):
            server.query("sum(")


def test_amtool_runs(each_amtool: str) -> None:
    """amtool tells its version."""
    done = subprocess.run([each_amtool, "--version"], capture_output=True, text=True, check=True)
    assert "amtool" in done.stdout + done.stderr


def test_alertmanager_starts_empty() -> None:
    """Alertmanager holds the alerts that it was told of, at first none."""
    with required(AlertmanagerServer("route: {receiver: r}\nreceivers: [{name: r}]\n")) as server:
        assert server.alerts() == []

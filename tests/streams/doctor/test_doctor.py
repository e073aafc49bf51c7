"""``tidemark doctor`` against real servers: healthy, and broken in each way that has a remedy."""

import asyncio
import json
import shlex
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
import redis
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.cli import main
from streams.doctor.kafka_facts import our_topics
from streams.kafka.topics import Topics
from tests.end_to_end.patience import wait_for
from tests.servers import KafkaServer, RedisServer
from tests.servers.port import HOST, free_port
from tests.servers.required import required

pytestmark = pytest.mark.broker

PARTITIONS = "2"
NAMES = Topics()
USAGE = NAMES.source("usage")
SECRET = "correct-horse"

T = TypeVar("T")
Said = dict[str, dict[str, Any]]
"""Findings by the name of their check."""


@dataclass
class Patient:
    """An installation to look at.

    Attributes:
        kafka: Bootstrap address.
        redis: URL.
        capsys: Takes what the doctor prints.
    """

    kafka: str
    redis: str
    capsys: pytest.CaptureFixture[str]

    def seen(self, *more: str) -> tuple[int, Said]:
        """Calls the doctor; gives the exit code and the findings."""
        code = main(["doctor", "--json", "--kafka", self.kafka, "--redis", self.redis, *more])
        told = json.loads(self.capsys.readouterr().out)
        assert told["ok"] == (code == 0)
        assert SECRET not in json.dumps(told)
        for finding in told["findings"]:
            assert bool(finding["mend"]) == (finding["verdict"] != "ok"), finding
        return code, {finding["name"]: finding for finding in told["findings"]}

    def failing(self, name: str) -> dict[str, Any]:
        """Calls the doctor, who must find one thing to mend."""
        code, said = self.seen()
        assert code == 1
        assert [each for each in said if said[each]["verdict"] == "fail"] == [name], said
        return said[name]

    def run(self, command: str) -> None:
        """Runs a command of ours, as the doctor gave it."""
        program, *arguments = shlex.split(command)
        assert program == "tidemark"
        assert main(arguments) == 0
        self.capsys.readouterr()


def asked(kafka: str, ask: Callable[[Any], Awaitable[T]]) -> T:
    """Asks or tells the broker something."""

    async def call() -> T:
        client = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await client.start()
        try:
            return await ask(client)
        finally:
            await client.close()

    return asyncio.run(call())


def remove(kafka: str, names: list[str]) -> None:
    """Removes topics, and waits until the broker has forgotten them."""
    asked(kafka, lambda admin: admin.delete_topics(names))

    def gone() -> bool:
        described = asked(kafka, lambda admin: admin.describe_topics(names))
        return all(topic["error_code"] for topic in described)

    wait_for(gone, lambda: f"{names} gone")


def make(kafka: str, name: str, partitions: int) -> None:
    """Makes a topic that keeps its records, and waits until the broker knows it."""
    config = {"retention.ms": "-1", "retention.bytes": "-1"}
    new = NewTopic(name, partitions, -1, {}, config)
    asked(kafka, lambda admin: admin.create_topics([new]))

    def there() -> bool:
        [described] = asked(kafka, lambda admin: admin.describe_topics([name]))
        return not described["error_code"]

    wait_for(there, lambda: f"{name} there")


def alter(kafka: str, topic: str, key: str, value: str) -> None:
    """Sets one property of a topic, the others to their defaults, and waits until it is known."""
    wanted = ConfigResource(ConfigResourceType.TOPIC, topic, {key: value})
    asked(kafka, lambda admin: admin.alter_configs([wanted]))

    def known() -> bool:
        [answer] = asked(kafka, lambda admin: admin.describe_configs([wanted]))
        [(*_, entries)] = answer.resources
        return [entry[1] for entry in entries] == [value]

    wait_for(known, lambda: f"{key} of {topic}")


def produce(kafka: str, topic: str) -> None:
    """Writes a record."""

    async def call() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=kafka)
        await producer.start()
        try:
            await producer.send_and_wait(topic, b"{}")
        finally:
            await producer.stop()

    asyncio.run(call())


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, RedisServer]]:
    """A broker and a Redis of this module's own: topics come and go."""
    with required(KafkaServer()) as kafka, required(RedisServer()) as board:
        yield kafka.bootstrap, board


@pytest.fixture
def patient(
    servers: tuple[str, RedisServer],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Patient]:
    """An installation whose topics have just been made."""
    kafka, board = servers
    monkeypatch.setenv("TIDEMARK_KAFKA", kafka)
    patient = Patient(kafka, board.url, capsys)
    patient.run(f"tidemark topics --partitions {PARTITIONS}")
    yield patient
    remove(kafka, our_topics(NAMES))


def test_a_new_installation_is_healthy(patient: Patient) -> None:
    """After `tidemark topics` there is nothing to mend; only a worker is missing yet."""
    code, said = patient.seen()
    assert code == 0, said
    assert {name for name in said if said[name]["verdict"] == "warn"} == {"workers", "board"}
    assert said["workers"]["mend"] == "tidemark worker"
    assert "Kafka 4.0 or later" in said["kafka"]["what"]
    assert said["partitions"]["what"].startswith(PARTITIONS)
    for name in ("brokers", "topics", "retention", "dead letters", "redis", "clock"):
        assert said[name]["verdict"] == "ok", name


def test_people_read_what_machines_read(patient: Patient) -> None:
    """The text has a line for each finding, a second one for each remedy, and the sum."""
    code = main(["doctor", "--redis", patient.redis])
    lines = patient.capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[-1].startswith("0 to mend, 2 to look after")
    assert any(line.startswith("warn  workers") for line in lines)
    assert sum(" -> " in line for line in lines) == 2


def test_the_remedy_for_a_missing_topic_works(patient: Patient) -> None:
    """The command that it names makes the topic, with the right count."""
    remove(patient.kafka, [USAGE])
    said = patient.failing("topics")
    assert USAGE in said["what"]
    patient.run(said["mend"])
    assert patient.seen()[0] == 0


def test_unequal_partition_counts_are_told(patient: Patient) -> None:
    """Which topic it is and how many it has; what to do depends on whether it has records."""
    remove(patient.kafka, [USAGE])
    make(patient.kafka, USAGE, 3)
    said = patient.failing("partitions")
    assert f"{USAGE} has 3, the others have 2" in said["what"]
    assert f"--delete --topic {USAGE}" in said["mend"]
    produce(patient.kafka, USAGE)
    code, found = patient.seen()
    assert code == 1
    assert "--delete" not in found["partitions"]["mend"]
    assert "1 records wait" in found["workers"]["what"]


def test_events_that_expire_are_told(patient: Patient) -> None:
    """The topic, the setting, and the command that sets it right."""
    alter(patient.kafka, USAGE, "retention.ms", "604800000")
    said = patient.failing("retention")
    assert f"{USAGE} (retention.ms=604800000" in said["what"]
    assert said["mend"].startswith("kafka-configs.sh")
    assert f"--entity-name {USAGE} " in said["mend"]


def test_dead_letters_are_counted(patient: Patient) -> None:
    """They fail nothing, but somebody should look."""
    produce(patient.kafka, NAMES.dead_letters)
    code, said = patient.seen()
    assert code == 0
    assert said["dead letters"]["what"].startswith("1 records")
    assert "tidemark dead-letters list" in said["dead letters"]["mend"]


def test_a_silent_redis_is_told(patient: Patient) -> None:
    """Its address is named, the board is not looked for."""
    port = free_port()
    patient.redis = f"redis://:{SECRET}@{HOST}:{port}/0"
    said = patient.failing("redis")
    assert f"{HOST}:{port} does not answer: Connection refused" in said["what"]
    assert "TIDEMARK_REDIS" in said["mend"]
    assert "board" not in patient.seen()[1]


def test_a_refused_password_is_told_and_not_shown(patient: Patient) -> None:
    """No password and a wrong one are told apart; the right one ends the complaint."""
    with required(RedisServer()) as closed:
        redis.Redis(port=closed.port).config_set("requirepass", SECRET)
        patient.redis = closed.url
        assert "wants a password, and TIDEMARK_REDIS has none" in patient.failing("redis")["what"]
        patient.redis = f"redis://:{SECRET}-not@{HOST}:{closed.port}/0"
        assert "refuses the password" in patient.failing("redis")["what"]
        patient.redis = f"redis://:{SECRET}@{HOST}:{closed.port}/0"
        assert patient.seen()[0] == 0


def test_a_redis_that_evicts_is_told(patient: Patient) -> None:
    """Evicting a partition hides every KPI."""
    with required(RedisServer("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")) as full:
        patient.redis = full.url
        said = patient.failing("redis memory")
        assert "allkeys-lru" in said["what"]
        assert said["mend"] == "redis-cli CONFIG SET maxmemory-policy noeviction"


def test_a_silent_kafka_is_told(patient: Patient) -> None:
    """A closed port, or a server of another kind; Redis is looked at all the same."""
    patient.kafka = f"{HOST}:{free_port()}"
    said = patient.failing("kafka")
    assert f"{patient.kafka} Connection refused" in said["what"]
    assert "TIDEMARK_KAFKA" in said["mend"]
    assert patient.seen()[1]["redis"]["verdict"] == "ok"
    patient.kafka = patient.redis.removeprefix("redis://").removesuffix("/0")
    assert (
        f"{patient.kafka} takes the connection, and is silent" in patient.failing("kafka")["what"]
    )


def test_tls_where_there_is_none_is_told(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that cuts the connection is of another protocol, and not of another century."""
    monkeypatch.setenv("TIDEMARK_KAFKA_SECURITY_PROTOCOL", "SSL")
    said = patient.failing("kafka")
    assert "kafka_security_protocol" in said["what"] + said["mend"]


def test_an_address_that_leads_nowhere_is_told(patient: Patient) -> None:
    """A broker that names itself wrongly answers at first: advertised.listeners is the remedy."""
    nowhere = f"{HOST}:{free_port()}"
    wrong = {"advertised.listeners": f"PLAINTEXT://{nowhere}"}
    with required(KafkaServer(properties=wrong)) as kafka:
        patient.kafka = kafka.bootstrap
        said = patient.failing("brokers")
        assert f"{nowhere} Connection refused" in said["what"]
        assert "advertised.listeners" in said["mend"]


def test_wrong_settings_end_the_visit(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is named; without settings there is nothing else to look at."""
    monkeypatch.setenv("TIDEMARK_PARTITIONS", "none")
    said = patient.failing("settings")
    assert said["what"].startswith("TIDEMARK_PARTITIONS:")
    assert "kafka" not in patient.seen()[1]

"""Kafka with TLS, SASL and ACLs: every way in, every right, every refusal, and figures behind it.

One broker for all; its plain listener is the administrator's, who is nobody's user.
"""

import asyncio
import json
import logging
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from aiokafka import AIOKafkaProducer

from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.plan import Plan
from streams.cli import main
from streams.clock import now_ms
from streams.kafka.cluster import Cluster
from streams.kafka.dead_letter import Origin, pack_dead_letter
from streams.kafka.topics import Topics, create_changelogs, create_topics
from streams.worker.admission import admitted
from tests.end_to_end.commands import Commands
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.figures import Oracle
from tests.end_to_end.patience import wait_for
from tests.servers import RedisServer
from tests.servers.required import available, required
from tests.servers.secure_kafka import PASSWORD, USER, SecureKafkaServer
from tests.servers.tokens import TokenEndpoint
from tests.streams.cli.test_cli import EVENT

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PARTITIONS: Final = 2
SECRET: Final = "token-endpoint-secret"
WRONG: Final = "quite-another-secret"
KEY_PASSWORD: Final = "password-of-the-key"
SECRETS: Final = (PASSWORD, SECRET, WRONG, KEY_PASSWORD)

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "security.md"
EVERY: Final = (
    "$acl --operation Read --operation Write --operation Create --operation DescribeConfigs "
    "--topic tidemark --group tidemark --resource-pattern-type prefixed"
)

Way = dict[str, str]
"""Settings by name."""


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenEndpoint]:
    """Where OAuth's tokens come from."""
    with available():
        endpoint = TokenEndpoint(tmp_path_factory.mktemp("tokens"), USER, SECRET)
    with endpoint:
        yield endpoint


async def reject(bootstrap: str, topic: str) -> None:
    """Writes a dead letter of an event that is in order now."""
    raw = json.dumps(EVENT).encode()
    letter = pack_dead_letter(Origin("somewhere", -1, 1), "invalid", "it was", raw, now_ms())
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.send_and_wait(topic, letter, key=b"", partition=0)
    finally:
        await producer.stop()


@pytest.fixture(scope="module")
def broker(
    tokens: TokenEndpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SecureKafkaServer]:
    """The broker, with all topics of an installation and a few events in them."""
    with available():
        server = SecureKafkaServer(tmp_path_factory.mktemp("certificates"), tokens)
    with required(server):
        plain, names = Cluster(server.bootstrap), Topics()
        asyncio.run(create_topics(plain, PARTITIONS))
        asyncio.run(admitted(plain, names, fingerprint_of(Plan(), "")))
        asyncio.run(create_changelogs(plain, PARTITIONS, names))
        asyncio.run(reject(server.bootstrap, names.dead_letters))
        yield server


@pytest.fixture(scope="module")
def ways(broker: SecureKafkaServer, tokens: TokenEndpoint) -> dict[str, Way]:
    """Settings of every way in."""
    folder, trusted = broker.authority.cafile.parent, {"ssl_cafile": str(broker.authority.cafile)}
    file = folder / "password"
    file.write_text(f"{PASSWORD}\n")
    found = {
        "mTLS": trusted
        | {
            "": broker.at("TLS"),
            "security_protocol": "SSL",
            "ssl_certfile": str(broker.authority.sign(USER, password=KEY_PASSWORD)),
            "ssl_key_password": KEY_PASSWORD,
        },
        "OAUTHBEARER": trusted
        | {
            "": broker.at("SASL"),
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "OAUTHBEARER",
            "sasl_oauthbearer_token_endpoint_url": tokens.url,
            "sasl_oauthbearer_client_id": USER,
            "sasl_oauthbearer_client_secret": SECRET,
            "sasl_oauthbearer_scope": "kafka",
        },
        "without TLS": {
            "": broker.at("CLEAR"),
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-256",
            "sasl_username": USER,
            "sasl_password_file": str(file),
        },
    }
    for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        found[mechanism] = trusted | {
            "": broker.at("SASL"),
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": mechanism,
            "sasl_username": USER,
            "sasl_password": PASSWORD,
        }
    return {
        name: {f"kafka_{each}".removesuffix("_"): value for each, value in way.items()}
        for name, way in found.items()
    }


class Here:
    """Commands in this process: what they print and log, at every level.

    Attributes:
        heard: Who logged during the last command.
    """

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Has heard nobody yet."""
        self.heard = set[str]()
        self._monkeypatch, self._capsys, self._caplog = monkeypatch, capsys, caplog

    def run(self, way: Way, command: str) -> tuple[int, str]:
        """Runs a command; gives its exit code and all that was printed, and looks for secrets."""
        with self._monkeypatch.context() as patch:
            for name, value in way.items():
                patch.setenv(f"TIDEMARK_{name.upper()}", value)
            self._caplog.clear()
            with self._caplog.at_level(logging.DEBUG):
                code = main(["--log-level", "debug", *shlex.split(command)])
        printed = "".join(self._capsys.readouterr())
        logged = "\n".join(f"{r.getMessage()} {r.exc_text or ''}" for r in self._caplog.records)
        self.heard = {record.name for record in self._caplog.records}
        assert not [secret for secret in SECRETS if secret in printed + logged]
        return code, printed


@pytest.fixture
def here(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> Here:
    """Commands in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Here(monkeypatch, capsys, caplog)


def commands_of(server: str) -> dict[str, str]:
    """Commands that speak to Kafka and end, by the headings of the page; none needs Redis."""
    company = "--accounts 1 --days 2 --seed 1"
    return {
        "topics": f"topics --partitions {PARTITIONS}",
        "publish": f"simulate --kafka {company}",
        "replay": f"replay kafka://{server} --at 2026-01-01T00:00:00Z --out figures.json",
        "dead-letters list": "dead-letters list",
        "dead-letters replay": "dead-letters replay",
        "doctor": "doctor --redis redis://127.0.0.1:1/0",
    }


def succeeded(command: str, code: int, said: str) -> bool:
    """Whether a command did all it is for; the doctor misses Redis, and looks on."""
    if command == "doctor":
        return "kafka access" not in said and "topics" in said
    return code == 0


def rights() -> dict[str, str]:
    """The lines of the page that grant each command its rights."""
    blocks = re.compile(r"^### (.+)\n\n```sh\n((?:\$acl .*\n)+)```", re.MULTILINE)
    each = {
        name.strip().removeprefix("tidemark "): lines
        for heading, lines in blocks.findall(PAGE.read_text())
        for name in heading.split(",")
    }
    assert {*commands_of(""), "worker", "rebuild", "backfill"} <= each.keys()
    return each


@pytest.fixture
def refused_ways(broker: SecureKafkaServer, ways: dict[str, Way]) -> dict[str, Way]:
    """Ways that a broker refuses, by what its refusal says."""
    scram, plain, tls, oauth = (
        ways[name] for name in ("SCRAM-SHA-512", "PLAIN", "mTLS", "OAUTHBEARER")
    )
    bare = {name: value for name, value in tls.items() if "cert" not in name and "key" not in name}
    blind = {name: value for name, value in plain.items() if name != "kafka_ssl_cafile"}
    clear = {"kafka": broker.at("CLEAR"), "kafka_security_protocol": "SASL_PLAINTEXT"}
    without_tls = {name: value for name, value in oauth.items() if "_ssl_" not in name}
    endpoint = "kafka_sasl_oauthbearer_token_endpoint_url"
    return {
        f"refuses the user '{USER}' or the password (SCRAM-SHA-512)": scram
        | {"kafka_sasl_password": WRONG},
        f"refuses the user '{USER}' or the password (PLAIN)": plain
        | {"kafka_sasl_password": WRONG},
        "it refuses our certificate, or that there is none": bare,
        "set kafka_ssl_cafile to the authority that signed it": blind,
        "its certificate has expired": tls | {"kafka": broker.at("EXPIRED")},
        "does not take OAUTHBEARER": without_tls | clear,
        "its listener has no SASL": ways["without TLS"] | {"kafka": broker.bootstrap},
        "answers 401": oauth | {"kafka_sasl_oauthbearer_client_secret": WRONG},
        "Connection refused": oauth | {endpoint: "http://127.0.0.1:1/token"},
        "another protocol than kafka_security_protocol = PLAINTEXT": {"kafka": broker.at("SASL")},
        "another protocol than kafka_security_protocol = SSL": bare | {"kafka": broker.bootstrap},
    }


def without_each(lines: str) -> Iterator[tuple[str, str]]:
    """Yields each operation that lines grant, and the lines without it."""
    for match in re.finditer(r" --operation (\w+)", lines):
        rest = lines[: match.start()] + lines[match.end() :]
        left = [line for line in rest.splitlines() if "--operation" in line]
        yield match[1], "\n".join(left)


@pytest.mark.parametrize(
    "way", ["mTLS", "OAUTHBEARER", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "without TLS"]
)
def test_every_way_in(
    broker: SecureKafkaServer, ways: dict[str, Way], here: Here, way: str
) -> None:
    """Each command gets in by each mechanism, and no secret is printed or logged."""
    broker.grant(EVERY)
    for name, command in commands_of(ways[way]["kafka"]).items():
        code, said = here.run(ways[way], command)
        assert succeeded(name, code, said), (name, said)
        assert {"aiokafka", "aiokafka.conn"} <= here.heard, "logs were there to be searched"


@pytest.mark.parametrize("name", ["publish", "replay", "dead-letters replay", "doctor"])
def test_the_rights_of_the_page_are_the_least(
    broker: SecureKafkaServer, ways: dict[str, Way], here: Here, name: str
) -> None:
    """With them a command succeeds; without any of them it fails, and names what is missing."""
    way, lines = ways["SCRAM-SHA-512"], rights()[name]
    command = commands_of(way["kafka"])[name]
    broker.grant(lines)
    assert succeeded(name, *(seen := here.run(way, command))), seen
    for operation, rest in without_each(lines):
        broker.grant(rest)
        code, said = here.run(way, command)
        assert not succeeded(name, code, said), (operation, rest)
        assert re.search(r"Kafka (refuses|lets) this user .*: grant it \w+; docs/", said), said


def test_what_is_refused_is_named(refused_ways: dict[str, Way], here: Here) -> None:
    """Each refusal ends a command with what to set, in one line, and without a secret."""
    for said, way in refused_ways.items():
        code, printed = here.run(way, f"topics --partitions {PARTITIONS}")
        assert code == 1
        assert said in printed, printed
        assert "Traceback" not in printed
        code, printed = here.run(way, "doctor --json --redis redis://127.0.0.1:1/0")
        assert code == 1
        failing = [f for f in json.loads(printed)["findings"] if f["verdict"] == "fail"]
        assert {f["name"] for f in failing} <= {"kafka", "kafka access", "brokers", "redis"}
        assert [f for f in failing if f["name"] != "redis"], printed


class Installed:
    """Workers and an exporter that get in by rights of the page; what they wrote is searched."""

    def __init__(self, folder: Path, broker: SecureKafkaServer, redis: str) -> None:
        """Has nothing running yet."""
        self.folder, self.broker, self.redis = folder, broker, redis
        self.commands: list[Commands] = []

    def get_in(self, way: Way) -> Commands:
        """Commands with the settings of a way in."""
        folder = self.folder / str(len(self.commands))
        folder.mkdir()
        made = Commands(folder, {**way, "redis": self.redis})
        self.commands.append(made)
        return made

    def close(self) -> None:
        """Ends what runs, and looks for secrets in all that was written."""
        for each in self.commands:
            each.close()
        written = [path for path in self.folder.rglob("*") if path.is_file()]
        assert written
        for path in written:
            text = path.read_text(errors="replace")
            assert not [secret for secret in SECRETS if secret in text], path


@pytest.fixture
def installed(broker: SecureKafkaServer, tmp_path: Path) -> Iterator[Installed]:
    """An installation on the broker, with a Redis of its own."""
    with required(RedisServer()) as redis:
        made = Installed(tmp_path / "installed", broker, redis.url)
        made.folder.mkdir()
        try:
            yield made
        finally:
            made.close()


def test_figures_behind_tls_sasl_and_acls(
    installed: Installed, ways: dict[str, Way], broker: SecureKafkaServer
) -> None:
    """Two workers that get in by SCRAM and by OAuth, with the rights of the page alone, and an
    exporter show what a replay of the topics says; when a right is taken away they end by name, and
    no figure is shown as that of now."""
    lines, scram = rights(), ways["SCRAM-SHA-512"]
    broker.grant(lines["publish"])
    producer = installed.get_in(scram)
    company = ("--accounts", "6", "--days", "60", "--seed", "7")
    producer.output_of("simulate", "--kafka", *company)
    broker.grant(lines["worker"])
    workers = [
        installed.get_in(way).start("worker", "--log-level", "debug", "worker")
        for way in (scram, ways["OAUTHBEARER"])
    ]
    exporter = Exporter(
        installed.get_in(scram).start("exporter", "--log-level", "debug", "exporter", "--port", "0")
    )
    exporter.wait_until_shared(len(workers))
    exporter.wait_until_settled()
    exporter.check(Oracle(installed.get_in(scram), f"kafka://{scram['kafka']}"))

    broker.grant(lines["replay"])  # topics may be read, and changelogs no longer
    for worker in workers:
        assert worker.wait() == 70
        assert re.search(r"kafka-refused: .* grant it \w+; docs/security.md", worker.tail())
    wait_for(
        lambda: exporter.get("/-/ready")[0] != 200,
        lambda: "an exporter that knows of it",
    )
    assert not exporter.scrape().kpis

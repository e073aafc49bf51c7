"""Kafka with TLS, SASL and ACLs: every way in, every right, every refusal, and figures behind it.

One broker for all; its plain listener is the administrator's, who is nobody's user.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.plan import Plan
from streams.cli.audit import EXIT_NOT_COMPARED
from streams.kafka.cluster import Cluster
from streams.kafka.topic_creation import create_changelogs, create_topics
from streams.kafka.topics import Topics
from streams.worker.admission import admitted
from tests.end_to_end.explorer import Explorer
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.figures import Oracle
from tests.end_to_end.patience import wait_for
from tests.end_to_end.secured import (
    EVERY,
    KEY_PASSWORD,
    PARTITIONS,
    SECRET,
    WRONG,
    Here,
    Installed,
    Way,
    commands_of,
    reject,
    rights,
    search,
    succeeded,
    without_each,
)
from tests.servers import RedisServer
from tests.servers.required import available, required
from tests.servers.secure_kafka import PASSWORD, USER, SecureKafkaServer
from tests.servers.tokens import TokenEndpoint

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenEndpoint]:
    """Where OAuth's tokens come from."""
    with available():
        endpoint = TokenEndpoint(tmp_path_factory.mktemp("tokens"), USER, SECRET)
    with endpoint:
        yield endpoint


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
        asyncio.run(admitted(plain, names, fingerprint_of(Plan())))
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
        "SCRAM-SHA-256 without TLS": {
            "": broker.at("CLEAR"),
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-256",
            "sasl_username": USER,
            "sasl_password_file": str(file),
        },
    }
    for mechanism in ("PLAIN", "SCRAM-SHA-512"):
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
        "its listener has no SASL": ways["SCRAM-SHA-256 without TLS"] | {"kafka": broker.bootstrap},
        "answers 401": oauth | {"kafka_sasl_oauthbearer_client_secret": WRONG},
        "Connection refused": oauth | {endpoint: "http://127.0.0.1:1/token"},
        "another protocol than kafka_security_protocol = PLAINTEXT": {"kafka": broker.at("SASL")},
        "another protocol than kafka_security_protocol = SSL": bare | {"kafka": broker.bootstrap},
    }


@pytest.mark.parametrize(
    "way", ["mTLS", "OAUTHBEARER", "PLAIN", "SCRAM-SHA-512", "SCRAM-SHA-256 without TLS"]
)
def test_every_way_in(
    broker: SecureKafkaServer, ways: dict[str, Way], here: Here, way: str
) -> None:
    """Each command gets in by each mechanism, and no secret is printed or logged."""
    broker.grant(EVERY)
    for name, command in commands_of(ways[way]["kafka"]).items():
        code, said = here.run(ways[way], command)
        assert succeeded(name, code, said), (name, said)
        assert "aiokafka" in here.heard, "logs were there to be searched"


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


def test_a_backfill_needs_what_replay_needs(
    broker: SecureKafkaServer, ways: dict[str, Way], here: Here, promtool: str
) -> None:
    """The rights of the page are enough, and no secret is in blocks or manifest."""
    broker.grant(rights()["backfill"])
    span = "--from 2026-01-06T00:00:00Z --to 2026-01-08T00:00:00Z --every 1d"
    where = f"--promtool {promtool} --out blocks --manifest manifest.json"
    way = ways["OAUTHBEARER"]
    code, said = here.run(way, f"backfill {span} {where} kafka://{way['kafka']}")
    assert code == 0, said
    assert Path("manifest.json").is_file()


def test_an_erasure_needs_what_the_page_says(
    broker: SecureKafkaServer, ways: dict[str, Way], here: Here
) -> None:
    """The rights of the page are enough: all but the board, which is not there, is done."""
    way, lines = ways["SCRAM-SHA-512"], rights()
    broker.grant(lines["publish"])
    assert here.run(way, "simulate --kafka --accounts 2 --days 20 --seed 3")[0] == 0
    broker.grant(lines["erase"])
    where = {**way, "redis": "redis://127.0.0.1:1/0"}
    code, said = here.run(where, "erase --account acct_1")
    assert "erased; start with" in said, said
    assert (code, "the board is not cleared" in said) == (1, True), said


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


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installed]:
    """Commands that run, with a Redis of their own."""
    with required(RedisServer()) as server:
        made = Installed(tmp_path, server)
        try:
            yield made
        finally:
            made.close()


def check_audit(installed: Installed, way: Way, broker: SecureKafkaServer, lines: str) -> None:
    """By the rights of the page an audit compares; with one of them alone it says what it lacks."""
    first, second = lines.splitlines(keepends=True)
    for user, granted in (("auditor-1", first), ("auditor-2", second)):
        certificate = broker.authority.sign(user, password=KEY_PASSWORD)
        audit = installed.get_in({**way, "kafka_ssl_certfile": str(certificate)}, "auditor")
        broker.allow(granted, user)
        done = audit.run("audit")
        assert done.returncode == EXIT_NOT_COMPARED, done
        assert re.search(r"Kafka (refuses|lets) this user .*: grant it \w+; docs/", done.stderr), (
            done
        )
    broker.allow(first, user)
    done = audit.run("audit")
    assert done.returncode == 0, done
    assert "equal: " in done.stdout
    assert "will not show" not in done.stderr


def check_explorer(installed: Installed, way: Way, broker: SecureKafkaServer, lines: str) -> None:
    """By the rights of the page, none of which is to write, it shows what replay says; with one of
    them alone it says what it lacks."""
    first, second = lines.splitlines(keepends=True)
    assert not re.search("Write|Create|Alter|Delete|--group|--transactional", lines)
    for user, granted in (("explorer-1", first), ("explorer-2", second)):
        certificate = broker.authority.sign(user, password=KEY_PASSWORD)
        commands = installed.get_in({**way, "kafka_ssl_certfile": str(certificate)}, "exporter")
        broker.allow(granted, user)
        refused = commands.start("explorer", "explorer", "--port", "0")
        assert refused.wait() == 70
        assert re.search(r"kafka-refused: .* grant it \w+; docs/security.md", refused.tail())
    broker.allow(first, user)
    explorer = Explorer(
        commands.start("explorer", "--log-level", "debug", "explorer", "--port", "0")
    )
    explorer.wait_until_settled(PARTITIONS)
    search(explorer.get("/")[1] + explorer.service.tail())
    assert explorer.service.end() == 0


def test_figures_behind_tls_sasl_and_acls(
    installed: Installed, ways: dict[str, Way], broker: SecureKafkaServer, here: Here
) -> None:
    """Two workers that get in by SCRAM and by OAuth, and an exporter, with the rights of the page
    alone in Kafka and in Redis, show what a replay of the topics says, and an audit of its own user
    finds them right; when a right is taken away they end by name, and no figure is shown as that
    of now."""
    lines, scram = rights(), ways["SCRAM-SHA-512"]
    broker.grant(lines["publish"])
    code, said = here.run(scram, "simulate --kafka --accounts 4 --days 40 --seed 7")
    assert code == 0, said
    broker.grant(lines["worker"])
    workers = [
        installed.get_in(ways[way], "worker").start("worker", "--log-level", level, "worker")
        for way, level in (("SCRAM-SHA-512", "info"), ("OAUTHBEARER", "debug"))
    ]
    shown = installed.get_in(scram, "exporter")
    exporter = Exporter(shown.start("exporter", "exporter", "--port", "0"))
    exporter.wait_until_shared(len(workers))
    exporter.wait_until_settled()
    exporter.check(Oracle(shown, f"kafka://{scram['kafka']}"))
    for path in ("/", "/metrics", "/-/ready"):
        search(exporter.get(path)[1])

    check_explorer(installed, ways["mTLS"], broker, lines["explorer"])
    check_audit(installed, ways["mTLS"], broker, lines["audit"])
    broker.grant(lines["replay"])  # topics may be read, and changelogs no longer
    for worker in workers:
        assert worker.wait() == 70
        assert re.search(r"kafka-refused: .* grant it \w+; docs/security.md", worker.tail())
    wait_for(lambda: exporter.get("/-/ready")[0] != 200, lambda: "an exporter that knows of it")
    assert not exporter.scrape().kpis

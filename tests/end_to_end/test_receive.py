"""``tidemark receive`` and webhooks: HTTP to Kafka and to a data folder, with the same figures."""

import base64
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from events import format_instant
from streams.clock import now_ms
from tests.end_to_end.commands import Commands, Service
from tests.end_to_end.exporter import Exporter
from tests.end_to_end.figures import Oracle
from tests.end_to_end.installation import Installation
from tests.end_to_end.patience import wait_for

SECRET = "a secret of the test"


def post(url: str, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
    """Posts; gives status and what was said."""
    request = urllib.request.Request(url, body, dict(headers or {}), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def readiness(url: str) -> tuple[int, str]:
    """What a gateway says of itself, by the URL of its events."""
    try:
        with urllib.request.urlopen(url.replace("/v1/events", "/-/ready"), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def in_parts(history: Path, count: int = 500) -> list[bytes]:
    """The bodies of requests that post a history."""
    lines = history.read_bytes().splitlines()
    return [b"\n".join(lines[at : at + count]) for at in range(0, len(lines), count)]


def zendesk(number: int, kind: str, event: dict[str, Any]) -> bytes:
    """What Zendesk posts of a ticket."""
    at = format_instant(now_ms() - 3_600_000 + number * 1000)
    ticket = {
        "id": "35436",
        "organization_id": "8989",
        "requester_id": "1",
        "submitter_id": "1",
        "status": "OPEN",
        "priority": "HIGH",
        "via": {"channel": "web_service"},
        "created_at": format_instant(now_ms() - 3_600_000),
        "updated_at": at,
    }
    body = {
        "account_id": 12514403,
        "id": f"2b24ef10-19d4-4740-93cf-8f98ec4776c{number}",
        "type": f"zen:event-type:ticket.{kind}",
        "time": at,
        "zendesk_event_version": "2022-11-06",
        "subject": "zen:ticket:35436",
        "detail": ticket,
        "event": event,
    }
    return json.dumps(body).encode()


def signed(body: bytes) -> dict[str, str]:
    """The headers of Zendesk's signature."""
    at = format_instant(now_ms())
    digest = hmac.digest(SECRET.encode(), at.encode() + body, sha256)
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": at,
    }


@pytest.mark.broker
@pytest.mark.slow
def test_to_kafka_and_from_a_folder_to_kafka(
    installation: Installation, history: Path, tmp_path: Path
) -> None:
    """A history posted to ``receive`` has the figures of its replay; the same from a data folder,
    published to the same topics, is nothing but duplicates."""
    commands = installation.commands
    gateway = commands.start("receive", "receive", "--receive-port", "0")
    url = gateway.says("events:  ")
    for body in in_parts(history):
        status, told = post(url, body)
        assert (status, told["new"]) == (200, body.count(b"\n") + 1)
    installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_right(Oracle(commands, history), limit_s=90)
    assert post(url, b'{"id": "x"}')[0] == 400
    assert gateway.end() == 0, gateway.tail()

    folder = tmp_path / "data"
    service = commands.start(
        "run", "run", "--data", folder, "--events", history, "--port", "0", "--receive-port", "0"
    )
    service.says("events folded")
    assert service.end() == 0, service.tail()
    commands.output_of("publish", folder)
    installation.wait_until_committed()
    exporter.wait_until_settled()
    exporter.check(Oracle(commands, history))


@pytest.mark.broker
@pytest.mark.slow
def test_a_broker_that_is_away_is_told(installation: Installation) -> None:
    """Nothing is accepted while the broker is away, and everything once it is back."""
    gateway = installation.commands.start("receive", "receive", "--receive-port", "0")
    url = gateway.says("events:  ")
    event = {
        "specversion": "1.0",
        "source": "t",
        "type": "seats.set",
        "time": "2026-03-01T00:00:00Z",
    }
    body = [
        json.dumps(event | {"id": f"e{n}", "data": {"account_id": "a", "seats": n}}).encode()
        for n in range(3)
    ]
    assert post(url, body[0]) == (200, {"new": 1, "known": 0})
    assert readiness(url) == (200, "ready\n")
    installation.kafka.kill()
    assert post(url, body[1])[0] == 503
    wait_for(lambda: readiness(url)[0] == 503 or None, lambda: "not ready")
    assert readiness(url)[1].startswith("not ready: kafka ")
    installation.kafka.start()
    wait_for(lambda: readiness(url)[0] == 200 or None, lambda: "ready")
    deadline = time.monotonic() + 60
    while post(url, body[1])[0] != 200:
        assert time.monotonic() < deadline, gateway.tail()
        time.sleep(0.5)
    assert post(url, body[2]) == (200, {"new": 1, "known": 0})
    assert gateway.end() == 0, gateway.tail()


def started(commands: Commands, folder: Path) -> tuple[Service, Exporter, str]:
    """A service with a webhook for Zendesk; gives where it is posted to."""
    (commands.folder / "secret").write_text(SECRET + "\n")
    webhook = {"support": {"source": "zendesk", "secret_files": ["secret"]}}
    commands.environment = {"TIDEMARK_WEBHOOKS": json.dumps(webhook)}
    ports = ("--port", "0", "--receive-port", "0")
    service = commands.start("run", "run", "--data", folder, *ports)
    return service, Exporter(service), service.says("webhook: ")


@pytest.mark.slow
def test_a_webhook_moves_a_gauge(commands: Commands, tmp_path: Path) -> None:
    """Tickets that Zendesk posts are open tickets; unsigned ones are not; what cannot be told is
    listed with its reason, and no secret is shown anywhere."""
    service, exporter, url = started(commands, tmp_path / "data")
    created = zendesk(0, "created", {"meta": {"sequence": {"id": "1", "position": 1}}})
    assert post(url, created, signed(created))[1]["new"] == 1
    assert post(url, created)[0] == 401
    odd = zendesk(1, "status_changed", {"current": "NEITHER", "previous": "NEW"})
    assert post(url, odd, signed(odd))[1]["letters"] == 1
    assert post(url, created, signed(created))[1]["known"] == 1

    def open_tickets() -> float:
        return exporter.scrape().samples.get(("cs_ticket_backlog", ()), 0.0)

    deadline = time.monotonic() + 30
    while open_tickets() != 1.0:
        assert time.monotonic() < deadline, exporter.get("/metrics")[1]
        time.sleep(0.2)
    assert service.end() == 0, service.tail()
    listed = commands.output_of("dead-letters", "list", "--data", tmp_path / "data")
    assert "webhooks/support" in listed
    records = commands.output_of("dead-letters", "list", "--data", tmp_path / "data", "--records")
    assert json.loads(records)["event"]["current"] == "NEITHER"
    assert SECRET not in service.output.read_text() + listed
    mistaken = {"support": {"source": "zendesk", "secret_files": ["nothing"]}}
    commands.environment = {"TIDEMARK_WEBHOOKS": json.dumps(mistaken)}
    wrong = commands.run("run", "--data", tmp_path / "data", "--port", "0", "--receive-port", "0")
    assert (wrong.returncode, "support.secret_files, entry 1: No such file" in wrong.stderr) == (
        1,
        True,
    )


def survey_webhook(commands: Commands, **options: str) -> None:
    """Names a webhook for answers of Formbricks in the settings."""
    question = {"survey": "s1", "question": "q1", "survey_type": "nps"}
    given = {"questions": [question], **options}
    webhook = {"source": "formbricks", "signature": "token", "options": given}
    variables = {"secret_variables": ["FORM_SECRET"]}
    commands.environment = {"TIDEMARK_WEBHOOKS": json.dumps({"form": webhook | variables})}


def answer_of(name: str, score: int) -> bytes:
    """An answer as Formbricks posts it."""
    answers = {"acct": "acme", "q1": score}
    data = {"id": name, "surveyId": "s1", "updatedAt": "2026-03-01T00:00:00.000Z", "data": answers}
    return json.dumps({"event": "responseFinished", "data": data}).encode()


@pytest.mark.slow
def test_letters_of_a_webhook_are_fed_back(commands: Commands, tmp_path: Path) -> None:
    """What a webhook could not tell is told by one command once its options are mended, without its
    secret; doing so again changes nothing, and what is no data folder is not made one."""
    folder, ports = tmp_path / "data", ("--port", "0", "--receive-port", "0")
    survey_webhook(commands)
    commands.environment |= {"FORM_SECRET": SECRET}
    service = commands.start("run", "run", "--data", folder, *ports)
    url = service.says("webhook: ")
    bearer = {"Authorization": f"Bearer {SECRET}"}
    for number in range(3):
        assert post(url, answer_of(f"r{number}", 9), bearer)[1]["letters"] == 1
    in_use = commands.run("dead-letters", "replay", "--data", folder)
    assert (in_use.returncode, "another process writes into it" in in_use.stderr) == (1, True)
    assert service.end() == 0, service.tail()

    survey_webhook(commands)
    told = commands.output_of("dead-letters", "replay", "--data", folder).splitlines()
    assert told[:2] == ["0 of 3 records sent", "  0 events are new, 0 were known"]
    assert told[2].startswith("  3 not in order: account_unknown: ")
    survey_webhook(commands, account_field="acct")
    replay = ("dead-letters", "replay", "--data", folder, "--topic", "webhooks/form")
    told = commands.output_of(*replay, "--dry-run").splitlines()
    assert told == ["3 of 3 records are in order"]
    for new, known in ((3, 0), (0, 3)):
        told = commands.output_of(*replay).splitlines()
        assert told == ["3 of 3 records sent", f"  {new} events are new, {known} were known"]
    figures = commands.output_of("replay", folder, "--at", "2026-03-02T00:00:00Z")
    read = [json.loads(line) for line in figures.splitlines()]
    assert {each["value"] for each in read if each["kpi"] == "nps"} == {100.0}
    assert commands.run("dead-letters", "replay", "--data", tmp_path / "x").returncode == 1
    assert not (tmp_path / "x").exists()

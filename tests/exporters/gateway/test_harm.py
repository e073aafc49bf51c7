"""What strangers and failures do to the gateway: nobody waits for ever, and nothing is lost."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from events.log import Letter, Stored
from events.sources.options import Options
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.registry import source_of
from exporters.gateway import SIGNATURES, Gateway, Webhook, readiness
from exporters.gateway.posted import EVENTS_MAX
from exporters.gateway.webhook import RECORDS_MAX
from exporters.http import Server
from exporters.http.places import PLACES_MAX
from streams.local.data import EventLog, FolderLog
from tests.exporters.gateway.test_gateway import (
    NOW_MS,
    SECRET,
    Doorbell,
    Silent,
    ask,
    event,
    ids,
    listening,
    post,
    ring,
    until,
)
from tests.exporters.http.test_bounds import send_on


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[EventLog]:
    """A log on disk."""
    with closing(EventLog(tmp_path / "events.sqlite")) as made:
        yield made


@pytest.fixture
def gate(kept: EventLog) -> Iterator[Server]:
    """A gateway to the log, with a webhook for the doorbell."""
    webhook = Webhook("door", Doorbell(Options()), SIGNATURES["token"], [SECRET])
    gateway = Gateway(FolderLog(kept, lambda: NOW_MS), [webhook], lambda: NOW_MS)
    with listening(gateway) as made:
        yield made


def raw(server: Server, request: bytes) -> bytes:
    """Sends bytes; gives the line of the status."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(request)
        return client.recv(4096).partition(b"\r\n")[0]


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "somebody.elses", "data": {}}',
        b'{"type": "somebody.elses", "id": 5, "source": [], "data": {}}',
        b'{"type": "subscription.updated", "data": {"livemode": false}}',
        json.dumps(event("a", kind="somebody.elses"))[:-1].encode() + b', "x": 1e999}',
    ],
    ids=["no id", "id of another kind", "a test's, without an id", "a number out of range"],
)
def test_what_is_not_heeded_is_kept_all_the_same(gate: Server, kept: EventLog, body: bytes) -> None:
    """An event of a type that is not known need have no id; it is answered, and once in the log,
    however it is written the second time if it has one."""
    status, told = post(gate, body)
    assert (status, told["new"]) == (200, 1)
    assert post(gate, body)[1]["known"] == 1
    if b'"id": "a"' in body:
        assert post(gate, body.replace(b": 1e999", b":  1e999"))[1]["known"] == 1
    assert [events for _, events in kept.read(0)] == [[body]]


def test_a_failure_of_ours_is_answered(
    gate: Server, kept: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong in the thread of the log, whoever waits for it is told."""

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(kept, "append", fail)
        assert post(gate, event("a"))[0] == 500
    assert post(gate, event("a")) == (200, {"new": 1, "known": 0})


def test_a_body_of_very_many_is_refused_at_once(gate: Server) -> None:
    """What would take a quarter of a minute to judge is not judged."""
    many = [b"1"] * (EVENTS_MAX + 1)
    for body in (b"[" + b",".join(many) + b"]", b"\n".join(many)):
        status, told = post(gate, body)
        assert (status, f"at most {EVENTS_MAX} events" in told["error"]) == (400, True)


def test_a_webhooks_body_of_very_many_is_refused_at_once(gate: Server, kept: EventLog) -> None:
    """Signed or not, so many small records would keep all others waiting; none of them is taken."""
    headers = {"Authorization": f"Bearer {SECRET}"}
    rings = [b'{"kind": "seats", "id": "s%d"}' % number for number in range(RECORDS_MAX + 1)]
    for body in (b"[" + b",".join(rings) + b"]", b"\n".join(rings), b"[" + b"1," * 10**6 + b"1]"):
        status, told = ask(gate, "POST", "/webhooks/door", body, headers)
        assert (status, f"at most {RECORDS_MAX} records" in told) == (413, True)
    assert ids(kept) == []
    passed = b"\n".join([b'{"kind": "ring"}'] * RECORDS_MAX)
    assert ask(gate, "POST", "/webhooks/door", passed, headers)[1]["passed"] == RECORDS_MAX


def test_many_who_ask_whether_it_is_ready_write_once(
    gate: Server, kept: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check writes to the disk: those who ask at about the same time share one."""
    asked: list[int] = []
    check = kept.check

    def counted() -> None:
        asked.append(1)
        check()

    monkeypatch.setattr(kept, "check", counted)
    monkeypatch.setattr(readiness, "SHARED_S", 60.0)
    for _ in range(20):
        assert ask(gate, "GET", "/-/ready") == (200, "ready\n")
    assert asked == [1]


def test_a_log_that_hangs_is_not_ready(
    gate: Server, kept: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A probe is answered while the log is not; it is ready again when the log answers."""
    go = threading.Event()
    monkeypatch.setattr(kept, "check", lambda: go.wait(20))
    monkeypatch.setattr(readiness, "ANSWER_S", 0.2)
    assert ask(gate, "GET", "/-/ready") == (
        503,
        "not ready: the log does not answer for 0.2 s\n",
    )
    go.set()
    until(lambda: ask(gate, "GET", "/-/ready") == (200, "ready\n"))


def test_headers_that_are_no_text(gate: Server) -> None:
    """Bytes in a header that are no UTF-8 are the client's fault, not a failure of ours."""
    end = b"\r\nContent-Length: 2\r\n\r\n{}"
    assert b"400" in raw(gate, b"POST /v1/events HTTP/1.1\r\nHost: x\r\nce-id: \xff" + end)
    signed = b"POST /webhooks/door HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff"
    assert b"401" in raw(gate, signed + end)


def test_what_is_nested_without_end_is_a_letter(gate: Server, kept: EventLog) -> None:
    """A webhook's body that is too deep to be read is kept, not sent again for days."""
    told = {"new": 0, "known": 0, "other": 0, "letters": 1, "passed": 0}
    headers = {"Authorization": f"Bearer {SECRET}"}
    cls = source_of("stripe")
    webhook = Webhook("deep", cls(cls.OPTIONS()), SIGNATURES["token"], [SECRET])
    with listening(Gateway(FolderLog(kept, lambda: NOW_MS), [webhook], lambda: NOW_MS)) as server:
        for body in (b"[" * 100_000, b'{"a":' * 100_000):
            assert ask(server, "POST", "/webhooks/deep", body, headers) == (200, told)
    assert len(list(kept.letters())) == 2


def test_clients_that_do_not_send_their_bodies_keep_nobody_out(gate: Server) -> None:
    """As many as there are places promise bodies, unsigned, and are silent: others are served. Who
    gives way for them is told to come again, though it goes on sending meanwhile."""
    host, port = gate.url.removeprefix("http://").split(":")
    head = b"POST /webhooks/door HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
    with ExitStack() as stack:
        clients = []
        for _ in range(PLACES_MAX):
            client = socket.create_connection((host, int(port)), timeout=20)
            stack.enter_context(client).sendall(head)
            clients.append(client)
        until(lambda: gate.traffic.waiting == PLACES_MAX)
        assert post(gate, event("a"))[0] == 200
        first = clients[0]
        send_on(first)
        assert first.recv(4096).startswith(b"HTTP/1.1 503 ")


def test_a_crowd_of_senders_is_served_in_turn(gate: Server, kept: EventLog) -> None:
    """Several times as many as there are places post at once: each is answered, none is broken off,
    and all that they sent is in the log."""
    answers: list[tuple[int, object]] = []
    crowd = [
        threading.Thread(target=lambda n=number: answers.append(post(gate, event(f"e{n}"))))
        for number in range(200)
    ]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join(60)
    assert answers == [(200, {"new": 1, "known": 0})] * 200
    assert sorted(ids(kept)) == sorted(f"e{number}" for number in range(200))
    assert not gate.traffic.refusals


def test_strangers_do_not_fill_the_disk(gate: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Of requests that are not signed one is logged, and all are counted."""
    for _ in range(5):
        assert ring(gate, {"kind": "ring", "id": "r1"}, secret="another")[0] == 401
    assert len([each for each in caplog.records if "not signed" in each.getMessage()]) == 1
    series = 'tidemark_gateway_requests_total{outcome="unsigned",place="webhooks/door"} 5.0'
    assert series in ask(gate, "GET", "/metrics")[1]


class Once(Doorbell):
    """A source that passes over what it told before, as Stripe's does with refunds."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.told: set[str] = set()

    def take(self, record: Record, out: Outbox) -> None:
        """Tells a record that is new."""
        name = json.loads(record.raw)["id"]
        if name in self.told:
            out.pass_over("told before")
            return
        super().take(record, out)
        self.told.add(name)


class Remembering(Silent):
    """A log that takes nothing until it works."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    async def start(self) -> None:
        """Gets ready."""

    async def store(self, events: Sequence[bytes], letters: Sequence[Letter]) -> Stored:
        """Fails until it works."""
        await super().start()
        self.ids += [json.loads(each)["id"] for each in events]
        return await super().store(events, letters)


def test_what_a_source_told_is_stored_when_the_log_works_again() -> None:
    """A source knows a record though the log did not take it: it is not lost when it is sent again,
    nor is one that was told at last by what came with another record."""
    log = Remembering()
    webhook = Webhook("door", Once(Options()), SIGNATURES["token"], [SECRET])
    with listening(Gateway(log, [webhook], lambda: NOW_MS)) as server:
        log.works = True
        assert ring(server, {"kind": "knock", "id": "k1"})[1]["letters"] == 1
        log.works = False
        records = [{"kind": "seats", "id": "s1"}, {"kind": "name", "id": "n1"}]
        assert [ring(server, each)[0] for each in records] == [503, 503]
        log.works = True
        assert [ring(server, each)[0] for each in records] == [200, 200]
    assert sorted(log.ids) == ["k1", "s1"]


def test_a_client_that_has_gone_loses_nothing(gate: Server, kept: EventLog) -> None:
    """What was sent whole is stored, or sent again; nothing of it is stored twice."""
    host, port = gate.url.removeprefix("http://").split(":")
    for number in range(50):
        body = json.dumps({"kind": "seats", "id": f"s{number}"}).encode()
        head = f"Host: x\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(b"POST /webhooks/door HTTP/1.1\r\n" + head.encode() + body)
    for number in range(50):
        assert ring(gate, {"kind": "seats", "id": f"s{number}"})[0] == 200
    assert sorted(ids(kept)) == sorted(f"s{number}" for number in range(50))

"""The gateway over real sockets, with a data folder as its log: what it takes and what it says."""

import gzip
import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from events.dialect import Dialect
from events.log import Letter, LogError, Stored
from events.sources.options import Options
from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import GapError, Source
from events.sources.told import Told
from exporters.gateway import SIGNATURES, Gateway, Webhook
from exporters.gateway.body import BODY_BYTES_MAX
from exporters.http import Server, WebConfigFile
from streams.local.data import EventLog, FolderLog

SECRET = "a shared secret"
NOW_MS = 1_772_708_405_000


def event(name: str, seats: int = 3, kind: str = "seats.set") -> dict[str, Any]:
    """An event in our form."""
    data = {"account_id": "acme", "seats": seats}
    told = {"specversion": "1.0", "id": name, "source": "test", "type": kind, "data": data}
    return told | {"time": "2026-03-01T00:00:00Z"}


class Doorbell(Source[Options]):
    """A source of the test: it tells seats, passes over rings, and cannot tell a knock."""

    NAME = "doorbell"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.known = False

    def take(self, record: Record, out: Outbox) -> None:
        """Tells a record."""
        value = json.loads(record.raw)
        match value["kind"]:
            case "ring":
                out.pass_over("ring")
            case "name":
                self.known = True
                out.pass_over("name")
            case "knock" if not self.known:
                raise GapError("knock_unknown", "say who knocks", value["id"])
            case _:
                data = {"account_id": "acme", "seats": value.get("seats", 1)}
                time = "2026-03-01T00:00:00Z"
                kind, source = "seats.set", self.source
                out.tell(
                    record, Told(id=value["id"], source=source, type=kind, time=time, data=data)
                )


class Silent:
    """A log that takes nothing."""

    def __init__(self) -> None:
        self.works = False

    async def start(self) -> None:
        """Fails until it works."""
        if not self.works:
            raise LogError("no broker")

    async def stop(self) -> None:
        """Ends."""

    async def check(self) -> None:
        """Finds that it takes events, once it is started."""

    async def store(self, events: Sequence[bytes], letters: Sequence[Letter]) -> Stored:
        """Fails until it works."""
        await self.start()
        return Stored(new=len(events))


@contextmanager
def listening(gateway: Gateway, config: WebConfigFile | None = None) -> Iterator[Server]:
    """Serves a gateway on a free port."""
    server = Server(gateway, port=0, config=config)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    """A log on disk."""
    with closing(EventLog(tmp_path / "events.sqlite")) as made:
        yield made


@pytest.fixture
def server(log: EventLog) -> Iterator[Server]:
    """A gateway to the log, with a webhook for the doorbell."""
    webhook = Webhook("door", Doorbell(Options()), SIGNATURES["token"], [SECRET])
    gateway = Gateway(FolderLog(log, lambda: NOW_MS), [webhook], lambda: NOW_MS)
    with listening(gateway) as made:
        yield made


def until(found: Callable[[], bool]) -> None:
    """Waits until something is so."""
    deadline_s = time.monotonic() + 20
    while not found():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


Headers = Mapping[str, str]


def ask(
    server: Server, method: str, path: str, body: Any = b"", headers: Headers | None = None
) -> tuple[int, Any]:
    """Sends a request; gives the status and what was said, read as JSON where it is some."""
    host = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    packed = body if isinstance(body, bytes) else json.dumps(body).encode()
    with closing(connection):
        connection.request(method, path, packed, dict(headers or {}))
        answer = connection.getresponse()
        said = answer.read().decode()
        kind = answer.headers["Content-Type"]
        return answer.status, json.loads(said) if kind == "application/json" else said


def post(server: Server, body: Any, headers: Headers | None = None) -> tuple[int, Any]:
    """Posts events."""
    return ask(server, "POST", "/v1/events", body, headers)


def ring(server: Server, *records: Any, secret: str = SECRET) -> tuple[int, Any]:
    """Posts to the webhook."""
    body = "\n".join(map(json.dumps, records)).encode()
    headers = {"Authorization": f"Bearer {secret}"}
    return ask(server, "POST", "/webhooks/door", body, headers)


def ids(log: EventLog) -> list[str]:
    """Ids of the events in the log."""
    return [json.loads(each)["id"] for _, events in log.read(0) for each in events]


def test_an_event_a_batch_and_lines(server: Server, log: EventLog) -> None:
    """One event, pretty-printed or not, an array, and lines: all is there when it is answered."""
    assert post(server, event("a")) == (200, {"new": 1, "known": 0})
    assert ids(log) == ["a"]
    assert post(server, json.dumps(event("b"), indent=2).encode()) == (200, {"new": 1, "known": 0})
    assert post(server, [event("c"), event("d")]) == (200, {"new": 2, "known": 0})
    lines = b"\n".join(json.dumps(event(name)).encode() for name in "ef") + b"\r\n\n"
    assert post(server, lines) == (200, {"new": 2, "known": 0})
    marked = b"\xef\xbb\xbf" + json.dumps(event("g")).encode()  # as some programs save it
    assert post(server, marked) == (200, {"new": 1, "known": 0})
    assert ids(log) == list("abcdefg")
    assert not any(b"\n" in each for _, events in log.read(0) for each in events)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[half"}, 403),
        ({"Origin": "https://here.internal", "Host": "here.internal"}, 200),
        ({"Origin": "https://here.example", "Host": "here.example"}, 421),
        ({"Origin": "https://here.example", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Mode": "cors"}, 200),
    ],
)
def test_a_page_of_another_site_tells_nothing(
    server: Server, log: EventLog, headers: dict[str, str], status: int
) -> None:
    """Who looks at a page does not send its events to what listens on the own machine."""
    assert post(server, event("e1"), headers)[0] == status
    assert ids(log) == (["e1"] if status == 200 else [])


def test_again_is_harmless(server: Server, log: EventLog) -> None:
    """The same event again is known; another under its id is a conflict, the first holds."""
    post(server, [event("a"), event("b")])
    assert post(server, [event("b"), event("c")]) == (200, {"new": 1, "known": 1})
    status, told = post(server, [event("a", seats=9), event("d")])
    assert (status, told["other"], told["new"]) == (409, [0], 1)
    assert ids(log) == list("abcd")


def test_a_request_with_what_is_no_event_is_refused_whole(server: Server, log: EventLog) -> None:
    """Each is named by its place, with reason and field; nothing of the request is in the log."""
    status, told = post(server, [event("a"), event("b", seats=-1), {"type": "seats.set"}])
    assert status == 400
    assert [(each["event"], each["reason"]) for each in told["problems"]] == [
        (1, "invalid_data"),
        (2, "invalid_envelope"),
    ]
    assert "seats" in told["problems"][0]["detail"]
    assert ids(log) == []
    for body in (b"", b"  \n", b"[1,", b"\xff\xfe"):
        assert post(server, body)[0] == 400


def test_what_is_not_known_is_kept_and_said(server: Server, log: EventLog) -> None:
    """An unknown type is kept in the log, for a later version, and the answer says so."""
    told = {"new": 1, "known": 0, "ignored": {"unknown_type": 1}}
    assert post(server, event("a", kind="seats.gone")) == (200, told)
    assert ids(log) == ["a"]


def test_cloudevents_in_binary_mode(server: Server, log: EventLog) -> None:
    """Headers are the attributes, percent-encoded by the HTTP binding, and the body is data."""
    told = event("é 1")
    headers = {f"ce-{name}": str(value) for name, value in told.items() if name != "data"}
    headers["ce-id"] = "%C3%A9%201"
    assert post(server, told["data"], headers) == (200, {"new": 1, "known": 0})
    assert post(server, told) == (200, {"new": 0, "known": 1})
    assert post(server, b"no json", headers)[0] == 400


def test_schemas_of_a_producers_own(server: Server, tmp_path: Path) -> None:
    """An event or a header that names one is stored where the dialect lets it in, else refused."""
    own = event("a") | {"dataschema": "https://a.example/seats.json"}
    told = event("b") | {"dataschema": "https://a.example/seats.json"}
    headers = {f"ce-{name}": str(value) for name, value in told.items() if name != "data"}
    assert [post(server, own)[0], post(server, told["data"], headers)[0]] == [400, 400]
    dialect = Dialect(dataschema_prefixes=("https://a.example/",))
    with closing(EventLog(tmp_path / "own.sqlite")) as kept:
        gateway = Gateway(FolderLog(kept, lambda: NOW_MS), [], lambda: NOW_MS, dialect)
        with listening(gateway) as letting:
            assert post(letting, own) == (200, {"new": 1, "known": 0})
            assert post(letting, told["data"], headers) == (200, {"new": 1, "known": 0})
        assert ids(kept) == ["a", "b"]


def test_compressed_bodies_within_bounds(server: Server, log: EventLog) -> None:
    """gzip is read; what is none, cut off, or too large once it is read is refused."""
    packed, zipped = gzip.compress(json.dumps(event("a")).encode()), {"Content-Encoding": "gzip"}
    assert post(server, packed, zipped) == (200, {"new": 1, "known": 0})
    assert post(server, packed[:-9], zipped)[0] == 400
    assert post(server, b"no gzip", zipped)[0] == 400
    assert post(server, packed, {"Content-Encoding": "br"})[0] == 415
    assert post(server, gzip.compress(b" " * (BODY_BYTES_MAX + 1)), zipped)[0] == 413
    assert ids(log) == ["a"]


def test_a_body_without_end_is_cut(server: Server) -> None:
    """A body that is declared too large is refused unread, one in parts when it has become so."""
    host, port = server.url.removeprefix("http://").split(":")
    head = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    part = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    for rest in (b"Content-Length: 99999999\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(head + rest)
            try:
                for _ in range(80 if b"chunked" in rest else 0):
                    client.sendall(part)
            except OSError:
                continue  # it was told before all was sent
            assert client.recv(12) == b"HTTP/1.1 413"


def test_a_body_that_is_waited_for(server: Server, log: EventLog) -> None:
    """A client that asks whether to go on is told to: curl does so with larger bodies."""
    host, port = server.url.removeprefix("http://").split(":")
    body = json.dumps(event("a")).encode()
    head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert client.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert client.recv(12) == b"HTTP/1.1 200"
    assert ids(log) == ["a"]


def test_a_webhook(server: Server, log: EventLog) -> None:
    """Its records are told, passed over, or kept as letters with the reason and the record."""
    records = [
        {"kind": "seats", "id": "s1", "seats": 4},
        {"kind": "ring", "id": "r1"},
        {"kind": "knock", "id": "k1"},
        {"kind": "seats", "id": "s2", "seats": -4},
    ]
    told = {"new": 1, "known": 0, "other": 0, "letters": 2, "passed": 1}
    assert ring(server, *records) == (200, told)
    assert ring(server, *records) == (200, told | {"new": 0, "known": 1})
    assert ids(log) == ["s1"]
    letters = [each.letter for each in log.letters()]
    assert [(each.origin, each.reason) for each in letters] == [
        ("webhooks/door", "knock_unknown"),
        ("webhooks/door", "invalid_data"),
    ]
    assert json.loads(letters[0].record) == records[2]


def test_what_lacked_something_is_told_when_that_comes(server: Server, log: EventLog) -> None:
    """Webhooks come in any order: a record that is a letter is told as soon as it can be."""
    told = {"new": 0, "known": 0, "other": 0, "letters": 1, "passed": 0}
    assert ring(server, {"kind": "knock", "id": "k1"}) == (200, told)
    assert ring(server, {"kind": "ring", "id": "r1"})[1]["new"] == 0
    assert ring(server, {"kind": "name", "id": "n1"})[1] == told | {
        "new": 1,
        "letters": 0,
        "passed": 1,
    }
    assert ids(log) == ["k1"]
    assert ring(server, {"kind": "name", "id": "n2"})[1]["new"] == 0


def test_a_webhook_that_is_not_signed(server: Server, log: EventLog) -> None:
    """Nothing of it is read; a password of the service is not asked for beside the signature."""
    record = {"kind": "seats", "id": "s1", "seats": 4}
    assert ring(server, record, secret="another")[0] == 401
    assert ask(server, "POST", "/webhooks/door", record)[0] == 401
    assert ids(log) == []


def test_paths_and_methods(server: Server) -> None:
    """What there is, is said; a wrong method is named."""
    assert ask(server, "GET", "/-/healthy") == (200, "healthy\n")
    assert ask(server, "GET", "/-/ready") == (200, "ready\n")
    status, said = ask(server, "GET", "/nowhere")
    assert (status, "/v1/events, /webhooks/door" in said) == (404, True)
    for path in ("/v1/events", "/webhooks/door"):
        assert ask(server, "GET", path)[0] == 405


def test_what_it_counts(server: Server) -> None:
    """Requests and records by place and what became of them, every series from the start."""
    assert (
        'tidemark_gateway_requests_total{outcome="unsigned",place="webhooks/door"} 0.0'
        in ask(server, "GET", "/metrics")[1]
    )
    post(server, [event("a"), event("b")])
    post(server, event("a"))
    post(server, event("a", seats=-2))
    ring(server, {"kind": "ring", "id": "r1"}, secret="another")
    ring(server, {"kind": "ring", "id": "r1"}, {"kind": "knock", "id": "k1"})
    said = ask(server, "GET", "/metrics")[1]
    for series in (
        'requests_total{outcome="accepted",place="events"} 2.0',
        'requests_total{outcome="refused",place="events"} 1.0',
        'requests_total{outcome="unsigned",place="webhooks/door"} 1.0',
        'records_total{outcome="new",place="events"} 2.0',
        'records_total{outcome="known",place="events"} 1.0',
        'records_total{outcome="passed",place="webhooks/door"} 1.0',
        'records_total{outcome="letter",place="webhooks/door"} 1.0',
    ):
        assert f"tidemark_gateway_{series}" in said


def test_a_password_for_events(log: EventLog, tmp_path: Path) -> None:
    """With a web configuration file events and metrics need a user; a webhook has its signature."""
    hashed = bcrypt.hashpw(b"rosebud", bcrypt.gensalt(4)).decode()
    (tmp_path / "web.yml").write_text(f"basic_auth_users: {{ada: {hashed}}}\n")
    webhook = Webhook("door", Doorbell(Options()), SIGNATURES["token"], [SECRET])
    gateway = Gateway(FolderLog(log, lambda: NOW_MS), [webhook], lambda: NOW_MS)
    with listening(gateway, WebConfigFile(tmp_path / "web.yml")) as server:
        assert post(server, event("a"))[0] == 401
        assert post(server, event("a"), {"Authorization": "Basic YWRhOnJvc2VidWQ="})[0] == 200
        assert ring(server, {"kind": "seats", "id": "s1", "seats": 4})[0] == 200
    assert ids(log) == ["a", "s1"]


def test_a_log_that_takes_nothing_now() -> None:
    """The answer is 503 with when to come again, readiness says why, and later all is well."""
    log = Silent()
    with listening(Gateway(log, [], lambda: NOW_MS)) as server:
        assert ask(server, "GET", "/-/ready") == (503, "not ready: no broker\n")
        assert post(server, event("a"))[0] == 503
        log.works = True
        assert post(server, event("a")) == (200, {"new": 1, "known": 0})
        until(lambda: ask(server, "GET", "/-/ready") == (200, "ready\n"))


def test_a_full_disk_is_told_and_survived(server: Server, log: EventLog) -> None:
    """While the disk is full nothing is accepted; what was sent is to be sent again."""
    database = log._database  # noqa: SLF001
    [pages] = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages + 1}")
    many = [event(f"e{number}") | {"subject": "x" * 400} for number in range(100)]
    assert ask(server, "GET", "/-/ready") == (
        503,
        f"not ready: {log.path}: database or disk is full\n",
    )
    assert post(server, many) == (503, "the log takes no events now: send it again\n")
    assert ids(log) == []
    database.execute("PRAGMA max_page_count = 100000")
    assert post(server, many) == (200, {"new": 100, "known": 0})
    until(lambda: ask(server, "GET", "/-/ready") == (200, "ready\n"))
    assert len(ids(log)) == 100
    assert list(log.letters()) == []

"""Clients of any speed, size and number get so much time, room and places, and no more."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporters.http import Traffic, connection, places, server
from exporters.http.traffic import Refusal
from exporters.live_reading import Reading
from tests.exporters.http.served import PATIENCE_S, connect, read_all, said, served

HEALTHY = b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
METRICS = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


def until(found: Callable[[], bool]) -> None:
    """Waits until something is so."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def answered(client: socket.socket) -> bytes:
    """Reads one answer of the healthy probe."""
    found = b""
    while not found.endswith(b"healthy\n"):
        part = client.recv(4096)
        assert part, found
        found += part
    return found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds of time that a test can wait for."""
    monkeypatch.setattr(connection, "REQUEST_S", 0.3)
    monkeypatch.setattr(connection, "TAKEN_S", 0.3)
    monkeypatch.setattr(server, "HANDSHAKE_S", 0.3)
    monkeypatch.setattr(places, "TURN_S", 0.3)


def test_connections_are_kept() -> None:
    """A client asks again over the same connection, and is told no version of anything."""
    with served() as here, connect(here) as client:
        for _ in range(3):
            client.sendall(HEALTHY)
            head = answered(client).lower()
            assert b"server: tidemark\r\n" in head
            assert b"aiohttp" not in head
            assert b"python" not in head


@pytest.mark.usefixtures("quick")
def test_a_head_that_trickles() -> None:
    """A request that does not come in whole in time is over, however often a byte of it comes."""
    with served() as here, connect(here) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\n")
        client.settimeout(0.02)
        got = b""
        deadline_s = time.monotonic() + PATIENCE_S
        while not got.endswith(b"in time\n"):
            assert time.monotonic() < deadline_s
            try:
                client.sendall(b"x: y\r\n")
                got += client.recv(4096)
            except TimeoutError:
                continue
        assert got.startswith(b"HTTP/1.1 408 ")
        assert here.traffic.refusals == {Refusal.SLOW_REQUEST: 1}


@pytest.mark.usefixtures("quick")
def test_an_idle_connection() -> None:
    """One that asks nothing, at first or after an answer, ends without a word, uncounted."""
    with served() as here, connect(here) as fresh, connect(here) as used:
        used.sendall(HEALTHY)
        answered(used)
        assert (read_all(fresh), read_all(used)) == (b"", b"")
        until(lambda: here.traffic.waiting + here.traffic.answering == 0)
        assert not here.traffic.refusals


def large(reading: Reading) -> Iterator[Metric]:
    """More than the system takes off our hands for a client that does not read."""
    yield GaugeMetricFamily("large", "x" * 16_000_000, value=1)


@pytest.mark.usefixtures("quick")
def test_an_answer_that_is_not_taken() -> None:
    """A client that does not read its answer in time loses the connection, with what was left."""
    with served(large) as here, connect(here) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(METRICS)
        until(lambda: here.traffic.refusals == {Refusal.SLOW_READER: 1})
        until(lambda: here.traffic.waiting + here.traffic.answering == 0)


def test_a_slow_client_that_takes_it_all() -> None:
    """Whoever reads within the time gets every byte."""
    with served(large) as here:
        got = said(here, b"GET /metrics HTTP/1.0\r\n\r\n")
        assert got.endswith(b"large 1.0\n")
        assert not here.traffic.refusals


@pytest.mark.parametrize(
    ("request_of", "code", "why"),
    [
        (b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\n\r\n", 414, Refusal.TOO_LARGE),
        (b"GET / HTTP/1.1\r\na: " + b"b" * 9_000 + b"\r\n\r\n", 431, Refusal.TOO_LARGE),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 65 + b"\r\n", 431, Refusal.TOO_LARGE),
        (b"GET / HTTP/1.1\r\n" + b"a" * 9_000, 431, Refusal.TOO_LARGE),
        (b"\x16\x03\x01\x02\x00", 400, Refusal.MALFORMED),
        (b"secret\r\n\r\n", 400, Refusal.MALFORMED),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, Refusal.MALFORMED),
        (b"GET / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", 413, Refusal.METHOD),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n", 405, Refusal.METHOD),
    ],
)
def test_what_is_too_large_or_no_request(request_of: bytes, code: int, why: Refusal) -> None:
    """It is answered without repeating any of it, counted by why, and the connection ends."""
    with served() as here, connect(here) as client:
        client.sendall(request_of)
        got = read_all(client)
        assert got[8:13] == f" {code} ".encode()
        assert b"secret" not in got
        assert b"aiohttp" not in got
        assert here.traffic.refusals == {why: 1}


def test_a_head_in_pieces_is_as_bounded() -> None:
    """The length of a header counts over all the pieces in which it comes."""
    with served() as here, connect(here) as client:
        client.sendall(b"GET / HTTP/1.1\r\na: ")
        try:
            for _ in range(1_000):
                client.sendall(b"b" * 100)
        except ConnectionError:
            pass
        read_all(client)
        assert here.traffic.refusals[Refusal.TOO_LARGE] == 1


def test_many_that_only_hold_a_connection() -> None:
    """They keep nobody out: who has waited longest gives way, with or without half a request."""
    with served() as here, ExitStack() as held:
        clients = [held.enter_context(connect(here)) for _ in range(places.PLACES_MAX)]
        clients[0].sendall(b"GET / HT")
        until(lambda: here.traffic.waiting == places.PLACES_MAX)
        for _ in range(2):
            with connect(here) as probe:
                probe.sendall(HEALTHY)
                answered(probe)
        assert here.traffic.refusals[Refusal.CROWDED_OUT] >= 1
        assert is_later(read_all(clients[0]))


def test_who_has_just_come_does_not_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has a place had no time to send a request yet: others wait until it had."""
    monkeypatch.setattr(places, "GRACE_S", 60.0)
    with served() as here, ExitStack() as held:
        clients = [held.enter_context(connect(here)) for _ in range(places.PLACES_MAX)]
        until(lambda: here.traffic.waiting == places.PLACES_MAX)
        late = held.enter_context(connect(here))
        late.sendall(HEALTHY)
        until(lambda: here.traffic.queued == 1)
        for client in clients:
            client.sendall(HEALTHY)
            answered(client)
        assert not here.traffic.refusals
        clients[0].close()
        answered(late)


def test_a_crowd_is_served_in_turn() -> None:
    """Many more than there are places, all at once: each gets its answer, and nobody a reset."""
    asked = places.PLACES_MAX + places.QUEUE_MAX
    answers: list[bytes] = []
    with served() as here:

        def ask() -> None:
            answers.append(said(here, HEALTHY.replace(b"Host", b"Connection: close\r\nHost")))

        crowd = [threading.Thread(target=ask) for _ in range(asked)]
        for each in crowd:
            each.start()
        for each in crowd:
            each.join(PATIENCE_S)
        assert len(answers) == asked
        assert {each[:13] for each in answers} == {b"HTTP/1.1 200 "}
        assert not here.traffic.refusals
        until(lambda: here.traffic.queued + here.traffic.waiting + here.traffic.answering == 0)


def test_a_connection_is_not_kept_where_others_wait() -> None:
    """The client is told that it ends, so that it does not send a request into nothing."""
    with served() as here, ExitStack() as held:
        clients = [held.enter_context(connect(here)) for _ in range(places.PLACES_MAX)]
        until(lambda: here.traffic.waiting == places.PLACES_MAX)
        late = held.enter_context(connect(here))
        late.sendall(HEALTHY)
        until(lambda: here.traffic.queued == 1)
        clients[5].sendall(HEALTHY)
        assert b"connection: close\r\n" in read_all(clients[5]).lower()
        answered(late)


def send_on(client: socket.socket) -> None:
    """Goes on sending a request, as clients do that look for an answer when they are done."""
    for _ in range(20):
        client.sendall(b"x" * 100)
        time.sleep(0.01)


def is_later(answer: bytes) -> bool:
    """Whether an answer says to come again, and when."""
    return answer.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: 1\r\n" in answer


@pytest.mark.usefixtures("quick")
def test_more_than_are_answered_at_once() -> None:
    """Where all places are taken by requests under way and none becomes free in time, the next is
    told so, also one that is sending more than it is asked for; no answer is lost in a reset."""
    begun, go = threading.Event(), threading.Event()

    def slow(reading: Reading) -> Iterator[Metric]:
        begun.set()
        assert go.wait(PATIENCE_S)
        return iter(())

    with served(slow) as here, ExitStack() as held:
        clients = [held.enter_context(connect(here)) for _ in range(places.PLACES_MAX)]
        for client in clients:
            client.sendall(METRICS)
        until(lambda: here.traffic.answering == places.PLACES_MAX)
        assert is_later(said(here, HEALTHY))
        assert is_later(said(here, HEALTHY.replace(b"Host", b"Content-Length: 1000000\r\nHost")))
        with connect(here) as large_one:
            large_one.sendall(b"POST / HTTP/1.1\r\nContent-Length: 50000\r\n\r\n")
            until(lambda: here.traffic.refusals[Refusal.BUSY] == 3)
            send_on(large_one)
            assert is_later(read_all(large_one))
        assert here.traffic.refusals == {Refusal.BUSY: 3}
        assert here.traffic.queued == 0
        go.set()
        for client in clients:
            assert client.recv(12) == b"HTTP/1.1 200"


@pytest.mark.usefixtures("quick")
def test_the_queue_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes when as many wait as may is told at once, before those who came first."""
    go = threading.Event()
    monkeypatch.setattr(places, "TURN_S", PATIENCE_S)
    monkeypatch.setattr(places, "QUEUE_MAX", 3)

    def slow(reading: Reading) -> Iterator[Metric]:
        assert go.wait(PATIENCE_S)
        return iter(())

    with served(slow) as here, ExitStack() as held:
        clients = [held.enter_context(connect(here)) for _ in range(places.PLACES_MAX)]
        for client in clients:
            client.sendall(METRICS)
        until(lambda: here.traffic.answering == places.PLACES_MAX)
        queued = [held.enter_context(connect(here)) for _ in range(3)]
        for client in queued:
            client.sendall(METRICS)
        until(lambda: here.traffic.queued == 3)
        assert is_later(said(here, HEALTHY))
        go.set()
        for client in (*clients, *queued):
            assert client.recv(12) == b"HTTP/1.1 200"


def test_probes_while_figures_are_computed() -> None:
    """Both probes answer while a scrape is being made."""
    begun, go = threading.Event(), threading.Event()

    def slow(reading: Reading) -> Iterator[Metric]:
        begun.set()
        assert go.wait(PATIENCE_S)
        return iter(())

    with served(slow) as here, connect(here) as scraper:
        scraper.sendall(METRICS)
        assert begun.wait(PATIENCE_S)
        for probe in (b"healthy", b"ready"):
            asked = b"GET /-/" + probe + b" HTTP/1.0\r\n\r\n"
            assert said(here, asked).endswith(b"\r\n\r\n" + probe + b"\n")
        go.set()


def test_each_reason_is_there_from_the_first_scrape_on() -> None:
    """A counter that begins with its first refusal would hide that one from ``increase``."""
    refused = next(f for f in Traffic().collect() if f.name == "tidemark_http_refused")
    assert {s.labels["reason"] for s in refused.samples if s.name.endswith("_total")} == set(
        Refusal
    )

"""What changes is told as it changes: once for all, only if it changed, to nobody's harm."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from exporters.boards.memory_board import MemoryBoard
from exporters.http import Server, broadcast
from exporters.http.broadcast import LATER_MS, LISTENERS_MAX, TOPICS_MAX, Broadcast
from exporters.http.places import PLACES_MAX
from exporters.pages.static import STATIC
from tests.exporters import company
from tests.exporters.http.served import PATIENCE_S, application, connect
from tests.exporters.http.test_http import ask


class Listener:
    """A client that follows events."""

    def __init__(self, server: Server, query: str = "") -> None:
        self._socket = connect(server)
        self._socket.sendall(f"GET /live{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        self._held = b""
        self.head = self._until(b"\r\n\r\n").decode()

    def close(self) -> None:
        """Goes."""
        self._socket.close()

    def _until(self, end: bytes) -> bytes:
        while end not in self._held:
            part = self._socket.recv(65_536)
            if not part:
                raise EOFError
            self._held += part
        found, _, self._held = self._held.partition(end)
        return found

    def event(self) -> tuple[str, dict[str, object]]:
        """Returns the next event with data: its id and what it says."""
        while True:
            size = int(self._until(b"\r\n") or b"0", 16)
            if not size:
                raise EOFError
            while len(self._held) < size + 2:
                self._held += self._socket.recv(65_536)
            chunk, self._held = self._held[:size].decode(), self._held[size + 2 :]
            fields = dict(line.split(": ", 1) for line in chunk.strip().splitlines() if line)
            if "data" in fields:
                return fields["id"], json.loads(fields["data"])


def parts(told: dict[str, object]) -> dict[str, str]:
    """Returns the parts of a page that an event has."""
    found = told["parts"]
    assert isinstance(found, dict)
    return found


def test_all_is_told_to_who_knows_nothing_and_then_what_changed(
    server: Server, board: MemoryBoard
) -> None:
    """Everything that is on the page, then the tiles that another ledger changes, and no other."""
    listener = Listener(server)
    assert "Content-Type: text/event-stream" in listener.head
    assert "Cache-Control: no-store" in listener.head
    first, told = listener.event()
    assert parts(told).keys() == {
        *("state", "quality"),
        *("mrr", "customer_churn_ratio", "reply_seconds", "tasks_overdue"),
    }
    held = company.ledger(0)
    held.add(("mrr",), ("smb",), company.EDGE - 2, 7_000_000)
    company.publish(board, 0, 2, held)
    second, told = listener.event()
    assert second != first
    assert parts(told).keys() == {"mrr", "quality"}  # which counts what the workers counted
    assert 'value="4308.5"' in parts(told)["mrr"]
    listener.close()


def test_who_comes_back_is_told_what_it_missed(server: Server, board: MemoryBoard) -> None:
    """By the id of the last event that it has; a page knows that of what it was rendered with."""
    listener = Listener(server)
    known, _ = listener.event()
    listener.close()
    page = ask(server, "/")[2].decode()
    assert f'data-known="{known}"' in page
    held = company.ledger(0)
    held.add(("overdue", "zoe"), ("enterprise",), company.EDGE - 2, 5)
    company.publish(board, 0, 2, held)
    listener = Listener(server, f"?since={known}")
    assert parts(listener.event()[1]).keys() == {"tasks_overdue", "quality"}
    listener.close()


def test_a_stale_board_is_told(server: Server, board: MemoryBoard) -> None:
    """With the reason, and without a figure."""
    listener = Listener(server)
    assert listener.event()[1]["stale"] == ""
    board.flush()
    told = listener.event()[1]
    assert told["stale"] == "no worker has claimed a partition yet"
    assert "mrr" not in parts(told)
    listener.close()


def test_listeners_keep_nobody_out(server: Server) -> None:
    """More listeners than places, and one who asks for figures is answered all the same."""
    listeners: list[socket.socket] = []
    for _ in range(PLACES_MAX + 1):
        client = connect(server)
        client.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
        listeners.append(client)
    assert ask(server, "/-/ready")[0] == 200
    for client in listeners:
        client.close()


def test_a_server_that_stops_ends_its_streams(board: MemoryBoard) -> None:
    """It does not wait for listeners, who would never leave by themselves."""
    server = Server(application(board), port=0)
    server.start()
    listener = Listener(server)
    listener.event()
    server.stop(timeout_s=PATIENCE_S)
    with pytest.raises((EOFError, ConnectionError)):
        listener.event()
    listener.close()


def test_who_asks_for_the_head_gets_the_head(server: Server) -> None:
    """HEAD ends at once."""
    status, headers, body = ask(server, "/live", "HEAD")
    assert (status, headers["content-type"], body) == (200, "text/event-stream", b"")


@pytest.mark.parametrize("path", sorted(STATIC))
def test_static_files_are_asked_for_once(server: Server, path: str) -> None:
    """Who has a file by its tag is told that it is the same; another tag gets the file."""
    status, headers, body = ask(server, path)
    assert (status, headers["content-type"]) == (200, STATIC[path].content_type)
    assert body == STATIC[path].content
    again = ask(server, path, If_None_Match=headers["etag"])
    assert (again[0], again[2]) == (304, b"")
    assert again[1]["etag"] == headers["etag"]
    assert ask(server, path, If_None_Match='"other"')[0] == 200


class Told:
    """News that are the same for all."""

    def __init__(self, number: int) -> None:
        self._number = number

    def since(self, known: str) -> tuple[str, str]:
        """Returns the number, unless it is known."""
        name = str(self._number)
        return name, "" if known == name else name


async def _first(events: AsyncGenerator[bytes, None]) -> bytes:
    """Returns the first event with data."""
    async for event in events:
        if b"data:" in event:
            return event
    raise EOFError


async def test_one_look_serves_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many listen to a topic, it is looked at once a beat, and not when all are gone."""
    monkeypatch.setattr(broadcast, "BEAT_S", 0.0)
    looks = 0

    async def look(topic: object) -> Told:
        nonlocal looks
        looks += 1
        return Told(looks)

    told = Broadcast(look)
    streams = [told.listen("a", "") for _ in range(10)]
    found = await asyncio.gather(*map(_first, streams))
    assert len(set(found)) == 1
    for stream in streams:
        await stream.aclose()
    await told.stop()
    seen = looks
    await asyncio.sleep(0)
    assert looks == seen


async def test_a_look_that_fails_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says why, and listeners wait."""
    monkeypatch.setattr(broadcast, "BEAT_S", 0.0)
    looks = 0

    async def look(topic: object) -> Told:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise ValueError("no")
        return Told(looks)

    told = Broadcast(look)
    async with aclosing(told.listen("a", "")) as events:
        assert await _first(events) == b"id: 2\ndata: 2\n\n"
    await told.stop()
    assert "could not be looked for" in caplog.text


@pytest.mark.parametrize(("count", "is_same"), [(LISTENERS_MAX, True), (TOPICS_MAX, False)])
async def test_there_are_only_so_many(
    monkeypatch: pytest.MonkeyPatch, count: int, is_same: bool
) -> None:
    """One more listener, or one of one more topic, is told to come later; a place that is free is
    given again.
    """
    monkeypatch.setattr(broadcast, "BEAT_S", 0.0)

    async def look(topic: object) -> Told:
        return Told(1)

    told = Broadcast(look)
    streams = [told.listen("a" if is_same else number, "") for number in range(count)]
    for stream in streams:
        assert b"retry: 3000" in await anext(stream)
    refused = told.listen("b", "")
    assert [event async for event in refused] == [f"retry: {LATER_MS}\n\n".encode()]
    await streams.pop().aclose()
    let_in = told.listen("b" if not is_same else "a", "")
    assert b"retry: 3000" in await anext(let_in)
    for stream in [*streams, let_in]:
        await stream.aclose()
    await told.stop()


async def test_the_usual_topic_has_a_place_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens to as many others as there may be keeps nobody from the usual one."""
    monkeypatch.setattr(broadcast, "BEAT_S", 0.0)

    async def look(topic: object) -> Told:
        return Told(1)

    told = Broadcast(look, "usual")
    streams = [told.listen(number, "") for number in range(TOPICS_MAX)]
    streams.append(told.listen("usual", ""))
    for stream in streams:
        assert b"retry: 3000" in await anext(stream)
    refused = told.listen("another", "")
    assert [event async for event in refused] == [f"retry: {LATER_MS}\n\n".encode()]
    for stream in streams:
        await stream.aclose()
    await told.stop()

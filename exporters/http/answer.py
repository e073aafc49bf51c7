"""Answers: a status, headers and a body, which may go to several clients; or events without end."""

import gzip
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from aiohttp import web

GZIP_FROM: Final = 1_400
"""Bytes from which compressing pays: below, everything fits a packet."""

GZIP_LEVEL: Final = 1
"""A tenth of the time of level 9 for a quarter more bytes."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Server": "tidemark",
    "Vary": "Accept, Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
"""Those of every answer; the server's name stands for the library's, which tells versions."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is told."""

    status: HTTPStatus
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, more: Mapping[str, str]) -> web.Response:
        """Returns the answer as the library sends it, with more headers."""
        headers = {**HEADERS, **self.headers, **more}
        return web.Response(status=self.status, headers=headers, body=self.body)


class EventStream(web.StreamResponse):
    """Server-sent events to one client.

    Attributes:
        events: The bytes of one or several events each, as they come.
    """

    def __init__(self, headers: Mapping[str, str], events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(headers=headers)
        self.events = events


@dataclass(frozen=True, slots=True)
class Events:
    """What a client is told bit by bit, until it leaves or must."""

    events: AsyncGenerator[bytes, None]

    def response(self, more: Mapping[str, str]) -> EventStream:
        """Returns the events as the library sends them, with more headers."""
        kind = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        return EventStream({**HEADERS, **kind, **more}, self.events)


class Text:
    """A text, and the same compressed, which is done when it is first asked for.

    Attributes:
        content_type: Its type.
        plain: Its bytes.
    """

    __slots__ = ("_packed", "content_type", "plain")

    def __init__(self, content_type: str, plain: bytes) -> None:
        self.content_type = content_type
        self.plain = plain
        self._packed: bytes | None = None

    def answer(
        self,
        packed: bool,
        headers: Mapping[str, str] | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Answer:
        """Returns an answer, compressed if the client takes that and it pays."""
        every = {"Content-Type": self.content_type, **(headers or {})}
        if not packed or len(self.plain) < GZIP_FROM:
            return Answer(status, self.plain, every)
        if self._packed is None:
            self._packed = gzip.compress(self.plain, compresslevel=GZIP_LEVEL, mtime=0)
        return Answer(status, self._packed, {**every, "Content-Encoding": "gzip"})


def say(status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Returns an answer of one line."""
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    return Answer(status, f"{text}\n".encode(), {**plain, **(headers or {})})

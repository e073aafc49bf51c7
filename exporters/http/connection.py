"""A connection: one client, within bounds of time and bytes."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from exporters.http.answer import HEADERS, Answer, EventStream, say
from exporters.http.places import Places
from exporters.http.traffic import Refusal

REQUEST_S: Final = 30.0
"""For a whole request to arrive, from the connection or the answer before on. Above common scrape
intervals, so that Prometheus keeps its connection."""

TAKEN_S: Final = 30.0
"""For a client to take an answer; megabytes over a slow line."""

URL_BYTES_MAX: Final = 4_096
HEADER_BYTES_MAX: Final = 8_192
HEADERS_MAX: Final = 64
"""With the longest each, half a megabyte: what a client can make the server hold."""

LINGER_S: Final = 1.0
"""For a client that is being refused to stop sending, so that it reads why."""

LATER: Final = {"Retry-After": "1"}
"""A place is free again within a second, but for a flood."""

_TOO_MANY: Final = "Too many headers"
"""Begins what the library says of more than ``HEADERS_MAX``, for which it has no class."""

_NEVER_S: Final = 86_400.0
"""Where the library's own limit is not wanted: ours are shorter."""


class Connection(web.RequestHandler):
    """The library's protocol with a time for each request, and its own answer to what is none."""

    __slots__ = ("_begun", "_deadline", "_over", "_places")

    def __init__(self, server: web.Server, places: Places) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=_NEVER_S,
            access_log=None,  # type: ignore[arg-type]
            max_line_size=URL_BYTES_MAX,
            max_field_size=HEADER_BYTES_MAX,
            max_headers=HEADERS_MAX,
            lingering_time=LINGER_S,
            auto_decompress=False,
        )
        self._places = places
        self._begun = False
        self._over = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins to wait for a request."""
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(0)  # so that what was sent is off our hands
        super().connection_made(transport)
        self.wait()

    def data_received(self, data: bytes) -> None:
        """Takes bytes of a request; those after its end, which it may not know of, are let pass."""
        self._begun = True
        if not self._over:
            super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Frees the place."""
        self.busy()
        self._places.leave(self)
        super().connection_lost(exc)

    def wait(self) -> None:
        """Waits for a request, and not for ever."""
        self.busy()
        if self.transport is None:
            return
        self._begun = False
        self._deadline = asyncio.get_running_loop().call_later(REQUEST_S, self._late)
        self._places.wait(self, self.give_way)

    def wait_for_more(self) -> None:
        """Waits for the rest of a request, which its reader gives a time."""
        self._places.wait(self, self.give_way)

    def busy(self) -> None:
        """Notes that a request has come."""
        self._places.busy(self)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    async def send(self, request: web.BaseRequest, response: web.Response) -> None:
        """Sends an answer; a client that does not take it in time loses the connection.

        It is told that its connection ends where others wait for its place.
        """
        if self._places.are_wanted:
            response.force_close()
        with self._taking():
            async with asyncio.timeout(TAKEN_S):
                await response.prepare(request)
                await response.write_eof()

    async def stream(
        self, request: web.BaseRequest, response: EventStream, stop: asyncio.Event
    ) -> None:
        """Sends events until there are no more, the client leaves or the server stops.

        It keeps nobody out: where all places are taken it gives way before those who wait for less
        time, and a client asks again by itself.
        """
        self._places.wait(self, self.drop)
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self.drop() if stop.is_set() else None)
        try:
            with self._taking():
                await response.prepare(request)
                async with aclosing(response.events) as events:
                    async for part in events:
                        async with asyncio.timeout(TAKEN_S):
                            await response.write(part)
                await response.write_eof()
        finally:
            stopping.cancel()

    @contextmanager
    def _taking(self) -> Iterator[None]:
        """Ends what is sent if the client goes, and drops a client that does not take it."""
        try:
            yield
        except ConnectionError:
            return
        except TimeoutError:
            self._places.traffic.refusals[Refusal.SLOW_READER] += 1
            self.drop()

    def give_way(self) -> None:
        """Ends for another, without a request having come in whole."""
        self._end(say(HTTPStatus.SERVICE_UNAVAILABLE, "all places are taken: send it again", LATER))

    def drop(self) -> None:
        """Ends at once."""
        transport = self.transport
        self.force_close()
        if isinstance(transport, asyncio.Transport) and transport.get_write_buffer_size():
            transport.abort()  # a close would wait for the client to take it

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answers what is no request that is read here, without repeating any of it."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        refusal, code = Refusal.MALFORMED, HTTPStatus.BAD_REQUEST
        if isinstance(exc, LineTooLong):
            refusal, code = Refusal.TOO_LARGE, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            if exc.args[1] == URL_BYTES_MAX:
                code = HTTPStatus.REQUEST_URI_TOO_LONG
        elif exc.message.startswith(_TOO_MANY):
            refusal, code = Refusal.TOO_LARGE, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        self._places.traffic.refusals[refusal] += 1
        response = say(code, code.phrase).response({})
        response.force_close()
        return response

    def _late(self) -> None:
        self._deadline = None
        if self._begun:
            self._places.traffic.refusals[Refusal.SLOW_REQUEST] += 1
        self._end(say(HTTPStatus.REQUEST_TIMEOUT, "the request did not come in time"))

    def _end(self, answer: Answer) -> None:
        """Ends with an answer, if a request has begun.

        A client that is still sending reads it only if what it sends is taken for a while: bytes
        that nobody reads make the system break the connection, the answer with it.
        """
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        transport = self.transport
        if not self._begun or not isinstance(transport, asyncio.Transport):
            self.drop()
            return
        transport.write(raw(answer))
        if not transport.can_write_eof():  # of TLS, which has an end of its own
            self.drop()
            return
        self._over = True
        transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER_S, self.drop)


def raw(answer: Answer) -> bytes:
    """Returns the bytes of an answer after which the connection ends."""
    headers = {
        **HEADERS,
        **answer.headers,
        "Content-Length": str(len(answer.body)),
        "Connection": "close",
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {answer.status.value} {answer.status.phrase}", *lines])
    return f"{head}\r\n\r\n".encode() + answer.body

"""A connection: one client, within bounds of time and bytes; and the places that clients have."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from exporters.http.answer import HEADERS, Answer, say
from exporters.http.traffic import Refusal, Traffic

REQUEST_S: Final = 30.0
"""For a whole request to arrive, from the connection or the answer before on. Above common scrape
intervals, so that Prometheus keeps its connection."""

TAKEN_S: Final = 30.0
"""For a client to take an answer; megabytes over a slow line."""

PLACES_MAX: Final = 64
"""Clients connected at once; a few scrapers, people and probes stay far below."""

URL_BYTES_MAX: Final = 4_096
HEADER_BYTES_MAX: Final = 8_192
HEADERS_MAX: Final = 64
"""With the longest each, half a megabyte: what a client can make the server hold."""

_LINGER_S: Final = 1.0
"""For a client that is being refused to stop sending, so that it reads why."""

_TOO_MANY: Final = "Too many headers"
"""Begins what the library says of more than ``HEADERS_MAX``, for which it has no class."""

_NEVER_S: Final = 86_400.0
"""Where the library's own limit is not wanted: ours are shorter."""


class Places:
    """Who is connected, up to a bound; whoever has waited longest without a request gives way.

    So clients that only hold a connection, whatever their number, keep nobody out.
    """

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self._taken: dict[object, None] = {}
        self._waiting: dict[object, Callable[[], object]] = {}

    def take(self, guest: object, give_way: Callable[[], object]) -> bool:
        """Gives a place to a guest, who waits from now on; returns whether there was one."""
        if len(self._taken) >= PLACES_MAX:
            if not self._waiting:
                return False
            longest = next(iter(self._waiting))
            make_room = self._waiting[longest]
            self.leave(longest)
            self.traffic.refusals[Refusal.CROWDED_OUT] += 1
            make_room()
        self._taken[guest] = None
        self.wait(guest, give_way)
        return True

    def wait(self, guest: object, give_way: Callable[[], object]) -> None:
        """Notes that a guest waits: it may have to give way, as the last of those who wait."""
        if guest in self._taken:
            self._waiting.pop(guest, None)
            self._waiting[guest] = give_way
        self._count()

    def busy(self, guest: object) -> None:
        """Notes that a guest is being answered."""
        self._waiting.pop(guest, None)
        self._count()

    def leave(self, guest: object) -> None:
        """Frees a guest's place."""
        self._waiting.pop(guest, None)
        self._taken.pop(guest, None)
        self._count()

    def _count(self) -> None:
        self.traffic.waiting = len(self._waiting)
        self.traffic.answering = len(self._taken) - len(self._waiting)


class Connection(web.RequestHandler):
    """The library's protocol with a time for each request, and its own answer to what is none."""

    __slots__ = ("_begun", "_deadline", "_places")

    def __init__(self, server: web.Server, places: Places) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=_NEVER_S,
            access_log=None,  # type: ignore[arg-type]
            max_line_size=URL_BYTES_MAX,
            max_field_size=HEADER_BYTES_MAX,
            max_headers=HEADERS_MAX,
            lingering_time=_LINGER_S,
            auto_decompress=False,
        )
        self._places = places
        self._begun = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins to wait for a request."""
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(0)  # so that what was sent is off our hands
        super().connection_made(transport)
        self.wait()

    def data_received(self, data: bytes) -> None:
        """Takes bytes of a request."""
        self._begun = True
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
        """Sends an answer; a client that does not take it in time loses the connection."""
        try:
            async with asyncio.timeout(TAKEN_S):
                await response.prepare(request)
                await response.write_eof()
        except ConnectionError:
            return
        except TimeoutError:
            self._places.traffic.refusals[Refusal.SLOW_READER] += 1
            self.drop()

    def give_way(self) -> None:
        """Ends without a request having come in whole."""
        if self._begun:
            self._tell(say(HTTPStatus.REQUEST_TIMEOUT, "the request did not come in time"))
        self.drop()

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
        self.give_way()

    def _tell(self, answer: Answer) -> None:
        if self.transport is not None:
            self.transport.write(raw(answer))


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

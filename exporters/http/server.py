"""The server: an address, and a thread that accepts clients and answers them."""

import asyncio
import logging
import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from typing import Final, Protocol

from aiohttp import web

from exporters.http.answer import EventStream, say
from exporters.http.connection import LATER, LINGER_S, Connection, raw
from exporters.http.places import Places
from exporters.http.traffic import Refusal, Traffic
from exporters.http.web_config import WebConfigError, WebConfigFile

logger = logging.getLogger(__name__)

DEFAULT_HOST: Final = "127.0.0.1"
"""Loopback: figures about customers are shown to others only by somebody's decision."""

DEFAULT_PORT: Final = 9108

HANDSHAKE_S: Final = 10.0
"""For a TLS connection to come about; some round trips."""

FAREWELL_S: Final = 2.0
"""For a client to end a TLS connection as it should."""

STOP_TIMEOUT_S: Final = 5.0
"""Time for requests under way to end when the server stops; a scrape takes milliseconds."""

BACKLOG: Final = 128
"""Clients that the system lets wait to be accepted."""

LEAVING_MAX: Final = 64
"""Clients without a place that are being told so; of a flood, others lose their connection."""

_PAUSE_S: Final = 0.1
"""Before the next client, where one could not be accepted: out of file descriptors."""


class Answering(Protocol):
    """What a server serves.

    Attributes:
        traffic: Where it counts what is turned away.
    """

    traffic: Traffic

    async def answer(
        self, request: web.BaseRequest, config: WebConfigFile
    ) -> web.Response | EventStream:
        """Answers a request by the rules of a file."""

    async def stop(self) -> None:
        """Ends what it began in the loop of the server."""

    def close(self) -> None:
        """Lets its threads end."""


class Server:
    """Serves an application in a thread of its own."""

    def __init__(
        self,
        application: Answering,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        config: WebConfigFile | None = None,
    ) -> None:
        """Binds an address; port 0 takes any free one.

        Raises:
            OSError: If the address cannot be bound.
        """
        self._application = application
        self._config = WebConfigFile() if config is None else config
        self._places = Places(self.traffic)
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        both = family is socket.AF_INET6 and socket.has_dualstack_ipv6()
        self._listener = socket.create_server(
            (str(address[0]), int(address[1])), family=family, backlog=BACKLOG, dualstack_ipv6=both
        )
        self._listener.setblocking(False)
        self._address = self._listener.getsockname()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._timeout_s = STOP_TIMEOUT_S
        self._leaving = 0
        self._thread = threading.Thread(target=self._run, name="tidemark-http", daemon=True)

    @property
    def traffic(self) -> Traffic:
        """Who is connected, and what was turned away."""
        return self._application.traffic

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._address[:2]
        scheme = "https" if self._config.tls else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    def start(self) -> None:
        """Begins to serve."""
        self._loop = asyncio.new_event_loop()
        self._thread.start()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Takes no more requests and waits, within the timeout, for those under way."""
        if self._loop is not None and self._thread.is_alive():
            self._timeout_s = timeout_s
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(2 * timeout_s)
        self._listener.close()
        self._application.close()

    def _run(self) -> None:
        loop = self._loop
        assert loop is not None
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = web.Server(self._answer, handler_cancellation=True)
        accepting = asyncio.create_task(self._accept(server))
        await self._stop.wait()
        accepting.cancel()
        self._listener.close()
        server.pre_shutdown()
        try:
            async with asyncio.timeout(self._timeout_s):
                await server.shutdown(self._timeout_s)
        except TimeoutError:
            logger.warning("stopped with requests under way")
        await self._application.stop()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        assert isinstance(connection, Connection)
        connection.busy()
        try:
            response = await self._application.answer(request, self._config)
            if isinstance(response, EventStream):
                await connection.stream(request, response, self._stop)
            else:
                await connection.send(request, response)
        finally:
            connection.wait()
        return response

    async def _accept(self, server: web.Server) -> None:
        loop = asyncio.get_running_loop()
        greeting: set[asyncio.Task[None]] = set()
        while True:
            try:
                client, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                logger.warning("a client cannot be accepted: %s", error.strerror)
                await asyncio.sleep(_PAUSE_S)
                continue
            task = asyncio.create_task(self._greet(server, client))
            greeting.add(task)
            task.add_done_callback(greeting.discard)

    async def _greet(self, server: web.Server, client: socket.socket) -> None:
        """Makes a connection of a client, with TLS if the file says so."""
        connection = Connection(server, self._places)
        task = asyncio.current_task()
        assert task is not None
        try:
            if not await self._places.take(connection, task.cancel):
                await self._turn_away(client)
                return
        except asyncio.CancelledError:  # the server stops
            client.close()
            raise
        try:
            context = self._config.context()
            handshake_s, farewell_s = (HANDSHAKE_S, FAREWELL_S) if context else (None, None)
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection,
                client,
                ssl=context,
                ssl_handshake_timeout=handshake_s,
                ssl_shutdown_timeout=farewell_s,
            )
        except WebConfigError:  # logged when it was first read
            client.close()
            self._forget(connection)
        except OSError:  # of TLS too
            self._forget(connection)
        except asyncio.CancelledError:
            self._forget(connection)
            raise

    def _forget(self, connection: Connection) -> None:
        self.traffic.refusals[Refusal.HANDSHAKE] += 1
        self._places.leave(connection)

    async def _turn_away(self, client: socket.socket) -> None:
        """Says that there is no place, and takes for a while what the client is sending.

        Else the system would break the connection, and the answer with it.
        """
        self.traffic.refusals[Refusal.BUSY] += 1
        answer = say(HTTPStatus.SERVICE_UNAVAILABLE, "all places are taken: send it again", LATER)
        with client, suppress(OSError, TimeoutError):
            if self._config.tls or self._leaving >= LEAVING_MAX:
                return
            self._leaving += 1
            try:
                client.send(raw(answer))
                client.shutdown(socket.SHUT_WR)
                async with asyncio.timeout(LINGER_S):
                    while await asyncio.get_running_loop().sock_recv(client, 65_536):
                        pass
            finally:
                self._leaving -= 1

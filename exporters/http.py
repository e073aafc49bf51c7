"""HTTP: ``/metrics``, the index page and the probes, as a WSGI application and a server for it.

The one seam where an unexpected error becomes a response; everything that can be expected has an
answer below.
"""

import gzip
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client.exposition import gzip_accepted
from prometheus_client.registry import Collector

from exporters.live_reading import Reading
from exporters.text_format import encoder

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

DEFAULT_HOST: Final = "127.0.0.1"
"""Loopback: figures about customers are shown to others only by somebody's decision."""

DEFAULT_PORT: Final = 9108

REQUESTS_MAX: Final = 32
"""Requests served at once; a scraper, a few people and probes stay far below. Others are turned
away."""

IDLE_TIMEOUT_S: Final = 10.0
"""Silence of a client after which its connection is dropped, so that idle ones cannot use up the
places."""

STOP_TIMEOUT_S: Final = 5.0
"""Time for requests under way to end when the server stops; a scrape takes milliseconds."""

GZIP_FROM: Final = 1_400
"""Bytes from which compressing pays: below, everything fits a packet."""

GZIP_LEVEL: Final = 1
"""A tenth of the time of level 9 for a quarter more bytes."""

_TEXT: Final = "text/plain; charset=utf-8"
_HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Response:
    """A status, a body and its type."""

    status: HTTPStatus
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Application:
    """Answers GET and HEAD; see the module for the paths."""

    def __init__(
        self,
        collector: Collector,
        take: Callable[[], Reading],
        page: Callable[[Reading], str],
        page_policy: str = "default-src 'none'",
    ) -> None:
        """Takes what it shows.

        Args:
            collector: What ``/metrics`` exposes.
            take: Takes a reading, for the page and the readiness probe.
            page: Renders the index page.
            page_policy: Content security policy of the page.
        """
        self._collector = collector
        self._take = take
        self._page = page
        self._page_policy = page_policy
        self._routes: dict[str, Callable[[WSGIEnvironment], Response]] = {
            "/": self._index,
            "/metrics": self._metrics,
            "/-/healthy": lambda environ: _say(HTTPStatus.OK, "healthy"),
            "/-/ready": self._ready,
        }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answers a request."""
        response = self._answer(environ)
        body = response.body
        headers = [
            ("Content-Type", response.content_type),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Vary", "Accept, Accept-Encoding"),
            *response.headers,
        ]
        if len(body) >= GZIP_FROM and gzip_accepted(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body = gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0)
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        start_response(f"{response.status.value} {response.status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, environ: "WSGIEnvironment") -> Response:
        route = self._routes.get(environ.get("PATH_INFO") or "/")
        if route is None:
            return _say(HTTPStatus.NOT_FOUND, "there is /, /metrics, /-/healthy and /-/ready")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _say(HTTPStatus.METHOD_NOT_ALLOWED, "GET or HEAD only", ("Allow", "GET, HEAD"))
        try:
            return route(environ)
        except Exception:
            logger.exception("request for %s failed", environ.get("PATH_INFO"))
            return _say(HTTPStatus.INTERNAL_SERVER_ERROR, "failed; the log says why")

    def _index(self, environ: "WSGIEnvironment") -> Response:
        policy = (("Content-Security-Policy", self._page_policy),)
        return Response(HTTPStatus.OK, _HTML, self._page(self._take()).encode(), policy)

    def _metrics(self, environ: "WSGIEnvironment") -> Response:
        encode, content_type = encoder(environ.get("HTTP_ACCEPT", ""))
        return Response(HTTPStatus.OK, content_type, encode(self._collector))

    def _ready(self, environ: "WSGIEnvironment") -> Response:
        state = self._take().state
        if state.complete:
            return _say(HTTPStatus.OK, "ready")
        return _say(HTTPStatus.SERVICE_UNAVAILABLE, f"stale: {state.reason}")


def _say(status: HTTPStatus, text: str, *headers: tuple[str, str]) -> Response:
    return Response(status, _TEXT, f"{text}\n".encode(), headers)


class _Handler(WSGIRequestHandler):
    timeout = IDLE_TIMEOUT_S

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug("%s %s", self.client_address[0], format % args)


class _BoundedServer(ThreadingMixIn, WSGIServer):
    """A thread a request, up to a bound."""

    daemon_threads = True
    request_queue_size = REQUESTS_MAX

    def __init__(self, address: tuple[str, int], family: socket.AddressFamily) -> None:
        self.address_family = family
        self._places = threading.BoundedSemaphore(REQUESTS_MAX)
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # without HTTPServer's look-up of the host's name, which may hang
        TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), port
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            logger.warning("more than %d requests at once; one was turned away", REQUESTS_MAX)
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.debug("connection of %s failed", client_address, exc_info=True)

    def drain(self, timeout_s: float) -> bool:
        """Waits until no request is under way; returns whether there was none in time."""
        deadline_s = time.monotonic() + timeout_s
        return all(
            self._places.acquire(timeout=max(deadline_s - time.monotonic(), 0))
            for _ in range(REQUESTS_MAX)
        )


class Server:
    """Serves an application in threads of its own."""

    def __init__(
        self, application: Application, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT
    ) -> None:
        """Binds an address; port 0 takes any free one.

        Raises:
            OSError: If the address cannot be bound.
        """
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        self._server = _BoundedServer((str(address[0]), int(address[1])), family)
        self._server.set_app(application)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="tidemark-http",
            daemon=True,
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        host = self._server.server_name
        return f"http://{f'[{host}]' if ':' in host else host}:{self._server.server_port}"

    def start(self) -> None:
        """Begins to serve."""
        self._thread.start()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Takes no more requests and waits, within the timeout, for those under way."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(timeout_s)
        self._server.server_close()
        if not self._server.drain(timeout_s):
            logger.warning("stopped with requests under way")

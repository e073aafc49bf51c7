"""A small company's figures on a free port, and clients that behave badly."""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from prometheus_client.metrics_core import Metric

from aggregates.shard.board import Board
from exporters.api.api import Api
from exporters.collector import LiveCollector
from exporters.http import Application, Server, WebConfigFile
from exporters.live_reading import Reading
from exporters.pages.pages import Pages
from tests.exporters import company

PATIENCE_S = 20.0
"""For an answer, on a machine that has other work; after that a test gives up."""

Families = Callable[[Reading], Iterable[Metric]]


def application(board: Board, families: Families | None = None) -> Application:
    """Returns the application over a board."""
    live = company.live(board)
    shown = families or LiveCollector(live, version="0").families
    return Application(live, shown, Pages(live, "0"), None, Api(live, "0"))


@contextmanager
def served(
    families: Families | None = None, config: WebConfigFile | None = None
) -> Iterator[Server]:
    """Serves, and stops."""
    server = Server(application(company.board(2), families), port=0, config=config)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def connect(server: Server) -> socket.socket:
    """Connects a client that has patience."""
    host, port = server.url.split("//")[1].split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_S)


def read_all(client: socket.socket) -> bytes:
    """Reads until the server ends the connection, in whatever way."""
    parts = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def said(server: Server, request: bytes) -> bytes:
    """Sends bytes; gives all that comes until the server ends the connection."""
    with connect(server) as client:
        client.sendall(request)
        return read_all(client)

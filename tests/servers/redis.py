"""A Redis server that keeps nothing on disk."""

import socket

from tests.servers.port import HOST, free_port
from tests.servers.process import ServerProcess, program

_ANSWER_S = 1.0  # Redis on loopback answers within a millisecond


class RedisServer(ServerProcess):
    """An empty Redis on a free loopback port; `options` go to its command line as they are."""

    name = "redis"

    def __init__(self, *options: str) -> None:
        """Chooses the port."""
        super().__init__()
        self.port = free_port()
        self._options = options

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"redis://{HOST}:{self.port}/0"

    def prepare(self) -> None:
        """Needs no files, only the program."""
        program("redis-server", "redis-server")

    def command(self) -> list[str]:
        """Loopback only, no snapshots, no append-only file: a restart comes back empty."""
        options = ["--port", str(self.port), "--bind", HOST, "--save", "", "--appendonly", "no"]
        return [program("redis-server", "redis-server"), *options, *self._options]

    def answers(self) -> bool:
        """Whether PING gets its PONG."""
        try:
            with socket.create_connection((HOST, self.port), _ANSWER_S) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7, socket.MSG_WAITALL) == b"+PONG\r\n"
        except OSError:
            return False

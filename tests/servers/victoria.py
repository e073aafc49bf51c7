"""A VictoriaMetrics server that keeps samples for ever."""

import urllib.request

from tests.servers.port import HOST, free_port
from tests.servers.process import ServerProcess, program

_ANSWER_S = 2.0  # a server on loopback answers within milliseconds
_RETENTION = "100y"  # a month by default, which would drop history


class VictoriaServer(ServerProcess):
    """VictoriaMetrics on a free loopback port, with an empty store."""

    name = "victoria-metrics"

    def __init__(self, retention: str = _RETENTION) -> None:
        """Chooses the port."""
        super().__init__()
        self.port = free_port()
        self._retention = retention

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://{HOST}:{self.port}"

    def prepare(self) -> None:
        """Looks for the program; there is nothing to configure."""
        program("victoria-metrics", "victoria-metrics")

    def command(self) -> list[str]:
        """Loopback only, a store of its own."""
        return [
            program("victoria-metrics", "victoria-metrics"),
            f"-storageDataPath={self.home / 'data'}",
            f"-retentionPeriod={self._retention}",
            f"-httpListenAddr={HOST}:{self.port}",
        ]

    def answers(self) -> bool:
        """Whether the server says that it is well."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=_ANSWER_S) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

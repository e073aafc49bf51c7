"""A VictoriaMetrics server that keeps samples for ever, and scrapes if it is told what."""

import urllib.request
from pathlib import Path

from tests.servers.generation import Generation
from tests.servers.port import HOST, free_port
from tests.servers.process import ServerProcess

_ANSWER_S = 2.0  # a server on loopback answers within milliseconds
_RETENTION = "100y"  # a month by default, which would drop history


class VictoriaServer(ServerProcess):
    """VictoriaMetrics on a free loopback port, with an empty store."""

    name = "victoria-metrics"

    def __init__(
        self,
        retention: str = _RETENTION,
        scrapes: str = "scrape_configs: []",
        generation: Generation = Generation.PACKAGED,
    ) -> None:
        """Chooses the port; `scrapes` is a configuration as Prometheus has it."""
        super().__init__()
        self._generation = generation
        self._scrapes = scrapes
        self.port = free_port()
        self._retention = retention

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://{HOST}:{self.port}"

    @property
    def _config(self) -> Path:
        return self.home / "scrapes.yml"

    def prepare(self) -> None:
        """Writes what it scrapes."""
        self._program()
        self._config.write_text(self._scrapes)

    def command(self) -> list[str]:
        """Loopback only, a store of its own."""
        return [
            self._program(),
            f"-promscrape.config={self._config}",
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

    def _program(self) -> str:
        return self._generation.program("victoria-metrics", "victoria-metrics")

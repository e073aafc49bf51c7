"""An Alertmanager over a given configuration, and the question tests ask it."""

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

from tests.servers.generation import Generation
from tests.servers.port import HOST, free_port
from tests.servers.process import ServerProcess

PACKAGE = "prometheus-alertmanager"
"""Debian's package, and its name of the program; elsewhere that is plain `alertmanager`."""

_ANSWER_S = 10.0  # a handful of alerts


def amtool_path(generation: Generation = Generation.PACKAGED) -> str:
    """The full path of amtool; it comes with Alertmanager.

    Raises:
        ServerUnavailable: it is not installed.
    """
    return generation.program("amtool", PACKAGE)


def alertmanager_path(generation: Generation = Generation.PACKAGED) -> str:
    """The full path of Alertmanager, under either of its names.

    Raises:
        ServerUnavailable: it is not installed.
    """
    packaged = generation is Generation.PACKAGED and shutil.which(PACKAGE)
    name = PACKAGE if packaged else "alertmanager"
    return generation.program(name, PACKAGE)


class AlertmanagerServer(ServerProcess):
    """Alertmanager alone, no cluster, on a free loopback port."""

    name = "alertmanager"

    def __init__(self, config: str, generation: Generation = Generation.PACKAGED) -> None:
        """Chooses the port; `config` is the text of alertmanager.yml."""
        super().__init__()
        self._generation = generation
        self.port = free_port()
        self._text = config

    @property
    def address(self) -> str:
        """Host and port, as Prometheus is told them."""
        return f"{HOST}:{self.port}"

    @property
    def _config(self) -> Path:
        return self.home / "alertmanager.yml"

    def prepare(self) -> None:
        """Writes the configuration."""
        alertmanager_path(self._generation)
        self._config.write_text(self._text)

    def command(self) -> list[str]:
        """Loopback only, and no port for a cluster."""
        return [
            alertmanager_path(self._generation),
            f"--config.file={self._config}",
            f"--storage.path={self.home / 'data'}",
            f"--web.listen-address={self.address}",
            "--cluster.listen-address=",
        ]

    def answers(self) -> bool:
        """Whether the server says it is ready."""
        try:
            with urllib.request.urlopen(
                f"http://{self.address}/-/ready", timeout=_ANSWER_S
            ) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def alerts(self) -> list[dict[str, Any]]:
        """The alerts that it holds: labels, annotations, status and receivers of each."""
        address = f"http://{self.address}/api/v2/alerts"
        with urllib.request.urlopen(address, timeout=_ANSWER_S) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

"""A Prometheus server over a given configuration, and the questions tests ask it."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.servers.generation import Generation
from tests.servers.port import HOST, free_port
from tests.servers.process import ServerProcess

_ANSWER_S = 10.0  # queries of tests are small; a minute of history at most
_RETENTION = "10y"  # 15 days by default, which would drop backfilled history


def promtool_path(generation: Generation = Generation.PACKAGED) -> str:
    """The full path of promtool; it comes with Prometheus.

    Raises:
        ServerUnavailable: it is not installed.
    """
    return generation.program("promtool", "prometheus")


def run_rule_tests(
    promtool: str, file: Mapping[str, Any], path: Path, timeout_s: int
) -> subprocess.CompletedProcess[str]:
    """Writes a file of rule tests, and runs it; gives what promtool says."""
    path.write_text(json.dumps(file))  # JSON is YAML
    return subprocess.run(
        [promtool, "test", "rules", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )


class PrometheusServer(ServerProcess):
    """Prometheus on a free loopback port, its admin API on (history is corrected through it)."""

    name = "prometheus"

    def __init__(self, config: str, generation: Generation = Generation.PACKAGED) -> None:
        """Chooses the port; `config` is the text of prometheus.yml."""
        super().__init__()
        self._generation = generation
        self.port = free_port()
        self._text = config

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://{HOST}:{self.port}"

    @property
    def data_dir(self) -> Path:
        """The folder of blocks; a block moved into it is picked up while the server runs."""
        return self.home / "data"

    @property
    def _config(self) -> Path:
        return self.home / "prometheus.yml"

    def prepare(self) -> None:
        """Writes the configuration."""
        self._program()
        self._config.write_text(self._text)

    def command(self) -> list[str]:
        """Loopback only, history for ever."""
        return [
            self._program(),
            f"--config.file={self._config}",
            f"--storage.tsdb.path={self.data_dir}",
            f"--storage.tsdb.retention.time={_RETENTION}",
            f"--web.listen-address={HOST}:{self.port}",
            "--web.enable-admin-api",
            "--web.enable-lifecycle",
        ]

    def answers(self) -> bool:
        """Whether the server says it is ready."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=_ANSWER_S) as answer:
                return bool(answer.status == 200)
        except OSError:  # refused, or 503 while the write-ahead log is read
            return False

    def query(self, expression: str, at: float | None = None) -> list[dict[str, Any]]:
        """Evaluates PromQL at one moment (Unix seconds; now by default).

        Returns:
            The vector: `{"metric": labels, "value": [seconds, text]}` for each series.

        Raises:
            ValueError: Prometheus refused the expression, with its reason.
        """
        parameters = {"query": expression} if at is None else {"query": expression, "time": at}
        return self._result("query", parameters)

    def query_range(
        self, expression: str, first: float, last: float, step_s: float
    ) -> list[dict[str, Any]]:
        """Evaluates PromQL from one moment to another, as a graph asks for it.

        Returns:
            The matrix: `{"metric": labels, "values": [[seconds, text], ...]}` for each series.

        Raises:
            ValueError: Prometheus refused the expression, with its reason.
        """
        parameters = {"query": expression, "start": first, "end": last, "step": step_s}
        return self._result("query_range", parameters)

    def _program(self) -> str:
        return self._generation.program("prometheus", "prometheus")

    def _result(self, endpoint: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        address = f"{self.url}/api/v1/{endpoint}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(address, timeout=_ANSWER_S) as answer:
                result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as refused:
            with refused:
                raise ValueError(refused.read().decode()) from refused
        return result

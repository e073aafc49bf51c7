"""A worker of Kafka Connect with Debezium's connector for PostgreSQL, from the fetched jars."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.servers.kafka import QUICK
from tests.servers.port import HOST, free_port
from tests.servers.process import ServerProcess, ServerUnavailable, program

LIBS = Path(__file__).resolve().parents[2] / ".cache" / "debezium" / "libs"

_ANSWER_S = 60.0  # a connector is validated, for which the database is asked


class ConnectServer(ServerProcess):
    """A standalone worker: where it is in the database's log is in a file, kept over restarts."""

    name = "connect"
    ready_s = 120.0
    stop_s = 30.0

    def __init__(self, bootstrap: str) -> None:
        """Takes the address of Kafka, and chooses the port of the interface for connectors."""
        super().__init__()
        self._bootstrap = bootstrap
        self._port = free_port()

    def prepare(self) -> None:
        """Writes the worker's properties: its converters are none, a connector brings its own."""
        if not any(LIBS.glob("debezium-connector-postgres-*.jar")):
            raise ServerUnavailable("the jars of Connect are not there: run `make servers`")
        json_converter = "org.apache.kafka.connect.json.JsonConverter"
        properties = {
            "bootstrap.servers": self._bootstrap,
            "listeners": f"HTTP://{HOST}:{self._port}",
            "key.converter": json_converter,
            "value.converter": json_converter,
            "offset.storage.file.filename": self.home / "offsets",
            "offset.flush.interval.ms": 500,
            "plugin.discovery": "service_load",
        }
        self._config.write_text("".join(f"{k}={v}\n" for k, v in properties.items()))

    def command(self) -> list[str]:
        """One JVM, with as little memory as does."""
        logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        java = [program("java", "default-jre-headless"), *QUICK, "-Xmx512m", logging]
        main = "org.apache.kafka.connect.cli.ConnectStandalone"
        return [*java, "-cp", f"{LIBS}/*", main, str(self._config)]

    def answers(self) -> bool:
        """Whether its interface lists connectors."""
        try:
            self._asked("GET", "connectors")
        except OSError:
            return False
        return True

    def put(self, connector: str, config: Mapping[str, str]) -> None:
        """Makes a connector, or gives it another configuration.

        Raises:
            ValueError: Connect refused it, with the reason.
        """
        try:
            self._asked("PUT", f"connectors/{connector}/config", config)
        except urllib.error.HTTPError as refused:
            with refused:
                raise ValueError(refused.read().decode()) from refused

    def states(self, connector: str) -> list[str]:
        """The state of each task, such as RUNNING; a failed one has its trace behind it."""
        told = self._asked("GET", f"connectors/{connector}/status")
        return [f"{task['state']} {task.get('trace', '')}".strip() for task in told["tasks"]]

    def halt(self, connector: str) -> None:
        """Ends the tasks of a connector, which lets go of the database."""
        self._asked("PUT", f"connectors/{connector}/stop")

    def resume_connector(self, connector: str) -> None:
        """Starts tasks again that were halted."""
        self._asked("PUT", f"connectors/{connector}/resume")

    @property
    def _config(self) -> Path:
        return self.home / "connect.properties"

    def _asked(self, method: str, path: str, told: Mapping[str, str] | None = None) -> Any:
        body = None if told is None else json.dumps(told).encode()
        headers = {"Content-Type": "application/json"}
        url = f"http://{HOST}:{self._port}/{path}"
        request = urllib.request.Request(url, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=_ANSWER_S) as answer:
            said = answer.read()
        return json.loads(said) if said else None

"""The services of docker-compose.yml as plain processes: their commands, settings and checks as
written there, with other addresses and folders.

A container has a host name, ports and folders of its own. Here all share one machine, so these are
replaced, and nothing else is.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.end_to_end.commands import TIDEMARK, Service
from tests.end_to_end.patience import wait_for
from tests.servers import (
    AlertmanagerServer,
    KafkaServer,
    PrometheusServer,
    RedisServer,
    amtool_path,
)
from tests.servers.alertmanager import alertmanager_path
from tests.servers.port import HOST, free_port
from tests.servers.process import program, tied

ONE_SHOT_S = 120.0
"""For a service that ends by itself."""

CHECK_S = 60.0
"""For one health check; the compose file allows seconds, a stalled machine takes longer."""

_SETTINGS_OF_THE_SHELL = {"KAFKA_HEAP_OPTS"}
"""Variables that the image's start script reads, not the broker."""

Replacements = Mapping[str, str]
"""What is written in the compose file -> what it is here."""


def replaced(text: str, replacements: Replacements) -> str:
    """A text with every name of a container's world replaced by ours."""
    for name, here in replacements.items():
        text = text.replace(name, here)
    return text


class ComposedKafka(KafkaServer):
    """The broker with the settings of the compose file, on two free ports."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Takes the environment of the service."""
        super().__init__()
        self._inside = free_port()
        here = {
            "HOST://:9092": f"HOST://{HOST}:{self.port}",
            "INTERNAL://:29092": f"INTERNAL://{HOST}:{self._inside}",
            "127.0.0.1:9092": self.bootstrap,
            "kafka:29092": self.inside,
            ":9093": f":{self._controller_port}",
            "/var/lib/kafka/data": str(self.data_dir),
        }
        self._properties = {
            property_of(name): replaced(value, here)
            for name, value in environment.items()
            if name.startswith("KAFKA_") and name not in _SETTINGS_OF_THE_SHELL
        }

    @property
    def inside(self) -> str:
        """The address for other containers."""
        return f"{HOST}:{self._inside}"


def property_of(variable: str) -> str:
    """The broker's property that the image sets from a variable.

    >>> property_of("KAFKA_LOG_DIRS"), property_of("KAFKA_A__B___C")
    ('log.dirs', 'a_b-c')
    """
    name = variable.removeprefix("KAFKA_").lower()
    return name.replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")


class ComposedPrometheus(PrometheusServer):
    """Prometheus with the flags and the configuration of the compose file."""

    def __init__(self, service: Mapping[str, Any], config: Path, here: Replacements) -> None:
        """Takes the service, the configuration that it mounts, and what is where."""
        super().__init__(replaced(config.read_text(), here))
        self._flags = service["command"]

    def command(self) -> list[str]:
        """As written, with our folders and a port of our own."""
        here = {
            "/etc/prometheus/prometheus.yml": str(self._config),
            "=/prometheus": f"={self.data_dir}",
        }
        flags = [replaced(flag, here) for flag in self._flags]
        listen = f"--web.listen-address={HOST}:{self.port}"
        return [program("prometheus", "prometheus"), *flags, listen]


class ComposedAlertmanager(AlertmanagerServer):
    """Alertmanager with the flags, the configuration and the health check of the compose file."""

    def __init__(self, service: Mapping[str, Any]) -> None:
        """Takes the service."""
        [config] = [m["source"] for m in service["volumes"] if m["type"] == "bind"]
        super().__init__(Path(config).read_text())
        self._flags, self._check = service["command"], service["healthcheck"]["test"]

    def prepare(self) -> None:
        """Writes the configuration, and sees to the program that asks."""
        super().prepare()
        amtool_path()

    def command(self) -> list[str]:
        """As written, with our folders and a port of our own."""
        here = {
            "/etc/alertmanager/alertmanager.yml": str(self._config),
            "=/alertmanager": f"={self.home / 'data'}",
        }
        flags = [replaced(flag, here) for flag in self._flags]
        return [alertmanager_path(), *flags, f"--web.listen-address={self.address}"]

    def answers(self) -> bool:
        """What the health check says."""
        kind, *check = (part.replace("localhost:9093", self.address) for part in self._check)
        done = subprocess.run(check, capture_output=True, timeout=CHECK_S, check=False)
        return kind == "CMD" and done.returncode == 0


def composed_redis(service: Mapping[str, Any]) -> RedisServer:
    """Redis with the options of the compose file."""
    command, *options = service["command"]
    assert command == "redis-server"
    return RedisServer(*options)


@dataclass
class Started:
    """One container's worth of a service of ours.

    Attributes:
        service: Its process.
        check: Its health check, as run here; empty if it has none.
        environment: Of both.
    """

    service: Service
    check: list[str]
    environment: dict[str, str]

    def is_healthy(self) -> bool:
        """Whether the health check passes."""
        done = subprocess.run(
            self.check, capture_output=True, env=self.environment, timeout=CHECK_S, check=False
        )
        return done.returncode == 0

    def wait_until_healthy(self) -> None:
        """Waits for the health check to pass; the service must not end meanwhile."""

        def look() -> bool:
            self.service.check_running()
            return self.is_healthy()

        wait_for(look, lambda: f"{self.service.name} healthy:\n{self.service.tail()}", poll_s=0.5)


@dataclass
class Composed:
    """Starts services of ours as the compose file has them.

    Attributes:
        folder: For what containers have in folders of their own.
        services: Of the compose file, by name.
        here: Addresses, as written and as they are.
        more: Settings added to every service: ports that cannot be the same.
        started: By name.
    """

    folder: Path
    services: Mapping[str, Any]
    here: Replacements
    more: Mapping[str, str]
    started: dict[str, list[Started]] = field(default_factory=dict)

    def up(self, name: str) -> None:
        """Starts what a service waits for, as it says, and then the service, once a replica."""
        if name in self.started:
            return
        definition = self.services[name]
        for needed, how in definition.get("depends_on", {}).items():
            if "build" in self.services[needed]:
                self.up(needed)
                self._wait(needed, how["condition"])
        replicas = definition["deploy"].get("replicas", 1)
        self.started[name] = [self._start(name, definition, n) for n in range(replicas)]

    def _wait(self, name: str, condition: str) -> None:
        for started in self.started[name]:
            if condition == "service_completed_successfully":
                code = started.service.wait(ONE_SHOT_S)
                assert code == 0, started.service.tail()
            elif condition == "service_healthy":
                started.wait_until_healthy()

    def _start(self, name: str, definition: Mapping[str, Any], number: int) -> Started:
        home = self.folder / f"{name}-{number}"
        home.mkdir()
        here = {**self.here, "/tmp/": f"{home}/", "/var/lib/tidemark/": f"{home}/"}
        given = {k: replaced(str(v), here) for k, v in definition["environment"].items()}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TIDEMARK_")}
        environment = {**inherited, **self.more, **given}
        command = [replaced(part, here) for part in definition["command"]]
        output = home / "output.log"
        with output.open("wb") as sink:
            process = subprocess.Popen(
                tied([TIDEMARK, *command]),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd=home,
                env=environment,
            )
        service = Service(f"{name}-{number}", process, output)
        return Started(service, check_of(definition, here), environment)

    def down(self) -> None:
        """Kills what still runs."""
        for started in (each for some in self.started.values() for each in some):
            started.service.kill()


def check_of(definition: Mapping[str, Any], here: Replacements) -> list[str]:
    """The health check of a service of ours, with the interpreter that the image would have."""
    if "healthcheck" not in definition:
        return []
    kind, interpreter, *rest = definition["healthcheck"]["test"]
    assert (kind, interpreter) == ("CMD", "python")
    return [sys.executable, *(replaced(part, here) for part in rest)]

"""A single Kafka broker (KRaft, combined with its controller) from the jars of `make kafka`."""

import base64
import socket
import struct
import subprocess
import uuid
from pathlib import Path
from string import Template

from tests.servers.port import HOST, free_port
from tests.servers.process import ServerProcess, ServerUnavailable, program

ROOT = Path(__file__).resolve().parents[2]
LIBS = ROOT / ".cache" / "kafka" / "libs"
ARCHIVE = ROOT / ".cache" / "kafka" / "classes.jsa"
"""Kafka's classes as the JVM shares them, from ``tests.servers.kafka_classes``: brokers start
quicker. A JVM that cannot use it, such as one of another version, passes over it."""

QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For a broker that lives for seconds: it need not compile itself twice, nor have threads for
garbage."""
TEMPLATE = ROOT / "deploy" / "kafka" / "server.properties"

_FORMAT_S = 60.0  # the storage tool needs about 2 s
_ANSWER_S = 2.0  # a broker on loopback answers within milliseconds
# ApiVersions, version 0: the one request that every broker understands.
# Length, api key, api version, correlation id, no client id.
_API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)
_ANSWER_HEAD = struct.Struct(">iih")  # length, correlation id, error code


class KafkaServer(ServerProcess):
    """An empty broker on free loopback ports; topics must be created, records never expire."""

    name = "kafka"
    ready_s = 60.0  # up in 3 s; a JVM on a busy machine takes its time

    def __init__(
        self,
        heap_mb: int = 512,
        properties: dict[str, str] | None = None,
        jvm: tuple[str, ...] = QUICK,
    ) -> None:
        """Chooses the ports.

        Args:
            heap_mb: Of the JVM.
            properties: Added to those of deploy/kafka, and win over them.
            jvm: Other options of the JVM.
        """
        super().__init__()
        self._jvm = jvm
        self.port = free_port()
        self._controller_port = free_port()
        self._heap_mb = heap_mb
        self._properties = properties or {}

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"{HOST}:{self.port}"

    @property
    def data_dir(self) -> Path:
        """Where the broker keeps its logs, one folder for each partition."""
        return self.home / "data"

    @property
    def _config(self) -> Path:
        return self.home / "server.properties"

    def prepare(self) -> None:
        """Writes the properties and formats the data folder, with a cluster id of its own."""
        if not any(LIBS.glob("kafka_*.jar")):
            raise ServerUnavailable("Kafka's jars are not there: run `make kafka`")
        program("java", "default-jre-headless")
        text = Template(TEMPLATE.read_text()).substitute(
            broker_port=self.port, controller_port=self._controller_port, data_dir=self.data_dir
        )
        more = "".join(f"{key}={value}\n" for key, value in self._properties.items())
        self._config.write_text(text + more)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = ["kafka.tools.StorageTool", "format", "-c", str(self._config)]
        tool.append(f"--cluster-id={cluster}")  # one in 64 begins with a hyphen
        tool += self.storage()
        done = subprocess.run(
            [*self._java(), *tool],
            capture_output=True,
            text=True,
            timeout=_FORMAT_S,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"Kafka's storage was not formatted:\n{done.stdout}{done.stderr}")

    def storage(self) -> list[str]:
        """Further options of the storage tool."""
        return []

    def command(self) -> list[str]:
        """The broker with a small heap: test topics live in the page cache, not in the heap."""
        heap = f"-Xmx{self._heap_mb}m"
        return [*self._java(heap, "-XX:+ExitOnOutOfMemoryError"), "kafka.Kafka", str(self._config)]

    def answers(self) -> bool:
        """Whether the broker answers a request; an open port alone is not enough."""
        try:
            with socket.create_connection((HOST, self.port), _ANSWER_S) as connection:
                connection.sendall(_API_VERSIONS)
                head = connection.recv(_ANSWER_HEAD.size, socket.MSG_WAITALL)
        except OSError:
            return False
        return len(head) == _ANSWER_HEAD.size and _ANSWER_HEAD.unpack(head)[2] == 0

    def _java(self, *flags: str) -> list[str]:
        logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        java = program("java", "default-jre-headless")
        shared = f"-XX:SharedArchiveFile={ARCHIVE}"
        return [java, *self._jvm, shared, *flags, logging, "-cp", f"{LIBS}/*"]

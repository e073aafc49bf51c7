"""A Kafka cluster: where it is, and what a client needs to be let in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def _plaintext() -> dict[str, Any]:
    return {"security_protocol": "PLAINTEXT"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """What every client of Kafka is made from; made from settings by ``KafkaSettings.cluster``.

    >>> Cluster("127.0.0.1:9092").options
    {'bootstrap_servers': '127.0.0.1:9092', 'security_protocol': 'PLAINTEXT'}

    Attributes:
        servers: Bootstrap servers, ``HOST:PORT`` with commas between.
        security: Options of aiokafka's clients that say how to get in; they may hold secrets.
    """

    servers: str
    security: Mapping[str, Any] = field(default_factory=_plaintext, repr=False, compare=False)

    @property
    def options(self) -> dict[str, Any]:
        """Options of aiokafka's clients: address and security."""
        return {"bootstrap_servers": self.servers, **self.security}

    def __str__(self) -> str:
        """The address, as messages name it."""
        return self.servers

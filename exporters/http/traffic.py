"""Traffic: how many clients are connected, and how often one was turned away, by why."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


class Refusal(StrEnum):
    """Why a client was turned away."""

    BUSY = "busy"
    """All places were taken, and none became free in time; or very many waited already."""
    CROWDED_OUT = "crowded_out"
    """It had waited longest without a whole request when another needed its place."""
    HANDSHAKE = "handshake"
    """No TLS connection came about: in time, by the rules of the file, or at all."""
    HOST = "host"
    """It asked for a name that may be another site's, where neither TLS nor passwords are set."""
    MALFORMED = "malformed"
    """What it sent is not HTTP."""
    METHOD = "method"
    """Neither GET nor HEAD, or a request with a body."""
    PASSWORD = "password"
    """No user of the web configuration file, or not the password."""
    SLOW_READER = "slow_reader"
    """It did not take its answer in time."""
    SLOW_REQUEST = "slow_request"
    """It did not end the head of its request in time."""
    TOO_LARGE = "too_large"
    """A longer URL, or longer or more headers, than are read."""


class Traffic(Collector):
    """Counts what the server does with clients; it counts in one thread, and any thread collects.

    Attributes:
        refusals: How often a client was turned away.
        waiting: Clients that are connected and have no request under way.
        answering: Clients that are being answered.
        queued: Clients that wait for one of the places.
    """

    def __init__(self) -> None:
        self.refusals: Counter[Refusal] = Counter()
        self.waiting = 0
        self.answering = 0
        self.queued = 0

    def collect(self) -> Iterator[Metric]:
        """Yields the families; every reason is there from the first scrape on."""
        connected = GaugeMetricFamily(
            "tidemark_http_connections",
            "Clients at present: being answered, waited for, or queued for a place.",
            labels=("state",),
        )
        connected.add_metric(("waiting",), self.waiting)
        connected.add_metric(("answering",), self.answering)
        connected.add_metric(("queued",), self.queued)
        yield connected
        refused = CounterMetricFamily(
            "tidemark_http_refused",
            "Clients turned away, requests refused and answers given up, by why.",
            labels=("reason",),
        )
        for reason in Refusal:
            refused.add_metric((reason,), self.refusals[reason])
        yield refused

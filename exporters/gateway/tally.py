"""What the gateway counts of requests and records, by the place they came to."""

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

REQUESTS = ("accepted", "refused", "unsigned", "unavailable")
"""What becomes of requests: taken; wrong; not signed as they should be; not stored for now."""

RECORDS = ("new", "known", "other", "letter", "passed")
"""What becomes of records: stored; stored before, or before with other content; kept with the
reason why they cannot be told; without any meaning for a KPI."""


class Tally(Collector):
    """Counts in the loop of the server; any thread collects. Every series is there from the start.

    Attributes:
        requests: By place and what became of them.
        records: By place and what became of them.
    """

    def __init__(self, places: Iterable[str]) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.records: Counter[tuple[str, str]] = Counter()
        self._places = sorted(places)

    def collect(self) -> Iterator[Metric]:
        """Yields the families."""
        yield self._family(
            "tidemark_gateway_requests",
            "Requests that brought events, by place and what became of them.",
            self.requests,
            REQUESTS,
        )
        yield self._family(
            "tidemark_gateway_records",
            "Records that came in, by place and what became of them.",
            self.records,
            RECORDS,
        )

    def _family(
        self, name: str, said: str, counts: Counter[tuple[str, str]], outcomes: tuple[str, ...]
    ) -> Metric:
        family = CounterMetricFamily(name, said, labels=("place", "outcome"))
        for place in self._places:
            for outcome in outcomes:
                family.add_metric((place, outcome), counts[place, outcome])
        return family

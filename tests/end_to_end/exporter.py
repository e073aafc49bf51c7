"""An exporter seen from outside: scrapes, which say at which tile edge they are read."""

import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from aggregates.time.tile import edge_at
from events import TOPICS
from tests.end_to_end.commands import Service
from tests.end_to_end.figures import (
    WEEK_TILES,
    Figures,
    Oracle,
    difference,
    figures_of,
    kpis_of,
    like,
    weeks_ago,
)
from tests.end_to_end.patience import PATIENCE_S, wait_for

_ANSWER_S = 30.0
"""For one answer; an evaluation takes a tenth of a second on a quiet machine."""

_POLL_S = 1.0
"""Between two scrapes: each has every figure evaluated, and thousands of lines parsed."""

EVENTS = "tidemark_events_total"
"""The metric that counts events by topic and outcome."""

READ_AT = "tidemark_reading_timestamp_seconds"
"""The metric of the tile edge at which KPIs are read."""

_COMPLETE = "tidemark_board_complete"
_EXPECTED = "tidemark_partitions_expected"
_LAG = "tidemark_lag_records"
_DEFERRED = "tidemark_deferred_units"
PARTITIONS_OWNED = "tidemark_partitions_owned"
"""The metric of how many partitions each worker has."""


@dataclass(frozen=True)
class Scrape:
    """What ``/metrics`` showed, as it came."""

    text: str = field(repr=False)

    @cached_property
    def samples(self) -> Figures:
        """Every sample."""
        return figures_of(self.text)

    @property
    def edge(self) -> int:
        """The tile edge at which its KPIs were read."""
        return edge_at(int(self.samples[READ_AT, ()]) * 1000)

    @property
    def series(self) -> Figures:
        """Every sample of a KPI: parts, segments and distributions included."""
        return {s: value for s, value in self.samples.items() if s[0].startswith("cs_")}

    @property
    def kpis(self) -> Figures:
        """The samples that replay gives as well."""
        return kpis_of(self.samples)

    @property
    def complete(self) -> bool:
        """Whether the exporter said that its figures are whole."""
        return self.samples[_COMPLETE, ()] == 1

    def by_label(self, metric: str, label: str) -> Counter[str]:
        """The sums of a metric by the values of one label."""
        sums: Counter[str] = Counter()
        for (name, labels), value in self.samples.items():
            if name == metric:
                sums[dict(labels)[label]] += int(value)
        return sums

    def values(self, metric: str) -> list[float]:
        """The values of all series of a metric."""
        return [value for (name, _), value in self.samples.items() if name == metric]

    def equals(self, oracle: Oracle) -> bool:
        """Whether it is whole and shows exactly what replay says at its edge, and a week before."""
        return not self.difference(oracle)

    def difference(self, oracle: Oracle) -> str:
        """How it differs from what replay says at its edge, and a week before."""
        if not self.complete:
            return "not whole"
        before = weeks_ago(self.samples)
        return difference(self.kpis, oracle.at(self.edge)) or difference(
            before, like(before, oracle.at(self.edge - WEEK_TILES))
        )


class Serving:
    """A command that serves pages and metrics."""

    def __init__(self, service: Service) -> None:
        """Waits until the service says where it listens."""
        self.service = service
        self.url = service.says("metrics: ").removesuffix("/metrics")

    def get(self, path: str) -> tuple[int, str]:
        """Asks for a path; gives status and body."""
        self.service.check_running()
        try:
            with urllib.request.urlopen(self.url + path, timeout=_ANSWER_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()


class Exporter(Serving):
    """A command that serves figures: ``tidemark exporter`` or ``tidemark run``."""

    def scrape(self) -> Scrape:
        """Takes one scrape."""
        status, text = self.get("/metrics")
        assert status == 200, text
        return Scrape(text)

    def wait_until_settled(self, limit_s: float = PATIENCE_S) -> None:
        """Waits until the board is complete, no topic partition is behind and no unit waits."""
        last: list[Scrape] = []

        def look() -> bool:
            last[:] = [scrape := self.scrape()]
            lags = scrape.values(_LAG)
            lanes = len(TOPICS) * scrape.samples[_EXPECTED, ()]
            waits = [*lags, *scrape.values(_DEFERRED)]
            return scrape.complete and len(lags) == lanes and not any(waits)

        def missing() -> str:
            names = _COMPLETE, _LAG, _DEFERRED
            told = [item for item in last[0].samples.items() if item[0][0] in names]
            return f"settled: {told}, {self.get('/-/ready')}"

        wait_for(look, missing, limit_s, _POLL_S)

    def wait_until_shared(self, workers: int) -> None:
        """Waits until so many workers have partitions: until they have all joined."""

        def owners() -> Counter[str]:
            return self.scrape().by_label(PARTITIONS_OWNED, "worker")

        wait_for(
            lambda: len(owners()) == workers,
            lambda: f"{workers} owners: {owners()}",
            poll_s=_POLL_S,
        )

    def wait_for_events(self, count: int) -> None:
        """Waits until workers have counted so many events."""

        def counted() -> int:
            return self.scrape().by_label(EVENTS, "topic").total()

        wait_for(
            lambda: counted() >= count,
            lambda: f"{counted()} of {count} events",
            poll_s=_POLL_S,
        )

    def check(self, oracle: Oracle) -> None:
        """Fails unless a scrape shows exactly what replay says, now."""
        scrape = self.scrape()
        assert scrape.complete, self.get("/-/ready")
        assert scrape.equals(oracle), scrape.difference(oracle)

    def wait_until_right(self, oracle: Oracle, limit_s: float = PATIENCE_S) -> None:
        """Waits until a scrape shows exactly what replay says."""
        last: list[Scrape] = []

        def look() -> bool:
            last[:] = [scrape := self.scrape()]
            return scrape.complete and scrape.equals(oracle)

        wait_for(
            look,
            lambda: f"{last[0].difference(oracle)}\n{self.get('/-/ready')}",
            limit_s,
            _POLL_S,
        )

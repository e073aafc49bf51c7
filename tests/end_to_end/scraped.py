"""A company whose figures a real Prometheus scrapes, under a clock that the test moves by hand.

The clock stands at a quarter of an hour until Prometheus has seen it, however long that takes: the
exporter says at which edge its figures are read, so every scrape tells where it belongs.
"""

import json
import shlex
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aggregates.catalogue.catalogue import Catalogue
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_at, edge_ms, tile_of
from events import parse_instant
from exporters.collector import LiveCollector
from exporters.feed import Feed
from exporters.http import Application, Server
from exporters.live_reading import LiveReading
from exporters.pages.pages import Pages
from streams.cli.core import load_core
from streams.clock import now_ms
from streams.local.embedded import Embedded
from streams.settings import load_settings
from tests.end_to_end.exporter import READ_AT
from tests.end_to_end.figures import LAST_WHOLE, WEEK_AGO, Figures, difference, weeks_ago
from tests.end_to_end.patience import wait_for
from tests.exporters.fixed_catalogue import FixedCatalogue
from tests.servers import Generation, PrometheusServer
from tests.servers.required import required

JOB = "tidemark"

RESTATING = frozenset({"account.merged", "account.updated", "event.retracted", "user.merged"})
"""Events that change what had been shown before: history is then other than what was scraped."""

_CONFIG = """
global: {{scrape_interval: 250ms, scrape_timeout: 250ms}}
scrape_configs:
  - job_name: {job}
    static_configs: [{{targets: ["{target}"]}}]
"""

_POLL_S = 0.05
_HISTORY = "20m"
"""Longer than any test scrapes."""


@dataclass(frozen=True)
class Event:
    """A line of a log and when it is told, in ms of the epoch."""

    told_ms: int
    line: bytes

    @property
    def in_time(self) -> bool:
        """Whether it says nothing of what had been shown before it was told."""
        event = json.loads(self.line)
        data = event["data"]
        begins = data.get("effective_at") or data.get("period_start") or event["time"]
        restates = tile_of(parse_instant(begins)) < tile_of(self.told_ms)
        return not restates and event["type"] not in RESTATING


def events_of(path: Path) -> list[Event]:
    """Reads a log."""
    lines = path.read_bytes().splitlines()
    return [Event(parse_instant(json.loads(line)["time"]), line) for line in lines]


@dataclass
class Scraped:
    """What a Prometheus scraped.

    Attributes:
        instance: The exporter's address, as Prometheus labels it.
        by_edge: Every KPI sample at each tile edge, as there is history of them.
        week_ago: What was shown there of the week before, under the KPIs' own names.
    """

    instance: str
    by_edge: dict[int, Figures] = field(default_factory=dict)
    week_ago: dict[int, Figures] = field(default_factory=dict)


def scrape(events: Sequence[Event], edges: Sequence[int]) -> Scraped:
    """Folds what comes before each edge, and lets Prometheus scrape until it has seen the edge."""
    plan, catalogue = load_core(load_settings())
    embedded = Embedded(plan)
    clock = _Clock(edge_ms(edges[0]) - 1)
    with _served(embedded, plan, catalogue, clock) as target:
        config = _CONFIG.format(job=JOB, target=target)
        with required(PrometheusServer(config, Generation.NEWEST)) as prometheus:
            folded = 0
            for edge in edges:
                ready = folded
                while ready < len(events) and events[ready].told_ms < edge_ms(edge):
                    ready += 1
                embedded.intake.take([event.line for event in events[folded:ready]])
                embedded.publish()
                folded = ready
                clock.at_ms = edge_ms(edge) - 1
                _wait_until_seen(prometheus, edge)
            return _by_edge(prometheus, target)


def samples_at(prometheus: PrometheusServer, selector: str, time_s: float) -> Figures:
    """Returns the raw samples that lie exactly at a time, in seconds of the epoch."""
    found: Figures = {}
    for series in prometheus.query(f"{selector}[1ms]", time_s):
        labels = series["metric"]
        name = labels.pop("__name__")
        (value,) = [float(value) for at_s, value in series["values"] if float(at_s) == time_s]
        found[name, tuple(sorted(labels.items()))] = value
    return found


def backfilled(
    prometheus: PrometheusServer, identity: str, edges: Sequence[int]
) -> dict[int, Figures]:
    """Returns every KPI sample that lies at one of these edges."""
    selector = f'{{__name__=~"cs_.+",{identity}}}'
    return {edge: samples_at(prometheus, selector, edge_ms(edge) / 1000) for edge in edges}


def delete(refusal: str) -> None:
    """Does what a refusal says is to be done."""
    words = shlex.split(refusal[refusal.index("curl ") :])
    address = next(word for word in words if word.startswith("http"))
    given = dict(word.split("=", 1) for word in words if "=" in word)
    body = urllib.parse.urlencode(given).encode()
    with urllib.request.urlopen(address, data=body, timeout=60) as answer:
        assert answer.status == 204


class _Clock:
    """A clock that stands still until it is set."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms

    def now_ms(self) -> int:
        return self.at_ms


@contextmanager
def _served(embedded: Embedded, plan: Plan, catalogue: Catalogue, clock: _Clock) -> Iterator[str]:
    """Serves the board's figures; gives host and port."""
    live = LiveReading(
        Feed(embedded.board, stale_after_s=600),
        FixedCatalogue(catalogue),
        plan.calendar,
        clock.now_ms,
    )
    collector = LiveCollector(live, version="0")
    server = Server(Application(live, collector.families, Pages(live, "0")), port=0)
    server.start()
    try:
        yield server.url.removeprefix("http://")
    finally:
        server.stop()


def _wait_until_seen(prometheus: PrometheusServer, edge: int) -> None:
    seen = f"{READ_AT} == {edge_ms(edge) // 1000}"
    wait_for(lambda: bool(prometheus.query(seen)), lambda: f"a scrape at {edge}", poll_s=_POLL_S)


def _by_edge(prometheus: PrometheusServer, instance: str) -> Scraped:
    """Takes every sample of every scrape, by the edge that the scrape was read at."""
    identity = f'instance="{instance}",job="{JOB}"'
    (read_at,) = prometheus.query(f"{READ_AT}{{{identity}}}[{_HISTORY}]", now_ms() / 1000)
    found = Scraped(instance)
    for time_s, read_s in read_at["values"]:
        edge = edge_at(int(read_s) * 1000)
        figures = samples_at(prometheus, f'{{__name__=~"cs_.+",{identity}}}', float(time_s))
        found.week_ago[edge] = weeks_ago(figures)
        of_then = (WEEK_AGO, LAST_WHOLE)
        figures = {s: value for s, value in figures.items() if not s[0].startswith(of_then)}
        before = found.by_edge.setdefault(edge, figures)
        assert difference(figures, before) == "", f"scrapes at {edge} differ"
    return found

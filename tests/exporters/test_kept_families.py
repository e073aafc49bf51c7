"""What did not change is neither read nor written again, and what is shown is as if it were."""

from collections.abc import Iterator
from random import Random
from typing import Final

import pytest
from prometheus_client.metrics_core import Metric

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS
from events import parse_instant
from exporters.collector import LiveCollector
from exporters.feed import Feed
from exporters.http.exposition import Exposition
from exporters.live_reading import LiveReading
from streams.local.embedded import Embedded
from streams.simulator import simulate
from tests.exporters.fixed_catalogue import FixedCatalogue
from tests.exporters.test_week_ago import corrections

NOW_MS: Final = parse_instant("2026-03-31T09:15:00Z")
OPENMETRICS: Final = "application/openmetrics-text"


class Shown:
    """An exporter of a board, by a clock that is set."""

    def __init__(self, embedded: Embedded, plan: Plan, catalogue: Catalogue) -> None:
        self.now_ms = NOW_MS
        feed = Feed(embedded.board, stale_after_s=1e9)
        source = FixedCatalogue(catalogue)
        self.live = LiveReading(feed, source, plan.calendar, lambda: self.now_ms, shared_for_s=0.0)
        names = plan.policy.segments
        self.collector = LiveCollector(self.live, version="0", segment_names=names, series_max=40)
        self._exposition = Exposition(self.collector.families)

    def text(self, accept: str) -> list[bytes]:
        """The exposition of all KPIs."""
        written = self._exposition.of(self.live.take(), accept).plain.splitlines()
        return [line for line in written if b"cs_" in line and b"tidemark_" not in line]


def company() -> Iterator[list[bytes]]:
    """Events of forty days: most of them, then a few at a time, some late, some taken back."""
    random = Random(4)
    lines = list(simulate(seed=5, accounts=6, days=40, end_ms=NOW_MS))
    late = [lines.pop(random.randrange(len(lines))) for _ in range(60)]
    begin = len(lines) - 300
    yield lines[:begin]
    last = [*lines[begin:], *late, *corrections()]
    random.shuffle(last)
    while last:
        size = random.choice((1, 3, 40))
        yield last[:size]
        last = last[size:]


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_an_exporter_shows_what_a_new_one_shows(accept: str) -> None:
    """After every flush, byte for byte, while the clock goes on at times; and most stays."""
    plan = Plan(Policy(segments=("plan_tier", "region")))
    catalogue = load(plan.measures.values(), shipped_source(), policy=plan.policy)
    embedded = Embedded(plan)
    shown = Shown(embedded, plan, catalogue)
    families: list[Metric] = []
    kept: list[int] = []
    for number, lines in enumerate(company()):
        embedded.intake.take(lines)
        embedded.publish()
        if number % 7 == 6:
            shown.now_ms += TILE_MS
        fresh = Shown(embedded, plan, catalogue)
        fresh.now_ms = shown.now_ms
        assert shown.text(accept) == fresh.text(accept)
        before = {id(family) for family in families}
        families = list(shown.collector.collect())
        kept.append(sum(id(family) in before for family in families))
    assert len(kept) > 10
    assert max(kept) > 200
    assert kept[6] == 0

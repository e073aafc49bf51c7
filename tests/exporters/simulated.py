"""The simulated company, folded once: what an exporter shows of it at chosen instants."""

from collections.abc import Sequence
from functools import cache
from itertools import takewhile
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.ledger.ledger import Ledger
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from events import parse_instant
from exporters.collector import LiveCollector
from exporters.feed import Feed
from exporters.live_reading import LiveReading
from streams.local.embedded import Embedded
from streams.local.live_rows import LiveRows
from streams.simulator import Company
from tests.aggregates.reading.readings import evaluate
from tests.exporters.fixed_catalogue import FixedCatalogue

END_MS: Final = parse_instant("2026-02-27T12:00:00Z")
DAYS: Final = 540
ACCOUNTS: Final = 120
ACTIVITY: Final = 0.02
"""Sessions of an active user a day: few, for they are most of the events and move few KPIs."""

EDGES: Final = tuple(END_MS // TILE_MS - n * TILES_A_DAY // 4 for n in range(4 * 120))
"""Every six hours of the last four months, the last first."""

PLAN: Final = Plan()


@cache
def history() -> list[bytes]:
    """Returns the company's history."""
    begin_ms = END_MS - DAYS * TILES_A_DAY * TILE_MS
    company = Company(1, ACCOUNTS, begin_ms, activity=ACTIVITY, horizon_days=DAYS)
    return [line for _, line in takewhile(lambda timed: timed[0] < END_MS, company.events())]


def lines_of(account: str) -> list[bytes]:
    """Returns the events of an account."""
    return [line for line in history() if f'"{account}"'.encode() in line]


@cache
def _embedded() -> Embedded:
    """Returns the service with all of the company's history."""
    embedded = Embedded(PLAN)
    embedded.intake.take(history())
    embedded.intake.settle()
    assert not embedded.intake.rejected, embedded.intake.samples
    return embedded


@cache
def _ledger() -> Ledger:
    ledger = Ledger()
    for shard in _embedded().intake.shards:
        ledger.merge(shard.ledger)
    return ledger


def results(catalogue: Catalogue) -> list[Result]:
    """Returns every KPI at ``EDGES``."""
    return evaluate(catalogue, _ledger(), PLAN.calendar, EDGES)


@cache
def shipped() -> Catalogue:
    """Returns the shipped catalogue."""
    return load(PLAN.measures.values(), shipped_source())


def at(edges: Sequence[int]) -> list[Result]:
    """Returns every shipped KPI at some edges."""
    return evaluate(shipped(), _ledger(), PLAN.calendar, edges)


def edges(*at: int) -> NDArray[np.int64]:
    """Returns edges as an array."""
    return np.array(at, dtype=np.int64)


def reader() -> Reader:
    """Returns a reader of the company's ledger."""
    return Reader(_ledger(), PLAN.calendar)


def live(edge: int) -> LiveReading:
    """Returns readings at an edge that never grow stale."""
    embedded = _embedded()
    embedded.publish()
    feed = Feed(embedded.board, stale_after_s=1e9)
    source = FixedCatalogue(shipped())
    return LiveReading(feed, source, PLAN.calendar, lambda: edge * TILE_MS - 1)


def rows() -> LiveRows:
    """Returns the company's rows."""
    embedded = _embedded()
    embedded.publish()
    return embedded.rows


def telling_edges(catalogue: Catalogue) -> list[int]:
    """Returns a few edges at which, together, every KPI has a figure that is not 0, if it can."""
    telling: dict[str, np.ndarray[tuple[int], np.dtype[np.bool_]]] = {}
    for result in results(catalogue):
        there = np.isfinite(result.values) & (result.values != 0)
        known = telling.get(result.kpi.id)
        telling[result.kpi.id] = there if known is None else known | there
    chosen: list[int] = []
    while telling:
        best = int(np.argmax(sum(there.astype(int) for there in telling.values())))
        left = {name: there for name, there in telling.items() if not there[best]}
        if len(left) == len(telling):
            break
        chosen.append(EDGES[best])
        telling = left
    return chosen


def samples(catalogue: Catalogue, edge: int) -> dict[str, list[dict[str, str]]]:
    """Returns the exposition at an edge: of each metric, the labels of samples that are not 0."""
    embedded = _embedded()
    embedded.publish()  # what was published a while ago is stale
    live = LiveReading(
        Feed(embedded.board, stale_after_s=1e9),
        FixedCatalogue(catalogue),
        PLAN.calendar,
        lambda: edge * TILE_MS - 1,
    )
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(
        generate_latest(LiveCollector(live, version="0")).decode()
    ):
        for sample in family.samples:
            assert isfinite(sample.value), sample
            labels = found.setdefault(sample.name, [])
            if sample.value:
                labels.append(sample.labels)
    return found

"""What the ledger says: figures of every measure at an edge, in the oracle's shape."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import REGROUPED, SUM, Kind, Segment, Series
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from aggregates.time.window import TO_DATE
from tests.oracle.recomputation import Cell, Figures

WINDOWS: Final = ("1d", "7d", "30d", "90d", "365d", "month", "quarter", "year")


class Difference(NamedTuple):
    """A figure on which ledger and SQL disagree."""

    edge_ms: int
    cell: Cell
    ledger: int
    sql: int


def figures_of(ledger: Ledger, plan: Plan, edge: int) -> Figures:
    """Reads every measure at a tile edge, flows over every window."""
    starts = {window: plan.calendar.windows[window].start(edge) for window in WINDOWS}
    tiles = np.array([edge])
    days = {name: int(plan.calendar.first_tiles(name, tiles)[0]) for name in WINDOWS}
    found: Counter[Cell] = Counter()
    for series, segment in ledger.cells:
        measure, labels, (name,) = plan.measures[series[0]], series[1:], segment
        level = ledger.level(series, segment, edge)
        if measure.name.endswith(REGROUPED):
            found.update(_regrouped(ledger, series, segment, starts, level))
            continue
        match measure.kind:
            case Kind.LEVEL:
                found[Cell(measure.name, "", labels, name)] += level
            case Kind.FLOW:
                for window, start in (days if measure.local_days else starts).items():
                    moved = level - ledger.level(series, segment, start)
                    found[Cell(measure.name, window, labels, name)] += moved
            case Kind.WINDOWED:
                found[Cell(measure.name, labels[0], labels[1:], name)] += level
            case Kind.DURATION:
                part = "sum" if labels[-1].endswith(SUM) else "count"
                found[Cell(measure.name, labels[0], (*labels[1:-1], part), name)] += level
    return {cell: value for cell, value in found.items() if value}


def _regrouped(
    ledger: Ledger, series: Series, segment: Segment, starts: Mapping[str, int], level: int
) -> Counter[Cell]:
    """Reads what windows hold of a flow that begin inside groups of changes."""
    name, window, *labels = series
    flow = name.removesuffix(REGROUPED)
    if window in TO_DATE:
        return Counter({Cell(flow, window, tuple(labels), segment[0]): level})
    return Counter(
        {
            Cell(flow, other, tuple(labels), segment[0]): ledger.level(
                series, segment, start + TILES_A_DAY
            )
            for other, start in starts.items()
            if other not in TO_DATE
        }
    )


def differences(
    ledger: Ledger, plan: Plan, recomputed: Mapping[int, Figures], edges_ms: Iterable[int]
) -> list[Difference]:
    """Compares all figures at all edges (ms); what one side does not have is 0."""
    found = []
    for edge_ms in edges_ms:
        read, sql = figures_of(ledger, plan, edge_ms // TILE_MS), recomputed.get(edge_ms, {})
        found += [
            Difference(edge_ms, cell, read.get(cell, 0), sql.get(cell, 0))
            for cell in sorted({*read, *sql})
            if read.get(cell, 0) != sql.get(cell, 0)
        ]
    return found

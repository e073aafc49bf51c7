"""What the ledger says: figures of every measure at an edge, in the oracle's shape."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Kind
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS
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
    found: Counter[Cell] = Counter()
    for series, segment in ledger.cells:
        measure, labels, (name,) = plan.measures[series[0]], series[1:], segment
        level = ledger.level(series, segment, edge)
        match measure.kind:
            case Kind.LEVEL:
                found[Cell(measure.name, "", labels, name)] += level
            case Kind.FLOW:
                for window, start in starts.items():
                    moved = level - ledger.level(series, segment, start)
                    found[Cell(measure.name, window, labels, name)] += moved
            case Kind.WINDOWED:
                found[Cell(measure.name, labels[0], labels[1:], name)] += level
            case Kind.DURATION:
                part = "sum" if labels[-1] == "sum" else "count"
                found[Cell(measure.name, labels[0], (*labels[1:-1], part), name)] += level
    return {cell: value for cell, value in found.items() if value}


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

"""By segment: parts add up to the whole, for several attributes, and after an account has moved."""

import json
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.formula.values import Floats
from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_at
from events import format_instant, parse_instant
from streams.local.intake import Intake
from streams.simulator import simulate
from tests.aggregates.reading.evaluated import evaluate_segments

END_MS = parse_instant("2026-07-01T00:00:00Z")
DAY_MS = 86_400_000
LINES = list(simulate(4, 25, 120, END_MS))
PLAN = Plan(Policy(segments=("segment", "region")))
EDGES = np.array([edge_at(END_MS - days * DAY_MS) for days in (0, 13, 40, 90)], dtype=np.int64)
MOVED = "acct_3"


def ledger(lines: Iterable[bytes], *, bulk: bool = True) -> Ledger:
    """The ledger of a history, folded into three partitions and added up."""
    intake = Intake(PLAN, 3, bulk=bulk)
    intake.take(list(lines))
    intake.settle()
    whole = Ledger()
    for shard in intake.shards:
        for (series, segment), cells in shard.ledger.cells.items():
            whole.apply(((series, tile, delta) for tile, delta in cells.items()), segment)
    return whole


def moved(at_ms: int) -> bytes:
    """Tells that an account belongs to other segments from now on."""
    event = {
        "specversion": "1.0",
        "id": "moved",
        "source": "test",
        "type": "account.updated",
        "time": format_instant(at_ms),
        "data": {"account_id": MOVED, "segment": "strategic", "region": "moon"},
    }
    return json.dumps(event).encode()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load(PLAN.measures.values(), shipped_source(), policy=PLAN.policy)


def added_up(ledger: Ledger) -> dict[tuple[str, ...], dict[int, int]]:
    """The cells of each series over all segments, without those at 0."""
    cells: dict[tuple[str, ...], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (series, _), own in ledger.cells.items():
        for tile, delta in own.items():
            cells[series][tile] += delta
    every = {series: {t: d for t, d in own.items() if d} for series, own in cells.items()}
    return {series: own for series, own in every.items() if own}


@pytest.mark.parametrize("told_ms", [None, END_MS - 200 * DAY_MS, END_MS - 5 * DAY_MS])
def test_parts_are_the_whole(catalogue: Catalogue, told_ms: int | None) -> None:
    """Cells of all segments add up to the same, series by series, wherever accounts have moved.

    Each segment that has cells is read, and the sums of money are those of the whole.
    """
    lines = LINES if told_ms is None else [*LINES, moved(told_ms)]
    segmented = ledger(lines)
    assert added_up(segmented) == added_up(ledger(LINES))
    scopes = evaluate_segments(Reader(segmented, PLAN.calendar), catalogue, EDGES)
    assert {segment for segment in scopes if segment is not None} == {
        segment for _, segment in segmented.cells
    }
    whole = _values(scopes.pop(None), "mrr")
    assert sum(_values(results, "mrr") for results in scopes.values()) == pytest.approx(whole)


def _values(results: Iterable[Result], kpi: str) -> Floats:
    [values] = [result.values for result in results if result.kpi.id == kpi]
    return np.nan_to_num(values)


@pytest.mark.parametrize("bulk", [True, False])
def test_an_account_moves_as_a_whole(bulk: bool) -> None:
    """What an account ever contributed moves with it, whenever it is learned that it has moved."""
    early = ledger([moved(END_MS - 500 * DAY_MS), *_without_its_own(LINES)], bulk=bulk)
    late = ledger([*_without_its_own(LINES), moved(END_MS - DAY_MS)], bulk=bulk)
    assert late == early
    assert any(segment == ("strategic", "moon") for _, segment in late.cells)


def _without_its_own(lines: Iterable[bytes]) -> list[bytes]:
    """Leaves out what else tells the segment of the account."""
    told = f'"account_id":"{MOVED}"'.encode()
    return [line for line in lines if not (told in line and b'"type":"account.' in line)]

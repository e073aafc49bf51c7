"""Replay: times and grids, the three forms, and a fold that does not care about partitions."""

import json
from pathlib import Path

import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_ms
from events import format_instant
from events.dialect import PLAIN
from streams.local.intake import Intake
from streams.local.replay import (
    ReplayError,
    as_csv,
    as_json,
    as_openmetrics,
    edges_at,
    fold_history,
    grid,
    read_at,
)
from streams.local.sources import FileSource
from streams.simulator import disturb, simulate
from streams.source import SourceError

END_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
PLAN = Plan()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load(PLAN.measures.values(), shipped_source())


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """A small company's half a year."""
    return list(simulate(seed=3, accounts=15, days=180, end_ms=END_MS))


def test_times_fall_on_the_next_edge() -> None:
    """A time on a quarter hour is itself, another one is taken up to the next."""
    edges = edges_at(["2026-02-01T00:00:00Z", "2026-02-01T00:00:01Z", "2026-02-01T01:00:00+01:00"])
    told = [format_instant(edge_ms(edge)) for edge in edges]
    assert told == ["2026-02-01T00:00:00Z", "2026-02-01T00:15:00Z", "2026-02-01T00:00:00Z"]


def test_a_grid_holds_both_ends() -> None:
    """From, to and everything between at the step; an end off the grid is left out."""
    days = grid("2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z", "1d")
    assert len(days) == 3
    assert grid("2026-02-01T00:00:00Z", "2026-02-02T23:00:00Z", "1d") == days[:2]


@pytest.mark.parametrize(
    ("first", "last", "every", "said"),
    [
        ("2026-02-01", "2026-02-03T00:00:00Z", "1d", "RFC 3339"),
        ("2026-02-03T00:00:00Z", "2026-02-01T00:00:00Z", "1d", "before"),
        ("2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z", "5m", "none of"),
        ("2001-01-01T00:00:00Z", "2090-01-01T00:00:00Z", "15m", "more than"),
    ],
)
def test_grids_that_make_no_sense(first: str, last: str, every: str, said: str) -> None:
    """What cannot be meant is refused with a reason."""
    with pytest.raises(ReplayError, match=said):
        grid(first, last, every)


def test_partitions_leave_no_trace(lines: list[bytes]) -> None:
    """One partition in order, five with disordered duplicates: the same ledger, added up."""
    one = Intake(PLAN, bulk=True)
    one.take(lines)
    one.settle()
    five = Intake(PLAN, 5)
    disturbed = list(disturb(lines, seed=5, late=0.05, duplicates=0.1))
    for first in range(0, len(disturbed), 997):
        five.take(disturbed[first : first + 997])
        five.settle()
    assert not five.rejected
    whole = five.shards[0].ledger
    for shard in five.shards[1:]:
        whole.merge(shard.ledger)
    assert whole == one.shards[0].ledger


def test_the_three_forms_say_the_same(
    tmp_path: Path, lines: list[bytes], catalogue: Catalogue
) -> None:
    """JSON, CSV and OpenMetrics hold the same values at the same times; no value is no line."""
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join([*lines, b"", b"not json", b""]))
    intake = fold_history(PLAN, [FileSource(str(path))], PLAIN, lambda _: None)
    assert dict(intake.rejected) == {"invalid_json": 1}
    assert intake.records == len(lines) + 1
    edges = grid("2026-02-01T00:00:00Z", "2026-02-03T00:00:00Z", "1d")
    found = read_at(catalogue, intake.ledger, PLAN, edges)
    objects = [json.loads(line) for line in as_json(found)]
    assert [each["value"] for each in objects] == [sample.value for sample in found]
    assert {each["at"] for each in objects} == {
        "2026-02-01T00:00:00Z",
        "2026-02-02T00:00:00Z",
        "2026-02-03T00:00:00Z",
    }
    rows = list(as_csv(found))
    assert len(rows) == len(found) + 1
    assert rows[1].startswith("2026-02-01T00:00:00Z,mrr,")
    text = list(as_openmetrics(found))
    assert text[-1] == "# EOF\n"
    values = [line for line in text if not line.startswith("#")]
    ratios = sum(sample.numerator is not None for sample in found)
    assert len(values) == len(found) + 2 * ratios
    assert f'cs_mrr{{currency="USD"}} {objects[0]["value"]!r} 1769904000\n' in values


def test_no_such_source() -> None:
    """A file that is not there is named."""
    with pytest.raises(SourceError, match=r"nowhere\.ndjson"):
        FileSource("nowhere.ndjson")


def test_a_grid_has_a_million_times_at_most() -> None:
    """28 years of quarter hours; one more is a mistake in a date, refused before any is read."""
    first, last, beyond = (
        1_000_000_000_000 // 900_000 * 900_000 + n * 900_000 for n in (0, 999_999, 1_000_000)
    )
    assert len(grid(format_instant(first), format_instant(last), "15m")) == 1_000_000
    with pytest.raises(ReplayError, match="more than 1000000 times"):
        grid(format_instant(first), format_instant(beyond), "15m")

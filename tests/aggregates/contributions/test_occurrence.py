"""What happened and stands, read by window, against the definition at every edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.contributions.occurrence import (
    FOREVER,
    Occurrence,
    Ranked,
    distributed,
    latest,
    level,
    windowed,
)
from aggregates.ledger.buckets import bucket_of
from aggregates.ledger.measure import Contribution, written
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILE_MS
from tests.aggregates.folding import DAY, START, START_MS

CALENDAR = Calendar("Europe/Berlin")
NAMES = ("1d", "7d", "30d", "month")
HORIZON = 70 * DAY
"""Tiles after the start in which the stories here happen and are read."""

tiles = st.one_of(
    st.integers(0, HORIZON),
    st.sampled_from([d * DAY + k for d in (0, 1, 7, 29, 30) for k in (0, 1)]),
)
instants = st.builds(
    lambda tile, ms: START_MS + tile * TILE_MS + ms, tiles, st.sampled_from([0, 1, TILE_MS - 1])
)
ends = st.one_of(st.just(FOREVER), instants)
occurrences = st.builds(Occurrence, instants, instants, ends)


def value_at(edge: int, contributions: list[Contribution]) -> int:
    """Reads contributions to one series."""
    return sum(delta for _, tile, delta in contributions if tile < edge)


def counts_at(edge: int, window: str, occurrence: Occurrence) -> bool:
    """Returns whether a window read at an edge holds what stands there: the definition."""
    at_ms = edge * TILE_MS
    start_ms = CALENDAR.windows[window].start(edge) * TILE_MS
    in_window = start_ms <= occurrence.position_ms < at_ms
    return in_window and occurrence.begin_ms < at_ms <= occurrence.end_ms


@given(occurrences, st.sampled_from(NAMES), tiles)
def test_windowed(occurrence: Occurrence, window: str, tile: int) -> None:
    """A window counts what happened inside it and stands at the edge, and nothing else."""
    edge = START + tile
    found = windowed("m", [CALENDAR.windows[window]], occurrence).contributions()
    assert value_at(edge, found) == counts_at(edge, window, occurrence)
    assert {series for series, _, _ in found} <= {("m", window)}


@given(occurrences, st.sampled_from(NAMES), tiles, st.integers(0, 10**10))
def test_distributed(occurrence: Occurrence, window: str, tile: int, duration_ms: int) -> None:
    """A duration counts in one bucket and adds itself to the sum, where its occurrence counts."""
    edge = START + tile
    outlines = distributed("m", [CALENDAR.windows[window]], occurrence, duration_ms)
    found = list(written(outlines))
    counts = counts_at(edge, window, occurrence)
    bucket = str(bucket_of(duration_ms))
    assert value_at(edge, [c for c in found if c[0] == ("m", window, bucket)]) == counts
    sums = [c for c in found if c[0] == ("m", window, f"{bucket}ms")]
    assert value_at(edge, sums) == counts * duration_ms


@given(instants, ends, tiles)
def test_level(begin_ms: int, end_ms: int, tile: int) -> None:
    """A level holds its unit from the tile of its begin until the tile of its end."""
    at_ms = (START + tile) * TILE_MS
    found = list(level(("m",), begin_ms, end_ms))
    assert value_at(START + tile, found) == (begin_ms < at_ms <= end_ms)


@given(st.lists(st.tuples(instants, st.integers(0, 2), instants, ends), max_size=7), tiles)
def test_latest(told: list[tuple[int, int, int, int]], tile: int) -> None:
    """Of the occurrences that stand at an edge the one of the highest rank counts, alone."""
    candidates = [
        Ranked((position, tie, n), Occurrence(position, max(position, begin), end), n)
        for n, (position, tie, begin, end) in enumerate(told)
        if max(position, begin) < end
    ]
    at_ms = (START + tile) * TILE_MS
    stand = [c for c in candidates if c.occurrence.begin_ms < at_ms <= c.occurrence.end_ms]
    expected = [max(stand).value] if stand else []
    found = [
        (occurrence, value)
        for occurrence, value in latest(candidates)
        if occurrence.begin_ms < at_ms <= occurrence.end_ms
    ]
    assert [value for _, value in found] == expected
    for occurrence, value in found:
        assert occurrence.position_ms == told[value][0]


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([], []),
        ([(1, 1, FOREVER)], [(1, FOREVER, 0)]),
        ([(1, 1, FOREVER), (5, 5, FOREVER)], [(1, 5, 0), (5, FOREVER, 1)]),
        ([(1, 9, FOREVER), (5, 5, FOREVER)], [(5, FOREVER, 1)]),
        ([(1, 1, FOREVER), (5, 5, 7)], [(1, 5, 0), (5, 7, 1), (7, FOREVER, 0)]),
        ([(1, 1, 3), (5, 5, 7)], [(1, 3, 0), (5, 7, 1)]),
    ],
)
def test_latest_spans(
    candidates: list[tuple[int, int, int]], expected: list[tuple[int, int, int]]
) -> None:
    """The latest stands alone; where it does not stand yet or any more, the next one does."""
    ranked = [Ranked((c[0],), Occurrence(*c), n) for n, c in enumerate(candidates)]
    spans: dict[int, list[tuple[int, int]]] = {}
    for occurrence, value in latest(ranked):
        held = spans.setdefault(value, [])
        if held and held[-1][1] == occurrence.begin_ms:
            held[-1] = held[-1][0], occurrence.end_ms
        else:
            held.append((occurrence.begin_ms, occurrence.end_ms))
    assert sorted((b, e, n) for n, held in spans.items() for b, e in held) == expected

"""Active days and covers: filing in any order, neighbours in a union, spans that overlap."""

from array import array
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from aggregates.contributions.cover import cover, cover_change
from aggregates.usage.days import around, file_day, neighbours


@given(
    tiles=st.lists(st.integers(0, 400), unique=True, max_size=8),
    span=st.integers(1, 200),
    order=st.randoms(use_true_random=False),
)
def test_a_cover_is_the_union_of_its_spans(tiles: list[int], span: int, order: Random) -> None:
    """Beginnings filed in any order cover exactly the tiles that one of their spans covers."""
    deltas: dict[int, int] = {}
    days: array[int] = array("I")
    shuffled = list(tiles)
    order.shuffle(shuffled)
    for tile in shuffled:
        filed = file_day(days, tile, tile, tile + 1)
        assert filed is not None
        previous, replaced, following = filed
        assert replaced is None
        for _, at, delta in cover_change((), lambda t: t + span, previous, tile, following):
            deltas[at] = deltas.get(at, 0) + delta
    for tile in range(650):
        covered = sum(delta for at, delta in deltas.items() if at <= tile)
        assert covered == any(begin <= tile < begin + span for begin in tiles)


@given(
    tiles=st.sets(st.integers(0, 300), max_size=9),
    span=st.integers(1, 120),
    times=st.integers(1, 4),
)
def test_a_cover_counts_overlaps(tiles: set[int], span: int, times: int) -> None:
    """A cover of several times is where at least so many spans overlap."""
    deltas = list(cover((), lambda tile: tile + span, sorted(tiles), times))
    for tile in range(430):
        overlapping = sum(begin <= tile < begin + span for begin in tiles)
        assert sum(delta for _, at, delta in deltas if at <= tile) == (overlapping >= times)


@given(
    parts=st.lists(st.sets(st.integers(0, 90), max_size=8), max_size=4),
    tile=st.integers(0, 90),
    count=st.integers(1, 3),
)
def test_neighbours_of_a_day(parts: list[set[int]], tile: int, count: int) -> None:
    """What lies around a day in several is what lies around it in their union."""
    days: list[array[int]] = []
    for part in parts:
        days.append(array("I"))
        for each in part:
            file_day(days[-1], each, each // 10 * 10, each // 10 * 10 + 10)
    first: dict[int, int] = {}
    for each in sorted({each for part in days for each in part}):
        first.setdefault(each // 10, each)
    before = [each for day, each in first.items() if day < tile // 10]
    after = [each for day, each in first.items() if day > tile // 10]
    assert around(days, tile, lambda one: one // 10, count) == (before[-count:], after[:count])
    filled = [part for part in days if part]
    last, own, following = neighbours(filled, tile // 10 * 10, tile // 10 * 10 + 10)
    assert (last is None, own) == (not before, first.get(tile // 10))
    assert last is None or last // 10 == before[-1] // 10
    assert following == (after[0] if after else None)

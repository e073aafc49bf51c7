"""A layout that grows with the series of a ledger selects what a look at each series does."""

import gc
import weakref

from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.in_rows import indices
from aggregates.ledger.told_sums import Key
from aggregates.reading.layout import (
    HISTOGRAMS_MAX,
    SELECTIONS_MAX,
    Histogram,
    Layout,
    NumberedSeries,
    Numbering,
    Segments,
    Selection,
    Where,
)
from tests.examples import examples

_VALUES = st.sampled_from("ab")
_SERIES = st.tuples(st.tuples(st.just("mrr"), _VALUES, _VALUES), st.tuples(_VALUES))
_GROWN = st.lists(st.lists(_SERIES, unique=True, max_size=6), min_size=2, max_size=4)
_WHERE: st.SearchStrategy[Where] = st.sampled_from([(), ((1, "a"),), ((2, "b"),)])
_SEGMENTS: list[Segments] = [
    (None,),
    (None, frozenset({("a",)})),
    (frozenset({("a",), ("b",)}), frozenset({("b",)})),
]
_AMONG: st.SearchStrategy[Where] = st.sampled_from([(), ((0, "b"),)])
_Asked = tuple[Where, tuple[int, ...], Segments, Where]
_ASKED = st.tuples(_WHERE, st.sampled_from([(), (1,), (2, 1)]), st.sampled_from(_SEGMENTS), _AMONG)
_Sums = dict[tuple[tuple[str, ...], int], list[int]]


def _selected(series: list[Key], asked: _Asked) -> _Sums:
    """Returns the series of each sum, by its key and the number of its set of segments."""
    where, keep, segments, among = asked
    found: _Sums = {}
    for number, (labels, segment) in enumerate(series):
        if all(labels[place] == value for place, value in where) and all(
            segment[place] == value for place, value in among
        ):
            for place, members in enumerate(segments):
                if members is None or segment in members:
                    key = tuple(labels[kept] for kept in keep)
                    found.setdefault((key, place), []).append(number)
    return found


def _told(selection: Selection) -> _Sums:
    """Returns the same of a selection."""
    bounds = [*selection.bounds.tolist(), len(selection.rows)]
    found: _Sums = {}
    for sum_number, place in enumerate(selection.places.tolist()):
        key, segment = divmod(place, selection.segments)
        rows = selection.rows[bounds[sum_number] : bounds[sum_number + 1]]
        found[selection.keys[key], segment] = rows.tolist()
    return found


@given(_GROWN, st.lists(_ASKED, min_size=1, max_size=4), st.booleans())
@examples(100)
def test_law_selects_each_series_that_fits(
    parts: list[list[Key]], asked: list[_Asked], reset: bool
) -> None:
    """Law: whichever series follow, and whatever was selected before; also if some are gone."""
    series: list[Key] = []
    numbering = Numbering(Layout(NumberedSeries(), (), indices([]), indices([])))
    for number, part in enumerate(parts):
        series = list(dict.fromkeys([*([] if reset and number == 1 else series), *part]))
        layout = numbering.layout(series)
        assert layout is numbering.layout(list(series))
        assert layout.segments == tuple(sorted({segment for _, segment in series}))
        for each in asked:
            wanted, found = _selected(series, each), layout.select(*each)
            assert _told(found) == wanted
            assert found.keys == tuple(sorted({key for key, _ in wanted}))
        asked = asked[1:] or asked


def test_selections_of_segments_that_nobody_asks_for_again_are_let_go() -> None:
    """Whoever reads figures may ask for any set of segments, of measures that never change."""
    none = indices([])
    layout = Layout(NumberedSeries(), (), none, none)
    found = [
        weakref.ref(layout.select((), (), (frozenset({(str(number),)}),)))
        for number in range(3 * SELECTIONS_MAX)
    ]
    gc.collect()
    assert 0 < sum(one() is not None for one in found) <= SELECTIONS_MAX


def test_histograms_of_selections_that_are_gone_are_let_go() -> None:
    """A bucket more is another selection: of all that were, the last ones alone are held."""
    none = indices([])
    for count in range(1, 3 * HISTOGRAMS_MAX):
        keys = tuple([("gone", str(bucket)) for bucket in range(count)])
        assert len(Selection(none, none, none, keys, 1).histograms) == 1
    held = [one for one in gc.get_objects() if isinstance(one, Histogram) and one.key == ("gone",)]
    assert len(held) <= HISTOGRAMS_MAX

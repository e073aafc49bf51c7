"""Cells in columns: chosen, joined and named anew, they are what dictionaries of cells would be."""

from collections.abc import Callable, Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.gathered import Gathered
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.series_cells import SeriesCells, cells_of, no_cells, summed
from aggregates.ledger.told_sums import Key
from tests.examples import examples

_Cells = dict[Key, dict[int, int]]

_NAMES = st.sampled_from("abc")
_SERIES = st.tuples(_NAMES, _NAMES)
_SEGMENT = st.tuples(_NAMES, st.sampled_from(["one", "two"]))
_DELTA = st.sampled_from([1, -1, 5, 2**62, -(2**62), 2**70])
_TILE = st.sampled_from([-(2**30), 0, 3, 2**30])
_CELLS: st.SearchStrategy[_Cells] = st.dictionaries(
    st.tuples(_SERIES, _SEGMENT), st.dictionaries(_TILE, _DELTA, min_size=1), max_size=6
)


def _laid(cells: _Cells) -> SeriesCells:
    gathered = Gathered()
    for (series, segment), own in cells.items():
        gathered.take([(series, tile, delta) for tile, delta in own.items()], segment)
    return gathered.cells()


def _told(laid: SeriesCells) -> _Cells:
    deltas, tiles = iter(laid.deltas.tolist()), iter(laid.tiles.tolist())
    found: _Cells = {}
    for key, length in zip(laid.keys(), laid.lengths.tolist(), strict=True):
        assert key not in found
        own = {next(tiles): next(deltas) for _ in range(length)}
        assert list(own) == sorted(own)
        assert len(own) == length > 0
        found[key] = own
    assert len(set(laid.series)) == len(laid.series)
    assert len(set(laid.segments)) == len(laid.segments)
    return found


def _renamed(cells: Mapping[Key, Mapping[int, int]], name: Callable[[Key], Key]) -> _Cells:
    sums: _Cells = {}
    for key, own in cells.items():
        for tile, delta in own.items():
            total = sums.setdefault(name(key), {})
            total[tile] = total.get(tile, 0) + delta
    kept = {key: {tile: delta for tile, delta in own.items() if delta} for key, own in sums.items()}
    return {key: own for key, own in kept.items() if own}


@given(_CELLS, _CELLS)
@examples(100)
def test_law_columns_are_what_dictionaries_are(one: _Cells, other: _Cells) -> None:
    """Law: parts chosen and joined; names shortened, by which cells meet; sums beyond 64 bits."""
    laid = _laid(one)
    assert _told(laid) == one
    keys = laid.keys()
    split = len(keys) // 2
    first, last = laid.chosen(np.arange(split)), laid.chosen(np.arange(split, len(keys)))
    assert _told(first) == {key: one[key] for key in keys[:split]}
    assert _told(first.followed_by(last)) == one
    assert _told(no_cells().followed_by(laid)) == one
    apart = {(("z", *series), segment): own for (series, segment), own in other.items()}
    both = laid.followed_by(_laid(apart))
    assert _told(both) == one | apart
    short = both.named(
        [series[:1] for series in both.series], [segment[1:] for segment in both.segments]
    )
    assert _told(short) == _renamed(one | apart, lambda key: (key[0][:1], key[1][1:]))
    for key, (tiles, sums) in both.prefixes().items():
        own = dict(sorted((one | apart)[key].items()))
        assert tiles.tolist() == list(own)
        assert sums.tolist() == [sum(list(own.values())[: n + 1]) for n in range(len(own))]


@given(st.lists(_CELLS, max_size=3), st.booleans())
@examples(100)
def test_law_ledgers_in_columns_add_up(parts: list[_Cells], as_sums: bool) -> None:
    """Law: of ledgers that lie as cells or as running sums; sums beyond 64 bits, and of 0."""
    whole, ledgers = Ledger(), [Ledger() for _ in parts]
    for ledger, cells in zip(ledgers, parts, strict=True):
        for (series, segment), own in cells.items():
            ledger.apply([(series, tile, delta) for tile, delta in own.items()], segment)
        whole.merge(ledger)
    if as_sums:
        ledgers = [Ledger(each.every_prefix()) for each in ledgers]
    assert summed(map(cells_of, ledgers)) == whole


def test_what_is_chosen_is_wide_only_if_it_has_to_be() -> None:
    """One amount beyond 64 bits leaves the numbers of all others machine integers."""
    laid = _laid({(("a",), ("one",)): {1: 2**70}, (("b",), ("one",)): {1: 5}})
    wide, small = (laid.chosen(np.array([place])) for place in (0, 1))
    assert (wide.deltas.dtype, small.deltas.dtype) == (np.dtype(object), np.dtype(np.int64))
    assert (_told(wide) | _told(small)) == _told(laid)

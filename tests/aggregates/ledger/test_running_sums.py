"""Running sums that follow changes are what they would be if all cells were added up anew."""

from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import CHUNK_TILES, Ledger
from tests.examples import examples

_SERIES = ("mrr",)
_SEGMENT = ("smb",)
_TILES = st.integers(0, 4 * CHUNK_TILES)
_DELTAS = st.one_of(st.integers(-3, 3), st.integers(-(2**70), 2**70))
_CELLS = st.lists(st.tuples(_TILES, _DELTAS), max_size=6)


def _prefix(ledger: Ledger) -> tuple[list[int], list[int]]:
    tiles, sums = ledger.prefix(_SERIES, _SEGMENT)
    return tiles.tolist(), sums.tolist()


@given(st.lists(st.tuples(_CELLS, st.booleans()), min_size=1, max_size=6))
@examples(200)
def test_law_sums_follow_the_cells(rounds: list[tuple[list[tuple[int, int]], bool]]) -> None:
    """Law: whatever changes between two readings, of which some are left out."""
    ledger, told = Ledger(), Ledger()
    for cells, is_read in rounds:
        for tile, delta in cells:
            ledger.add(_SERIES, _SEGMENT, tile, delta)
            told.add(_SERIES, _SEGMENT, tile, delta)
        if is_read:
            anew = Ledger()
            anew.merge(told)
            assert _prefix(ledger) == _prefix(anew)
    assert _prefix(ledger) == _prefix(told)


def test_who_asks_for_what_is_not_there_leaves_no_trace() -> None:
    """A series that was read before its first cell is among those of its measure from then on."""
    ledger = Ledger()
    assert ledger.level(_SERIES, _SEGMENT, 5) == 0
    ledger.add(_SERIES, _SEGMENT, 4, 3)
    assert ledger.cells == {(_SERIES, _SEGMENT): {4: 3}}
    assert ledger.level(_SERIES, _SEGMENT, 5) == 3


@given(rounds=st.lists(_CELLS, min_size=1, max_size=4), is_laid=st.booleans())
@examples(200)
def test_law_every_chunk_is_told_once(
    rounds: list[list[tuple[int, int]]], *, is_laid: bool
) -> None:
    """Law: of cells or of running sums, all chunks in one pass are what each is by itself."""
    ledger = Ledger()
    for cells in rounds:
        for tile, delta in cells:
            ledger.add(_SERIES, _SEGMENT, tile, delta)
    if is_laid and ledger.cells.get((_SERIES, _SEGMENT)):
        ledger = Ledger({(_SERIES, _SEGMENT): ledger.prefix(_SERIES, _SEGMENT)})
    told = list(ledger.every_chunk())
    assert dict(told) == {key: ledger.chunk(key) for key in ledger.chunks()}
    assert len(told) == len(dict(told))

"""Prefix sums that follow a ledger are those of a ledger that is read for the first time."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import CHUNK_TILES, Ledger
from aggregates.ledger.measure import Measure
from aggregates.reading.prefix_sums import LedgerSums, MeasureSums
from tests.examples import examples

TICKETS = Measure.level("tickets", "Some.", labels=("queue",), filters=("priority",))
SEGMENTS = [("smb",), ("big",)]
EDGES = np.array([0, 1, 2, CHUNK_TILES + 1, CHUNK_TILES + 2])

_CHANGE = st.tuples(
    st.tuples(st.just("tickets"), st.sampled_from("ab"), st.sampled_from(["low", "high"])),
    st.sampled_from(SEGMENTS),
    st.sampled_from([0, 1, CHUNK_TILES]),
    st.sampled_from([1, -1, 1, -1, 2**70, -(2**70)]),
)


def _told(sums: MeasureSums) -> dict[Any, list[int]]:
    """Returns the sums before each edge, by what is read together and segment."""
    columns = tuple(frozenset({segment}) for segment in SEGMENTS)
    selection = sums.layout.select((), (1,), (None, *columns))
    read = sums.before(selection, EDGES).tolist()
    return {key: row for key, row in zip(selection.keys, read, strict=True) if any(row)}


@given(st.lists(st.lists(_CHANGE, max_size=4), min_size=1, max_size=6))
@examples(200)
def test_law_sums_follow_the_ledger(rounds: list[list[Any]]) -> None:
    """Law: series that come, change, lose their last cell and come again; beyond 64 bits too."""
    ledger = Ledger()
    following = LedgerSums(ledger, remembers=True)
    for changes in rounds:
        for series, segment, tile, delta in changes:
            ledger.add(series, segment, tile, delta)
        anew = Ledger()
        anew.merge(ledger)
        keys, prefixes = ledger.prefixes(TICKETS.name)
        held = {
            key: [part.tolist() for part in own] for key, own in zip(keys, prefixes, strict=True)
        }
        assert len(held) == len(keys)
        assert held == {
            key: [part.tolist() for part in anew.prefix(*key)]
            for key, cells in ledger.cells.items()
            if cells
        }
        for by_filter in (False, True):
            found = following.of(TICKETS, by_filter=by_filter)
            assert _told(found) == _told(LedgerSums(anew).of(TICKETS, by_filter=by_filter))

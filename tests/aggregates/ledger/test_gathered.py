"""A ledger of gathered contributions is the one that they make one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.gathered import Gathered
from aggregates.ledger.ledger import CHUNK_TILES, Ledger
from aggregates.ledger.measure import Contribution, Segment

SERIES = (("mrr",), ("active_users", "7d"), ("active_users", "30d"))
SEGMENTS: tuple[Segment, ...] = (("smb",), ("enterprise",))

deltas = st.one_of(
    st.integers(-3, 3), st.integers(-(2**62), 2**62), st.sampled_from([2**63 - 1, 2**63, -(10**30)])
)
contributions = st.tuples(
    st.sampled_from(SERIES), st.integers(-20, 3 * CHUNK_TILES) | st.integers(0, 9), deltas
)
noted = st.lists(st.tuples(st.sampled_from(SEGMENTS), st.lists(contributions, max_size=8)))

Noted = list[tuple[Segment, list[Contribution]]]


def applied(noted: Noted, ledger: Ledger) -> Ledger:
    """Applies contributions one by one."""
    for segment, own in noted:
        ledger.apply(own, segment)
    return ledger


@given(noted, noted)
def test_gathered_as_applied(first: Noted, later: Noted) -> None:
    """Cells, chunks and levels are those of contributions one by one, also once they change."""
    gathered = Gathered()
    for segment, own in first:
        gathered.take(own, segment)
    ledger, same = gathered.ledger(), applied(first, Ledger())
    for further in (later, []):
        assert ledger == same
        assert set(ledger.chunks()) == set(same.chunks())
        for chunk in same.chunks():
            assert ledger.chunk(chunk) == same.chunk(chunk)
        assert ledger.changed >= set(ledger.chunks())
        for name in ("mrr", "active_users"):
            assert sorted(ledger.prefixes(name)[0]) == sorted(same.prefixes(name)[0])
            for key in same.prefixes(name)[0]:
                for edge in (-20, 5, CHUNK_TILES, 4 * CHUNK_TILES):
                    assert ledger.level(key[0], key[1], edge) == same.level(key[0], key[1], edge)
        ledger, same = applied(further, ledger), applied(further, same)


@given(st.lists(contributions.filter(lambda each: abs(each[2]) < 2**63), min_size=1))
def test_columns(noted: list[Contribution]) -> None:
    """Columns are taken as the same contributions one by one are."""
    gathered = Gathered()
    numbers = [gathered.number(series, ("smb",)) for series, _, _ in noted]
    gathered.put(*(np.array(each) for each in (numbers, *list(zip(*noted, strict=True))[1:])))
    assert gathered.ledger() == applied([(("smb",), noted)], Ledger())


@pytest.mark.parametrize("number", [-1, 0, 1, 5])
def test_chunk_that_is_not_there(number: int) -> None:
    """A chunk without cells is empty, of a series that is there and of one that is not."""
    gathered = Gathered()
    gathered.take([(("mrr",), 3 * CHUNK_TILES, 1)], ("smb",))
    ledger = gathered.ledger()
    assert not ledger.chunk((("mrr",), ("smb",), number))
    assert not ledger.chunk((("arr",), ("smb",), number))

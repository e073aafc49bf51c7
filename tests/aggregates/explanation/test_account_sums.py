"""What accounts have, exchanged: read at any time it is what a dictionary of them would be."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aggregates.explanation.account_sums import AccountSums
from aggregates.ledger.gathered import Gathered
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Measure, Segment
from aggregates.reading.prefix_sums import LedgerSums
from tests.examples import examples

_Owner = tuple[int, str]
_Held = tuple[str, str, int, int]
"""An attribute, the value of a filter, a tile and a delta."""

_MEASURES = {
    name: Measure.level(name, "Some.", filters=filters)
    for name, filters in (("users", ()), ("tickets", ("priority",)))
}
_OWNER = st.tuples(st.integers(0, 1), st.sampled_from("ab"))
_HELD = st.tuples(
    st.sampled_from(["smb", "mid"]),
    st.sampled_from(["low", "high"]),
    st.integers(0, 2),
    st.sampled_from([1, 2, 2**62]),
)
_EXCHANGED = st.dictionaries(_OWNER, st.lists(_HELD, max_size=3))
_ASKED = st.sampled_from([None, *_MEASURES])


def _exchange(sums: AccountSums, shard: int, told: dict[_Owner, list[_Held]]) -> None:
    gathered = Gathered()
    own = {account: held for (number, account), held in told.items() if number == shard}
    for account, held in own.items():
        for name, measure in _MEASURES.items():
            for attribute, value, tile, delta in held:
                series = (name, value) if measure.filters else (name,)
                gathered.take([(series, tile, delta)], (attribute, account))
    sums.exchange(shard, own, gathered.cells(), _MEASURES)


def _level(sums: AccountSums, name: str, segment: Segment, edge: int, by_filter: bool) -> int:
    read = sums.of(_MEASURES[name], by_filter=by_filter)
    selection = read.layout.select((), (), (frozenset([segment]),))
    return int(read.before(selection, np.array([edge])).sum())


@given(st.lists(st.tuples(_EXCHANGED, _ASKED), max_size=8))
@examples(150)
def test_law_what_accounts_have_is_what_each_had_last(
    steps: list[tuple[dict[_Owner, list[_Held]], str | None]],
) -> None:
    """Law: of an account its last counts, of both shards, whether or not it is read in between."""
    sums = AccountSums()
    known: dict[_Owner, list[_Held]] = {}
    for told, asked in [*steps, *(({}, name) for name in _MEASURES)]:
        for shard in (0, 1):
            _exchange(sums, shard, told)
        known |= told
        if asked is None:
            continue
        segments = {(held[0], account) for (_, account), own in known.items() for held in own}
        assert set(sums.segments_of(asked)) == segments
        for attribute, account in segments:
            held = [each for shard in (0, 1) for each in known.get((shard, account), ())]
            for edge in range(4):
                level = sum(h[3] for h in held if h[0] == attribute and h[2] < edge)
                for by_filter in (False, True):
                    assert _level(sums, asked, (attribute, account), edge, by_filter) == level


def test_a_total_that_cancels_has_begun_as_that_of_a_ledger_has() -> None:
    """What moves from one value of a filter to another at its first tile is known from there on."""
    gathered, segment = Gathered(), ("smb", "a")
    gathered.take([(("tickets", "low"), 5, 1), (("tickets", "high"), 5, -1)], segment)
    gathered.take([(("tickets", "high"), 9, 2)], segment)
    cells, tickets = gathered.cells(), _MEASURES["tickets"]
    sums = AccountSums()
    sums.exchange(0, ["a"], cells, _MEASURES)
    for read in (sums.of(tickets), LedgerSums(Ledger(cells.prefixes())).of(tickets)):
        selection = read.layout.select((), (), (None,))
        assert read.since(selection).tolist() == [[5]]
        assert read.before(selection, np.array([5, 6, 10])).tolist() == [[0, 0, 2]]

"""A layout that grows with the series of a ledger selects what one that is made anew does."""

from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import Key
from aggregates.reading.layout import Layout, Segments, Where
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
_ASKED = st.tuples(
    _WHERE, st.sampled_from([(), (1,), (2, 1)]), st.sampled_from(_SEGMENTS), st.just(())
)


@given(_GROWN, st.lists(_ASKED, min_size=1, max_size=4), st.booleans())
@examples(100)
def test_law_grown_is_as_new(
    parts: list[list[Key]], asked: list[tuple[Where, tuple[int, ...], Segments, Where]], reset: bool
) -> None:
    """Law: whichever series follow, and whatever was selected before; also if some are gone."""
    series: list[Key] = []
    layout = Layout(series)
    for number, part in enumerate(parts):
        series = [*([] if reset and number == 1 else series), *part]
        series = list(dict.fromkeys(series))
        layout = layout.grown(series)
        for each in asked:
            found, wanted = layout.select(*each), Layout(series).select(*each)
            assert found.keys == wanted.keys
            assert found.members() == wanted.members()
        asked = asked[1:] or asked

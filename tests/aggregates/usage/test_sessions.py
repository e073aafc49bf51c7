"""Sessions in an array are what a dictionary of them would be."""

from hypothesis import given
from hypothesis import strategies as st

from aggregates.usage.sessions import (
    Sessions,
    session_parts,
    session_value,
    sessions_apart,
    united,
)
from tests.examples import examples

_NUMBER = st.sampled_from([0, 1, 7, 2**32, 2**63, 2**64 - 1])
_FILED = st.lists(st.tuples(_NUMBER, _NUMBER))


@given(st.dictionaries(_NUMBER, _NUMBER), _FILED)
@examples(100)
def test_law_they_are_what_was_filed_last(
    begun: dict[int, int], filed: list[tuple[int, int]]
) -> None:
    """Law: whatever is filed, under names that are there or not, each has its last value."""
    sessions, known = Sessions(begun.items()), dict(begun)
    for name, value in filed:
        assert sessions.get(name) == known.get(name)
        sessions.put(name, value)
        known[name] = value
    assert list(sessions.items()) == sorted(known.items())
    assert sessions.values().tolist() == [value for _, value in sorted(known.items())]
    assert len(sessions) == len(known)


@given(st.lists(st.dictionaries(_NUMBER, _NUMBER), min_size=1, max_size=3))
@examples(100)
def test_law_united_the_greater_value_holds(parts: list[dict[int, int]]) -> None:
    """Law: of several reports of one session, by users who are one, the later, longer one holds."""
    known: dict[int, int] = {}
    for part in parts:
        for name, value in part.items():
            known[name] = max(value, known.get(name, value))
    assert dict(united([Sessions(part.items()) for part in parts]).items()) == known


@given(st.lists(st.tuples(st.integers(0, 2**32 * 1000 - 1), st.integers(0, 2**33))))
@examples(100)
def test_values_are_taken_apart_together_as_one_by_one(told: list[tuple[int, int]]) -> None:
    """Ends are to the second; durations are exact up to 49 days."""
    values = [session_value(*each) for each in told]
    sessions = Sessions(enumerate(values))
    ends_ms, durations_ms = sessions_apart(sessions.values())
    parts = list(zip(ends_ms.tolist(), durations_ms.tolist(), strict=True))
    assert parts == [session_parts(value) for value in values]
    assert [end for end, _ in parts] == [end_ms // 1000 * 1000 for end_ms, _ in told]

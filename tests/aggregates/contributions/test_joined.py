"""A function of step functions that follows them is what it would be if it were made anew."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregates.contributions.steps import Joined, StepFunction, joined
from aggregates.ledger.alike import common
from tests.examples import examples

_steps = st.dictionaries(st.integers(1, 12), st.integers(0, 3), max_size=5)


def _function(values: dict[int, int]) -> StepFunction[int]:
    return StepFunction.of(0, sorted(values.items()))


@given(st.lists(st.tuples(_steps, _steps, _steps), min_size=1, max_size=4))
@examples(200)
def test_law_it_follows_its_parts(states: list[tuple[dict[int, int], ...]]) -> None:
    """Law: however parts change, the whole is that of the parts as they are.

    And before the tile that is told it is as it was.
    """
    whole, before = Joined(lambda *values: sum(values) // 2), StepFunction(0)
    for number, state in enumerate(states):
        parts = [_function(values) for values in state]
        now, since = whole.follow(*parts)
        assert now == joined(lambda *values: sum(values) // 2, *parts)
        if number:
            kept: list[Any] = [
                [step for step in each.steps if step[0] < since] for each in (before, now)
            ]
            assert kept[0] == kept[1]
        before = now


@given(st.lists(st.integers(0, 1), max_size=6), st.lists(st.integers(0, 1), max_size=6))
def test_law_what_two_sequences_begin_with(one: list[int], other: list[int]) -> None:
    """Law: they are alike up to that length, and no further."""
    length = common(one, other)
    assert one[:length] == other[:length]
    assert one[: length + 1] != other[: length + 1] or length == len(one) == len(other)

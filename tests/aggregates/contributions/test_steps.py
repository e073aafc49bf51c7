"""Step functions: values over time, counted spans, and functions of several."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aggregates.contributions.counts import counted
from aggregates.contributions.steps import StepFunction, joined

TILES = st.integers(0, 20)
STEPS = st.lists(st.tuples(TILES, st.integers(0, 3)), max_size=8).map(
    lambda steps: sorted(steps, key=lambda step: step[0])
)


def at(value: StepFunction[int], tile: int) -> int:
    """The value in a tile, looked up the long way."""
    found = value.initial
    for begin, each in value.steps:
        if begin <= tile:
            found = each
    return found


@given(STEPS)
def test_a_step_function_has_the_last_value_told(steps: list[tuple[int, int]]) -> None:
    """At each tile holds what was told last up to it; neighbours differ, tiles ascend."""
    made = StepFunction.of(0, steps)
    for tile in range(-1, 22):
        told = [value for begin, value in steps if begin <= tile]
        assert at(made, tile) == (told[-1] if told else 0)
    values = [made.initial, *(value for _, value in made.steps)]
    assert all(one != other for one, other in pairwise(values))
    tiles = [tile for tile, _ in made.steps]
    assert tiles == sorted(set(tiles))


@given(st.lists(st.tuples(TILES, TILES), max_size=8))
def test_spans_are_counted(spans: list[tuple[int, int]]) -> None:
    """A tile counts the spans that hold it; an empty or reversed one holds none."""
    made = counted(spans)
    for tile in range(-1, 22):
        assert at(made, tile) == sum(begin <= tile < end for begin, end in spans)


@given(STEPS, STEPS)
def test_a_function_of_several_is_taken_tile_by_tile(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    """At each tile the joined one is the function of what its parts have there."""
    left, right = StepFunction.of(1, one), StepFunction.of(2, other)
    made = joined(lambda a, b: a * 10 + b, left, right)
    for tile in range(-1, 22):
        assert at(made, tile) == at(left, tile) * 10 + at(right, tile)

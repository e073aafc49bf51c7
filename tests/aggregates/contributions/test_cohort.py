"""Cohorts: figures of a window's start and now, against their definition at every edge."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.contributions.cohort import cohort
from aggregates.contributions.steps import StepFunction
from aggregates.time.calendar import Calendar

CALENDARS = [Calendar(), Calendar("America/New_York")]
FIRST = 1_963_584  # 2026-01-01T00:00:00Z as a tile
SPAN = 100 * 96

tiles = st.integers(FIRST, FIRST + SPAN)
stories = st.dictionaries(tiles, st.integers(0, 3), max_size=8).map(lambda d: sorted(d.items()))


def figures(start: int, now: int) -> tuple[int, ...]:
    """Some figures of two states that are 0 where both are."""
    return min(start, now), start * now, int(now > start)


def held(steps: list[tuple[int, int]], edge: int) -> int:
    """Returns the state at an edge: that of the last step in a tile before it."""
    return next((state for tile, state in reversed(steps) if tile < edge), 0)


@pytest.mark.parametrize("name", ["7d", "30d", "365d", "month"])
@pytest.mark.parametrize("calendar", CALENDARS)
@given(steps=stories, edges=st.lists(st.integers(FIRST, FIRST + 5 * SPAN), min_size=1, max_size=30))
def test_figures_are_those_of_the_two_states(
    calendar: Calendar, name: str, steps: list[tuple[int, int]], edges: list[int]
) -> None:
    """At any edge the sums are the figures of the states at the window's start and now."""
    window = calendar.windows[name]
    names = ["a", "b", "c"]
    cells = list(cohort(names, [window], StepFunction(0, steps), figures))
    near = [tile + shift for tile, _ in steps for shift in (0, 1)]
    near += [window.end(tile) + shift for tile, _ in steps for shift in (0, 1)]
    for edge in [*edges, *near]:
        read = Counter[str]()
        for (label, _), tile, delta in cells:
            read[label] += delta if tile < edge else 0
        expected = figures(held(steps, window.start(edge)), held(steps, edge))
        assert tuple(read[label] for label in names) == expected


@pytest.mark.parametrize("name", ["30d", "month"])
@given(steps=stories)
def test_contributions_ascend_and_never_are_zero(name: str, steps: list[tuple[int, int]]) -> None:
    """Cells come in the order of time, none of them empty."""
    windows = [CALENDARS[0].windows[name]]
    cells = list(cohort(["a", "b", "c"], windows, StepFunction(0, steps), figures))
    assert [tile for _, tile, _ in cells] == sorted(tile for _, tile, _ in cells)
    assert all(delta for _, _, delta in cells)


def test_no_steps_contribute_nothing() -> None:
    """An entity without a history has no cells."""
    windows = [CALENDARS[0].windows["30d"]]
    assert list(cohort(["a"], windows, StepFunction(0), lambda s, n: (n,))) == []


def test_a_whole_month_leaves_at_once() -> None:
    """All steps of a month become part of the start at the next month's edge."""
    window = CALENDARS[0].windows["month"]
    steps = [(FIRST, 1), (FIRST + 960, 2)]
    cells = list(cohort(["start"], [window], StepFunction(0, steps), lambda start, _: (start,)))
    assert cells == [(("start", "month"), FIRST + 31 * 96, 2)]

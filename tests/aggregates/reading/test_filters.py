"""Filters: labels that a formula may select, and is the sum over where it does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.formula.dimension import COUNT, Checker, Shape
from aggregates.formula.expression import FormulaError
from aggregates.formula.parser import parse
from aggregates.ledger.ledger import Ledger
from aggregates.reading.reader import Reader
from tests.aggregates.catalogue.kpi_files import kpi, loaded
from tests.aggregates.catalogue.kpi_measures import BY_NAME
from tests.aggregates.reading.kpi_ledger import BIG, DAY, JANUARY, SMB, UTC, ledger_of, read
from tests.aggregates.reading.readings import evaluate
from tests.examples import examples

FORMULAS = {
    "all": ("ticket_backlog", "tickets", "[]"),
    "urgent": ('ticket_backlog(priority="urgent")', "tickets", "[]"),
    "low": ('ticket_backlog(priority="low")', "tickets", "[]"),
    "none": ('ticket_backlog(priority="none")', "tickets", "[]"),
    "waiting": ("tickets_waiting", "tickets", "[]"),
    "waiting_low": ('tickets_waiting(priority="low")', "tickets", "[]"),
    "replies": ("count(reply)", "count", '["30d"]'),
    "replies_low": ('count(reply(priority="low"))', "count", '["30d"]'),
    "reply": ("p50(reply)", "seconds", '["30d"]'),
    "reply_low": ('mean(reply(priority="low"))', "seconds", '["30d"]'),
}
CATALOGUE = loaded(
    *(
        kpi(id=f'"{name}"', formula=f"'{formula}'", unit=f'"{unit}"', windows=windows)
        for name, (formula, unit, windows) in FORMULAS.items()
    )
)
PRIORITIES = ("urgent", "low", "none")
SERIES = st.one_of(
    st.tuples(st.just("ticket_backlog"), st.sampled_from(PRIORITIES)),
    st.tuples(
        st.just("tickets_waiting"), st.sampled_from(("0h", "4h")), st.sampled_from(PRIORITIES)
    ),
    st.tuples(
        *(st.just("reply"), st.just("30d"), st.sampled_from(PRIORITIES)),
        st.sampled_from(("3", "200", "3ms", "200ms")),
    ),
)
CELLS = st.lists(
    st.tuples(
        st.tuples(SERIES, st.sampled_from((SMB, BIG))),
        st.integers(JANUARY, JANUARY + 9 * DAY),
        st.integers(-3, 9),
    ),
    max_size=25,
)
EDGES = np.arange(JANUARY, JANUARY + 10 * DAY, DAY // 3)


def test_selected_and_not() -> None:
    """What selects a value is of it alone; what selects none is of all, without a label for it."""
    ledger = ledger_of(
        (("ticket_backlog", "urgent"), JANUARY, 2),
        (("ticket_backlog", "low"), JANUARY, 3),
        (("tickets_waiting", "0h", "urgent"), JANUARY, 2),
        (("tickets_waiting", "0h", "low"), JANUARY, 1),
        (("reply", "30d", "low", "3"), JANUARY, 1),
        (("reply", "30d", "low", "3ms"), JANUARY, 3000),
        (("reply", "30d", "none", "200"), JANUARY, 1),
        (("reply", "30d", "none", "200ms"), JANUARY, 1000),
    )
    found = read(ledger, JANUARY + 1, CATALOGUE)
    assert found.pop(("reply", "30d")) == 3
    assert found == {
        ("all",): 5,
        ("urgent",): 2,
        ("low",): 3,
        ("none",): 0,
        ("waiting", "0h"): 3,
        ("waiting_low", "0h"): 1,
        ("replies", "30d"): 2,
        ("replies_low", "30d"): 1,
        ("reply_low", "30d"): 3,
    }


@examples(60)
@given(st.lists(CELLS, min_size=1, max_size=4))
def test_kept_readings(
    steps: list[list[tuple[tuple[tuple[str, ...], tuple[str]], int, int]]],
) -> None:
    """A reader that saw a ledger grow and shrink reads the same as one that never saw it before.

    At any edge the values of a filter add up to what selects none.
    """
    ledger = Ledger()
    reader = Reader(ledger, UTC)
    for step in steps:
        for (series, segment), tile, delta in step:
            ledger.add(series, segment, tile, delta)
        kept, fresh = reader.evaluate(CATALOGUE, EDGES), evaluate(CATALOGUE, ledger, UTC, EDGES)
        assert [(one.kpi.id, one.labels) for one in kept] == [
            (one.kpi.id, one.labels) for one in fresh
        ]
        for one, other in zip(kept, fresh, strict=True):
            np.testing.assert_array_equal(one.values, other.values)
        values = {one.kpi.id: one.values for one in kept if not one.labels}
        total = sum(values[name] for name in PRIORITIES)
        np.testing.assert_array_equal(total, values["all"])
        for (gone, whose), cells in [(key, dict(cells)) for key, cells in ledger.cells.items()]:
            if len(cells) == 1:  # the next reading finds a series gone
                ledger.apply(((gone, tile, delta) for tile, delta in cells.items()), whose, -1)


SHAPES: list[tuple[str, Shape]] = [
    ("ticket_backlog", Shape(COUNT)),
    ("ticket_backlog(priority='x')", Shape(COUNT)),
    ("tickets_waiting(priority='x')", Shape(COUNT, ("over",))),
    ("tickets_waiting(priority='x', over='1h')", Shape(COUNT)),
    ("total(tickets_waiting(priority='x'))", Shape(COUNT)),
]


@pytest.mark.parametrize(("formula", "shape"), SHAPES)
def test_shape(formula: str, shape: Shape) -> None:
    """A filter is no label of what is read, selected or not."""
    assert Checker(BY_NAME).shape(parse(formula), None) == shape


REFUSED: list[tuple[str, str]] = [
    ("ticket_backlog(plan='x')", "no label 'plan' (its labels: priority)"),
    ("tickets_waiting(plan='x')", "no label 'plan' (its labels: over, priority)"),
    ("distinct(ticket_backlog)", "ticket_backlog leaves none here"),
]


@pytest.mark.parametrize(("formula", "said"), REFUSED)
def test_refused(formula: str, said: str) -> None:
    """A message names filters beside labels; values of filters are not there to be counted."""
    with pytest.raises(FormulaError) as refused:
        Checker(BY_NAME).shape(parse(formula), None)
    assert said in str(refused.value)

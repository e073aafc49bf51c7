"""What was read is remembered as long as it holds."""

from dataclasses import replace
from random import Random
from typing import Final

import numpy as np

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Measure
from aggregates.reading.reader import BLOCK_COLUMNS, Reader
from aggregates.reading.table import Table
from aggregates.reading.views import VIEWS_MAX
from aggregates.time.calendar import Calendar

KPIS: Final = """
[[kpi]]
id = "level"
code = "+"
family = "f"
title = "Level"
formula = "level"
unit = "count"
good = "up"
source = "s"
description = "d"

[[kpi]]
id = "flow"
code = "+"
family = "f"
title = "Flow"
formula = "flow"
unit = "count"
windows = ["1d", "7d", "month"]
good = "up"
source = "s"
description = "d"
"""

VARIANTS: Final = """
[[kpi]]
id = "both"
code = "+"
family = "f"
title = "Both"
unit = "count"
good = "up"
source = "s"
description = "d"
[kpi.variants]
label = "what"
level = "level"
twice = "2 * level"
"""

MEASURES: Final = (
    Measure.level("level", "Some.", labels=()),
    Measure.flow("flow", "Some more."),
)

CATALOGUE: Final = load(MEASURES, Source("t.toml", KPIS))


def read(reader: Reader, edges: list[int]) -> list[list[float]]:
    """Returns all figures at some edges."""
    return [result.values.tolist() for result in reader.evaluate(CATALOGUE, np.array(edges))]


def test_the_figures_are_those_of_a_reader_that_forgets() -> None:
    """Whatever changes between readings, at edges that were read before and at others."""
    random, ledger, calendar = Random(7), Ledger(), Calendar()
    ledger.add(("level",), ("a",), 1_900_000, 1)
    ledger.add(("flow",), ("a",), 1_900_000, 1)
    remembering = Reader(ledger, calendar, remembers=True)
    grids = [[1_900_000 + 96 * n + shift for n in range(40)] for shift in range(20)]
    for _ in range(200):
        if random.random() < 0.5:
            series = random.choice((("level",), ("flow",)))
            segment = random.choice((("a",), ("b",)))
            ledger.add(
                series, segment, 1_900_000 + random.randrange(4_000), random.randrange(-5, 9)
            )
        grid = random.choice(grids)
        assert read(remembering, grid) == read(Reader(ledger, calendar), grid)


def test_a_kpi_that_is_made_anew_is_not_read_again() -> None:
    """A page makes equal ones each time: nothing is kept twice, and over other windows another."""
    ledger, edges = Ledger(), np.array([5])
    ledger.add(("flow",), ("a",), 1, 1)
    reader = Reader(ledger, Calendar(), remembers=True)

    def tables(window: str) -> list[Table]:
        return reader.tables(CATALOGUE, edges, kpis=[CATALOGUE["flow"].over(window)])

    first, other, again = tables("1d"), tables("7d"), tables("1d")
    assert all(one is same for one, same in zip(first, again, strict=True))
    assert [dict(table.labels[0])["window"] for table in other] == ["7d"]


def test_a_kpi_of_other_formulas_is_read_by_them() -> None:
    """Also where the same one was read over the same windows by all of its formulas."""
    reader, edges = Reader(Ledger(), Calendar(), remembers=True), np.array([5])
    catalogue = load(MEASURES, Source("t.toml", KPIS + VARIANTS))
    both = catalogue["both"]
    one = replace(both, variants=both.variants[:1])
    asked = [both, one, both, one]
    found = [len(reader.tables(catalogue, edges, kpis=[kpi])) for kpi in asked]
    assert found == [2, 1, 2, 1]


def test_what_is_read_in_blocks_displaces_nothing() -> None:
    """A long course of many segments is read beside what a scrape asks for each time."""
    ledger, now = Ledger(), np.array([5])
    ledger.add(("flow",), ("a",), 1, 1)
    reader = Reader(ledger, Calendar(), remembers=True)
    first = reader.tables(CATALOGUE, now)
    course = reader.tables(CATALOGUE, np.arange(2 * VIEWS_MAX), (None,) * BLOCK_COLUMNS)
    assert course[0].values.shape[1:] == (BLOCK_COLUMNS, 2 * VIEWS_MAX)
    again = reader.tables(CATALOGUE, now)
    assert all(one is same for one, same in zip(first, again, strict=True))

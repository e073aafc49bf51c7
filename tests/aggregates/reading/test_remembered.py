"""What was read is remembered as long as it holds."""

from random import Random
from typing import Final

import numpy as np

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Measure
from aggregates.reading.reader import Reader
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

MEASURES: Final = (
    Measure.level("level", "Some.", labels=()),
    Measure.flow("flow", "Some more."),
)


def read(reader: Reader, edges: list[int]) -> list[list[float]]:
    """Returns all figures at some edges."""
    catalogue = load(MEASURES, Source("t.toml", KPIS))
    return [result.values.tolist() for result in reader.evaluate(catalogue, np.array(edges))]


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

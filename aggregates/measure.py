"""A measure: what is summed over all entities, as a step function of time.

Rows give contributions to measures, the ledger keeps them as cells, and KPIs are formulas over
them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Series = tuple[str, ...]
"""A measure's name and its label values, for instance ``("churned_mrr", "voluntary")``."""

Segment = tuple[str, ...]
"""The values of the configured account attributes, for instance ``("enterprise",)``."""

Contribution = tuple[Series, int, int]
"""A series, a tile and the integer by which the series changes there."""

Contributions = Iterator[Contribution]


SUM: Final = "sum"
"""The bucket under which a duration measure keeps the sum of its durations, in ms."""


class Kind(StrEnum):
    """How a series is read at a tile edge ``T``."""

    LEVEL = "level"
    """Value at ``T``: the sum of all deltas before ``T``."""
    FLOW = "flow"
    """Value over a window: the sum of the deltas inside ``[window start, T)``."""
    WINDOWED = "windowed"
    """A level of its own for each window, whose name is the series' first label."""
    DURATION = "duration"
    """A windowed distribution: its last label is a bucket index (counts) or ``sum`` (ms)."""


class Unit(StrEnum):
    """What a measure's integers count."""

    MONEY = "money"
    """Micro-units of the reporting currency."""
    COUNT = "count"
    MS = "ms"


@dataclass(frozen=True, slots=True)
class Measure:
    """Declares a measure.

    Attributes:
        name: Identifier, used in formulas and as the first element of its series.
        kind: How it is read.
        unit: What its integers count.
        doc: One sentence: what is summed, and over what.
        labels: Names of its labels, without the window and the bucket.
        windows: Windows of a windowed or duration measure; levels and flows take any window.
    """

    name: str
    kind: Kind
    unit: Unit
    doc: str
    labels: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()

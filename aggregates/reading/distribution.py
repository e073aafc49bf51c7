"""Distributions: a duration KPI as a histogram over its longest window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi, Labels
from aggregates.formula.dimension import MS_A_SECOND
from aggregates.formula.expression import Read
from aggregates.formula.values import ALWAYS, Edges, Floats
from aggregates.ledger.buckets import ANCHORS, BOUNDS
from aggregates.ledger.integers import as_floats
from aggregates.reading.context import Context
from aggregates.reading.durations import Durations
from aggregates.reading.evaluation import Evaluation
from aggregates.reading.prefix_sums import bounded
from aggregates.reading.reader import Reader, fixed_labels
from aggregates.time.window import length_days

BOUNDS_S: Final = tuple(anchor / MS_A_SECOND for anchor in ANCHORS)
"""Upper bounds of the histogram's buckets in seconds; one more bucket has none."""

_LAST_BUCKETS: Final = np.array([BOUNDS.index(anchor) for anchor in ANCHORS], dtype=np.int64)
"""The finest bucket that ends at each anchor."""


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """A histogram for each edge.

    Attributes:
        kpi: The KPI.
        labels: All labels but the segment and the bound.
        counts: Durations up to each of ``BOUNDS_S``, and in all; bounds by edges.
        sums_s: Sum of the durations in seconds.
        since: The tile of the first movement: at edges up to it there is no such histogram yet. One
            without label values of its own always exists.
    """

    kpi: Kpi
    labels: Labels
    counts: NDArray[np.int64]
    sums_s: Floats
    since: int = ALWAYS


def longest(windows: Sequence[str]) -> str:
    """Returns the longest of some windows.

    >>> longest(["1d", "30d", "month", "7d"])
    'month'
    """
    return max(windows, key=length_days)


def distributions(
    catalogue: Catalogue, reader: Reader, edges: Sequence[int] | Edges
) -> Iterator[Distribution]:
    """Reads the histogram of every duration KPI at each edge, over all accounts.

    Args:
        catalogue: The KPIs.
        reader: Reads the ledger.
        edges: Tile edges, in any order.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    asked = bounded(edges)
    evaluation = reader.evaluation(catalogue, asked, (None,))
    view = reader.view(catalogue, "distributions", asked.tobytes())
    for kpi in catalogue:
        if kpi.duration is not None:
            yield from view.of(kpi, partial(_of_kpi, kpi, kpi.duration, evaluation))


def _of_kpi(kpi: Kpi, read: Read, evaluation: Evaluation) -> list[Distribution]:
    window = longest(kpi.windows)
    fixed = fixed_labels(kpi, window, currency="")
    names = kpi.variants[0].labels
    return [
        Distribution(
            kpi,
            tuple(sorted([*fixed, *zip(names, found.key, strict=True)])),
            _cumulative(found),
            as_floats(found.sums_ms) / MS_A_SECOND,
            int(found.since[0]) if names else ALWAYS,
        )
        for found in evaluation.durations(read, Context(window, kpi.values))
    ]


def _cumulative(durations: Durations) -> NDArray[np.int64]:
    width = durations.counts.shape[1]
    running = np.zeros((len(durations.buckets) + 1, width), dtype=np.int64)
    np.cumsum(durations.counts, axis=0, out=running[1:])
    reached = np.searchsorted(durations.buckets, _LAST_BUCKETS, side="right")
    cumulative: NDArray[np.int64] = running[np.append(reached, len(durations.buckets))]
    return cumulative

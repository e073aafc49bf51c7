"""Readings by segment: every KPI of the whole, and of each segment from when it came to be.

Live gauges, backfills and replays by segment are all this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi, Labels
from aggregates.formula.values import NEVER, Edges
from aggregates.ledger.measure import UNKNOWN, Segment
from aggregates.reading.reader import Reader, Result


@dataclass(frozen=True, slots=True, eq=False)
class BySegment:
    """Every KPI at some edges.

    Attributes:
        whole: Over all accounts.
        segments: By segment as shown: each from its first cell on, none before the first account
            with a known attribute.
        values: How many values each attribute has.
    """

    whole: Sequence[Result]
    segments: Mapping[Segment, Sequence[Result]]
    values: tuple[int, ...]


def segment_labels(kpi: Kpi, names: Sequence[str], segment: Segment) -> Labels:
    """Returns a segment as labels of a KPI: ``account_plan`` where the KPI has a ``plan`` itself.

    Args:
        kpi: The KPI.
        names: The attributes that make up a segment.
        segment: Their values.
    """
    taken = kpi.label_names
    shown = (f"account_{name}" if name in taken else name for name in names)
    return tuple(zip(shown, segment, strict=True))


def read_by_segment(reader: Reader, catalogue: Catalogue, edges: Edges, currency: str) -> BySegment:
    """Reads every KPI at each edge.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    results = reader.evaluate_segments(catalogue, edges, currency)
    shown = reader.segments(catalogue)
    first_known = _first_known(shown.beginnings)
    segments: dict[Segment, Sequence[Result]] = {}
    for segment, first in shown.beginnings.items():
        there = edges > max(first, first_known)
        if there.all():
            segments[segment] = results[segment]
        elif there.any():
            segments[segment] = [_only(result, there) for result in results[segment]]
    return BySegment(results[None], segments, shown.values)


def _first_known(beginnings: Mapping[Segment, int]) -> int:
    """Returns the tile of the first cell of an account with a known attribute.

    Segments are shown from there on: before, they would repeat the whole.
    """
    known = (
        tile for segment, tile in beginnings.items() if any(value != UNKNOWN for value in segment)
    )
    return min(known, default=NEVER)


def _only(result: Result, where: NDArray[np.bool_]) -> Result:
    """Returns a result that has values at some edges only."""
    numerator, denominator = (
        None if part is None else np.where(where, part, np.nan)
        for part in (result.numerator, result.denominator)
    )
    values = np.where(where, result.values, np.nan)
    return replace(result, values=values, numerator=numerator, denominator=denominator)

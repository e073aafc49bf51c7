"""Figures: everything that is shown of a whole ledger, at one edge or at many.

A scrape takes them at one edge, a backfill at a grid of edges; what exists at an edge depends on
nothing but what lies before it, so both say the same of the same edge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aggregates.catalogue.catalogue import Catalogue
from aggregates.formula.values import NEVER, Edges
from aggregates.ledger.measure import Segment
from aggregates.reading.distribution import Distribution, distributions
from aggregates.reading.reader import Reader, Result
from aggregates.rows.accounts import UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What a whole ledger says at some edges.

    Attributes:
        edges: The tile edges.
        results: Every KPI over all accounts.
        segments: The same by segment: each from its first cell on, none before the first account
            with a known attribute.
        distributions: Durations behind the duration KPIs.
    """

    edges: Edges
    results: Sequence[Result]
    segments: Mapping[Segment, Sequence[Result]]
    distributions: Sequence[Distribution]


def figures_at(reader: Reader, catalogue: Catalogue, edges: Edges, currency: str) -> Figures:
    """Reads everything at each edge.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    results = reader.evaluate_segments(catalogue, edges, currency)
    beginnings = reader.beginnings(catalogue)
    first_known = _first_known(beginnings)
    segments = {}
    for segment, first in beginnings.items():
        there = edges > max(first, first_known)
        if there.all():
            segments[segment] = results[segment]
        elif there.any():
            segments[segment] = [_only(result, there) for result in results[segment]]
    return Figures(edges, results[None], segments, tuple(distributions(catalogue, reader, edges)))


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

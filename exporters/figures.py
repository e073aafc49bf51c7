"""Figures: everything that is shown of a whole ledger, at one edge or at many.

A scrape takes them at one edge, a backfill at a grid of edges; what exists at an edge depends on
nothing but what lies before it, so both say the same of the same edge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregates.catalogue.catalogue import Catalogue
from aggregates.formula.values import Edges
from aggregates.ledger.measure import Segment
from aggregates.reading.by_segment import read_by_segment
from aggregates.reading.distribution import Distribution, distributions
from aggregates.reading.reader import Reader, Result


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What a whole ledger says at some edges.

    Attributes:
        edges: The tile edges.
        results: Every KPI over all accounts.
        segments: The same by segment: each from its first cell on, none before the first account
            with a known attribute.
        distributions: Durations behind the duration KPIs.
        attribute_values: How many values each attribute has by which accounts are told apart.
    """

    edges: Edges
    results: Sequence[Result]
    segments: Mapping[Segment, Sequence[Result]]
    distributions: Sequence[Distribution]
    attribute_values: tuple[int, ...]


def figures_at(reader: Reader, catalogue: Catalogue, edges: Edges, currency: str) -> Figures:
    """Reads everything at each edge.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    read = read_by_segment(reader, catalogue, edges, currency)
    found = tuple(distributions(catalogue, reader, edges))
    return Figures(edges, read.whole, read.segments, found, read.values)

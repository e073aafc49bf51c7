"""Figures: everything that is shown of a whole ledger, at one edge or at many.

A scrape takes them at one edge, a backfill at a grid of edges; what exists at an edge depends on
nothing but what lies before it, so both say the same of the same edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aggregates.catalogue.catalogue import Catalogue
from aggregates.formula.values import Edges
from aggregates.reading.by_segment import BySegment, read_by_segment
from aggregates.reading.distribution import Distribution, distributions
from aggregates.reading.reader import Reader, Result


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What a whole ledger says at some edges.

    Attributes:
        edges: The tile edges.
        results: Every KPI over all accounts.
        by_segment: The same by segment: each from its first cell on, none before the first account
            with a known attribute.
        distributions: Durations behind the duration KPIs.
    """

    edges: Edges
    results: Sequence[Result]
    by_segment: BySegment
    distributions: Sequence[Distribution]

    @property
    def attribute_values(self) -> tuple[int, ...]:
        """How many values each attribute has by which accounts are told apart."""
        return self.by_segment.values


def figures_at(reader: Reader, catalogue: Catalogue, edges: Edges, currency: str) -> Figures:
    """Reads everything at each edge.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    read = read_by_segment(reader, catalogue, edges, currency)
    return Figures(edges, read.whole, read, tuple(distributions(catalogue, reader, edges)))

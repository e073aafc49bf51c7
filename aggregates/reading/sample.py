"""Samples: single values of a result, in the form in which replay writes them."""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import NamedTuple

from aggregates.catalogue.kpi import Kpi, Labels
from aggregates.formula.values import Edges
from aggregates.reading.table import Result
from aggregates.time.tile import edge_ms
from events.instant import format_instant


class Sample(NamedTuple):
    """The value of one series of a KPI at one edge.

    Attributes:
        edge: The tile edge.
        kpi: The KPI.
        labels: Label names and values, ascending by name, without those of a segment.
        value: The value in the KPI's unit.
        numerator: What was divided, if anything.
        denominator: What it was divided by, if anything.
        segment: Attributes and their values, if it is the value of one segment only.
    """

    edge: int
    kpi: Kpi
    labels: Labels
    value: float
    numerator: float | None
    denominator: float | None
    segment: Labels = ()

    @property
    def every_label(self) -> Labels:
        """All labels, those of the segment included, ascending by name."""
        return tuple(sorted((*self.labels, *self.segment))) if self.segment else self.labels

    def record(self) -> dict[str, object]:
        """Returns the sample as one object of ``replay --format json``."""
        record: dict[str, object] = {
            "at": format_instant(edge_ms(self.edge)),
            "kpi": self.kpi.id,
            "labels": dict(self.every_label),
            "value": self.value,
        }
        if self.numerator is not None:
            record["numerator"] = self.numerator
            record["denominator"] = self.denominator
        return record


def samples(result: Result, edges: Sequence[int] | Edges, segment: Labels = ()) -> Iterator[Sample]:
    """Yields the samples of a result that was read at these edges; no value is no sample.

    A value that is too large for a float is none, see ``missing``.

    Args:
        result: The result.
        edges: The tile edges.
        segment: Attributes and their values, if the result is one of a segment.
    """
    count = len(edges)
    above: list[float | None] = [None] * count
    below: list[float | None] = [None] * count
    if result.numerator is not None and result.denominator is not None:
        above, below = result.numerator.tolist(), result.denominator.tolist()
    for edge, value, numerator, denominator in zip(
        edges, result.values.tolist(), above, below, strict=True
    ):
        if isfinite(value):
            kpi, labels = result.kpi, result.labels
            yield Sample(int(edge), kpi, labels, value, numerator, denominator, segment)

"""Samples: single values of a result, in the form in which replay writes them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aggregates.catalogue.kpi import Kpi, Labels
from aggregates.formula.values import Edges
from aggregates.reading.reader import Result
from aggregates.time.tile import edge_ms
from events.instant import format_instant


class Sample(NamedTuple):
    """The value of one series of a KPI at one edge.

    Attributes:
        edge: The tile edge.
        kpi: The KPI.
        labels: Label names and values, ascending by name.
        value: The value in the KPI's unit.
        numerator: What was divided, if anything.
        denominator: What it was divided by, if anything.
    """

    edge: int
    kpi: Kpi
    labels: Labels
    value: float
    numerator: float | None
    denominator: float | None

    def record(self) -> dict[str, object]:
        """Returns the sample as one object of ``replay --format json``."""
        record: dict[str, object] = {
            "at": format_instant(edge_ms(self.edge)),
            "kpi": self.kpi.id,
            "labels": dict(self.labels),
            "value": self.value,
        }
        if self.numerator is not None:
            record["numerator"] = self.numerator
            record["denominator"] = self.denominator
        return record


def samples(result: Result, edges: Sequence[int] | Edges) -> Iterator[Sample]:
    """Yields the samples of a result that was read at these edges; no value is no sample."""
    count = len(edges)
    above: list[float | None] = [None] * count
    below: list[float | None] = [None] * count
    if result.numerator is not None and result.denominator is not None:
        above, below = result.numerator.tolist(), result.denominator.tolist()
    for edge, value, numerator, denominator in zip(
        edges, result.values.tolist(), above, below, strict=True
    ):
        if value == value:  # NaN is no value, and the only one that differs from itself
            yield Sample(int(edge), result.kpi, result.labels, value, numerator, denominator)

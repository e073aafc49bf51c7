"""Readings of a ledger that is read once."""

from collections.abc import Sequence

from aggregates.catalogue.catalogue import Catalogue
from aggregates.formula.values import Edges
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Segment
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.time.calendar import Calendar


def evaluate(
    catalogue: Catalogue,
    ledger: Ledger,
    calendar: Calendar,
    edges: Sequence[int] | Edges,
    segment: Segment | None = None,
    currency: str = "USD",
) -> list[Result]:
    """Reads every KPI at each edge."""
    return Reader(ledger, calendar).evaluate(catalogue, edges, segment, currency)

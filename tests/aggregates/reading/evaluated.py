"""Every KPI of a ledger, for the whole and for each segment that is shown."""

from collections.abc import Iterable, Sequence

import numpy as np

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from aggregates.formula.values import Edges
from aggregates.ledger.measure import Segment
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result


def evaluate_segments(
    reader: Reader,
    catalogue: Catalogue,
    edges: Sequence[int] | Edges,
    currency: str = "USD",
    kpis: Iterable[Kpi] | None = None,
) -> dict[Segment | None, list[Result]]:
    """Reads KPIs, by default all, at each edge, for the whole (``None``) and each segment."""
    shown = reader.segments(catalogue)
    columns = (None, *shown.members.values())
    tables = reader.tables(catalogue, np.array(edges, dtype=np.int64), columns, currency, kpis)
    return {
        segment: [result for table in tables for result in table.results(column)]
        for column, segment in enumerate((None, *shown.members))
    }

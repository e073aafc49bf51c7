"""Every KPI of a ledger, for the whole and for each segment that is shown."""

from collections.abc import Sequence

import numpy as np

from aggregates.catalogue.catalogue import Catalogue
from aggregates.formula.values import Edges
from aggregates.ledger.measure import Segment
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result


def evaluate_segments(
    reader: Reader, catalogue: Catalogue, edges: Sequence[int] | Edges, currency: str = "USD"
) -> dict[Segment | None, list[Result]]:
    """Reads every KPI at each edge, for the whole (``None``) and each segment."""
    shown = reader.segments(catalogue)
    columns = (None, *shown.members.values())
    tables = reader.tables(catalogue, np.array(edges, dtype=np.int64), columns, currency)
    return {
        segment: [result for table in tables for result in table.results(column)]
        for column, segment in enumerate((None, *shown.members))
    }

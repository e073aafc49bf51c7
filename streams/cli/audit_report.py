"""What ``tidemark audit`` says: a document for machines, and the same as lines for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from aggregates.ledger.difference import Difference
from aggregates.ledger.measure import Kind, Measure
from aggregates.rows.guest import own_id, path_of
from aggregates.rows.kind import RowKey
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_ms
from events import format_instant
from streams.cli.table import Column, table_lines

if TYPE_CHECKING:
    from streams.worker.audit import Audited

Document = Mapping[str, Any]

_COLUMNS: Final = ("partition", "records", "cells", "rows", "mismatch")


def audit_document(found: Sequence["Audited"], plan: Plan, at_ms: int) -> Document:
    """Returns what an audit found, as JSON has it.

    Args:
        found: By partition.
        plan: What the cells are named by.
        at_ms: When the board was as it was compared.
    """
    return {
        "at": format_instant(at_ms),
        "mismatch": sum(each.compared.mismatch for each in found),
        "partitions": [
            {
                "partition": each.partition,
                "records": each.compared.records,
                "cells": each.compared.cells,
                "rows": each.compared.rows,
                "mismatch": each.compared.mismatch,
                "left_out": sorted(each.left_out),
            }
            for each in found
        ],
        "cells": [
            {"partition": each.partition, **_cell(cell, plan)}
            for each in found
            for cell in each.cells
        ],
        "rows": [{"partition": each.partition, **_row(row)} for each in found for row in each.rows],
    }


def audit_lines(document: Document) -> Iterator[str]:
    """Yields the lines of a document: a table, then what differs."""
    rows = [[str(part[name]) for name in _COLUMNS] for part in document["partitions"]]
    yield from table_lines([Column(name, right=True) for name in _COLUMNS], rows)
    for part in document["partitions"]:
        if part["left_out"]:
            names = ", ".join(part["left_out"])
            yield f"partition {part['partition']}: not compared, since accounts wait: {names}"
    for cell in document["cells"]:
        labels = ", ".join(
            f'{name}="{value}"' for name, value in {**cell["labels"], **cell["segment"]}.items()
        )
        yield (
            f"partition {cell['partition']}: {cell['measure']}{{{labels}}} "
            f"{cell['from']} to {cell['to']}: board {cell['board']}, log {cell['log']}"
        )
    for row in document["rows"]:
        yield (
            f"partition {row['partition']}: row {row['id']} ({row['kind']}) of account "
            f"{row['account']}, read under {row['read_under']}: not what the log says"
        )
    shown = len(document["cells"]) + len(document["rows"])
    if (more := document["mismatch"] - shown) > 0:
        yield f"and {more} more"
    compared = sum(part["cells"] + part["rows"] for part in document["partitions"])
    if document["mismatch"]:
        yield f"{document['mismatch']} of {compared} cells and rows are not what the log says"
    else:
        yield f"equal: {compared} cells and rows of {len(document['partitions'])} partitions"


def _cell(cell: Difference, plan: Plan) -> Document:
    name, *values = cell.series
    return {
        "measure": name,
        "labels": _named(_labels(plan.measures.get(name)), values),
        "segment": _named(plan.policy.segments, cell.segment),
        "from": format_instant(edge_ms(cell.tile)),
        "to": format_instant(edge_ms(cell.tile + 1)),
        "board": cell.held,
        "log": cell.right,
    }


def _labels(measure: Measure | None) -> tuple[str, ...]:
    """Returns the names of what follows a measure's name in its series; none if it is unknown."""
    if measure is None:
        return ()
    window = ("window",) if measure.windows else ()
    bucket = ("bucket",) if measure.kind is Kind.DURATION else ()
    return (*window, *measure.labels, *measure.filters, *bucket)


def _named(names: Sequence[str], values: Sequence[str]) -> Mapping[str, str]:
    """Returns values by name, those without one by their place."""
    nameless = (str(place) for place in range(len(names), len(values)))
    return dict(zip((*names, *nameless), values, strict=False))


def _row(row: RowKey) -> Document:
    return {
        "kind": row.kind,
        "id": own_id(row.entity),
        "account": path_of(row.entity)[0],
        "read_under": row.account,
    }

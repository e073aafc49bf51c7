"""Tables of what the rows of an account say, as templates show them."""

from collections.abc import Sequence
from typing import Any, Final

from aggregates.catalogue.kpi import KpiUnit
from aggregates.formula.dimension import MICROS_A_UNIT
from aggregates.rows.told import Cell, Instant, Lasting, Money, Named, Share, Table
from exporters.pages.ticker import moment_of
from exporters.quantity import NARROW_SPACE, duration, number
from exporters.wording import NOTHING, change, figure

ROWS_MAX: Final = 50
"""Rows that are shown; of more it is said how many there are."""


def shown(table: Table, currency: str) -> dict[str, Any]:
    """Returns a table as templates show it."""
    return {
        "id": table.name,
        "title": table.title,
        "facts": [(name, text(cell, currency)) for name, cell in table.facts],
        "heads": table.heads,
        "rows": [_row(table, row, currency) for row in table.rows[:ROWS_MAX]],
        "more": len(table.rows[ROWS_MAX:]),
        "note": table.note,
    }


def _row(table: Table, row: Sequence[Cell], currency: str) -> list[str]:
    """Writes a row; amounts under the head of a change have a sign."""
    return [
        _signed(cell, currency)
        if head == "change" and isinstance(cell, Money)
        else text(cell, currency)
        for head, cell in zip(table.heads, row, strict=True)
    ]


def text(cell: Cell, currency: str) -> str:
    r"""Writes a cell.

    >>> text(Share(3, 4), "USD"), text(Lasting(90_000), "USD")
    ('3 of 4 (75\u202f%)', '1\u202fmin 30\u202fs')
    """
    match cell:
        case None:
            return NOTHING
        case Money():
            return figure(cell.micros / MICROS_A_UNIT, KpiUnit.MONEY, currency)
        case Instant():
            return moment_of(cell.at_ms)
        case Lasting():
            return duration(cell.ms / 1000)
        case Share():
            percent = 100 * cell.part / cell.whole if cell.whole else None
            told = "" if percent is None else f" ({number(percent, 0)}{NARROW_SPACE}%)"
            return f"{cell.part} of {cell.whole}{told}"
        case Named():
            named = [f"{name} {_signed(amount, currency)}" for name, amount in cell.parts]
            return ", ".join(named) or NOTHING
        case float():
            return f"{cell:g}"
        case _:
            return str(cell)


def _signed(amount: Money, currency: str) -> str:
    return change(amount.micros / MICROS_A_UNIT, KpiUnit.MONEY, currency)

"""Tables: the rows of an answer as CSV (RFC 4180, lines end in a line feed)."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

Cell = object
"""A text, a number, or None for no value."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet would compute."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads.

    Attributes:
        heads: Names of the columns.
        rows: Cells, in the order of the heads.
    """

    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]

    def csv(self) -> bytes:
        """Returns the table as CSV.

        Numbers are as they are. A text that a spreadsheet would compute has an apostrophe before
        it, since ids and labels come from outside.

        >>> Table(["account", "value"], [["=1+1", -2.5], ["a,b", None]]).csv().splitlines()
        [b'account,value', b"'=1+1,-2.5", b'"a,b",']
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.heads)
        writer.writerows([_guarded(cell) for cell in row] for row in self.rows)
        return text.getvalue().encode()


def labels_text(labels: Mapping[str, str]) -> str:
    """Returns labels as a cell of ``replay --format csv`` has them."""
    return ";".join(f"{name}={value}" for name, value in labels.items())


def labels_name(labels: Mapping[str, str]) -> str:
    """Returns a name of labels that fits any address: no two are alike, whatever values hold.

    >>> apart = {"region": "1;segment=2", "segment": "3"}, {"region": "1", "segment": "2;segment=3"}
    >>> len({labels_text(each) for each in apart}), len({labels_name(each) for each in apart})
    (1, 2)
    """
    return blake2b(repr(list(labels.items())).encode(), digest_size=12).hexdigest()


def _guarded(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell

"""Tables for people: a header, aligned columns, and the last one folded to the terminal's width."""

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len

GAP: Final = "  "
"""Between two columns."""

LAST_MIN: Final = 24
"""Cells that the last column gets at least: narrower, words are cut to pieces."""


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: What stands above it.
        right: Whether it is aligned at the right, as numbers are.
        width: Its width in cells where rows are not known beforehand; 0 for that of its rows.
    """

    title: str
    right: bool = False
    width: int = 0


def terminal_width() -> int | None:
    """Returns the columns of the terminal that standard output is, or None if it is none."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else None
    except (OSError, ValueError):
        return None


def table_lines(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None = None
) -> Iterator[str]:
    r"""Yields the lines of a table, its header first.

    Args:
        columns: The columns.
        rows: A text for each column, written ``plain``.
        width: Cells that a line may have; None for no limit.

    >>> columns = Column("kpi"), Column("value", right=True), Column("formula")
    >>> rows = ("mrr", "1,200", "mrr"), ("nps", "7", "a formula of many words, folded")
    >>> print(*table_lines(columns, rows, 38), sep="\n")
    KPI  VALUE  FORMULA
    mrr  1,200  mrr
    nps      7  a formula of many words,
                folded
    """
    sized = fitted(columns, rows)
    yield header(sized)
    for row in rows:
        yield from row_lines(sized, row, width)


def plain(text: str) -> str:
    r"""Returns a text as a terminal may show it: in one line, and nothing in it that it obeys.

    Ids come from whoever sends events. Control characters, which could move the cursor or set
    colours, and marks that turn the direction of writing are written as escapes.

    >>> print(plain("a\tb\x1b[31m"))
    a b\x1b[31m
    """
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in line
    )


def fitted(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> list[Column]:
    """Returns columns as wide as their titles and all rows need, and not narrower than before."""
    widths = [max(each.width, cell_len(each.title)) for each in columns]
    for row in rows:
        widths = [
            max(width, cell_len(plain(text))) for width, text in zip(widths, row, strict=True)
        ]
    return [each._replace(width=width) for each, width in zip(columns, widths, strict=True)]


def header(columns: Sequence[Column]) -> str:
    """Returns the line with the titles of columns whose widths are known."""
    [line] = row_lines(columns, [each.title.upper() for each in columns])
    return line


def row_lines(
    columns: Sequence[Column], row: Sequence[str], width: int | None = None
) -> Iterator[str]:
    """Yields the lines of one row; the widths of all columns but the last must be known.

    Args:
        columns: The columns.
        row: A text for each column.
        width: Cells that a line may have; None for no limit.
    """
    *first, last = map(plain, row)
    head = "".join(
        _padded(text, column) + GAP for text, column in zip(first, columns, strict=False)
    )
    if columns[-1].right:
        last = _padded(last, columns[-1])
    yield from folded(last, width, head)


def folded(text: str, width: int | None, head: str = "") -> Iterator[str]:
    """Yields the lines of a text behind a head, under which it goes on where it is too long.

    Args:
        text: The text.
        width: Cells that a line may have; None for no limit.
        head: What stands before the first line.
    """
    indent = cell_len(head)
    if not text or width is None or indent + cell_len(text) <= width:
        yield (head + text).rstrip()
        return
    first, *others = textwrap.wrap(text, max(width - indent, LAST_MIN), break_on_hyphens=False)
    yield head + first
    yield from (" " * indent + line for line in others)


def _padded(text: str, column: Column) -> str:
    space = " " * (column.width - cell_len(text))
    return space + text if column.right else text + space

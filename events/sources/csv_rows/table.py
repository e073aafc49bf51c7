"""The bytes of a CSV file cut into rows, whole ones and broken ones."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Final

from events.dialect import BYTE_ORDER_MARK
from events.sources.csv_rows.mapping import Column, Mapping, MappingError, unknown
from events.sources.csv_rows.telling import Account, Telling
from events.sources.records import Record

_DELIMITERS: Final = (",", ";", "\t", "|")
_SEP: Final = re.compile(rb"sep=(.)\s*", re.IGNORECASE)
"""A first line by which Excel is told the delimiter."""


class RowRecord(Record, frozen=True, gc=False):
    """One row of a file.

    Attributes:
        cells: Its cells, stripped.
        telling: The rules for its file.
        fault: Reason and need of the gap that it is; None if it has the cells of the header.
    """

    cells: tuple[str, ...] = ()
    telling: Telling | None = None
    fault: tuple[str, str] | None = None


class _Lines:
    """The lines of a file as text; what was read since it was last asked for is kept."""

    def __init__(self, lines: Iterable[bytes], encoding: str) -> None:
        self._lines = iter(lines)
        self._encoding = encoding
        self._read: list[bytes] = []
        self._broken = False
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self._read.append(line)
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError:
            self._broken = True
            return line.decode(self._encoding, "replace")

    def taken(self) -> tuple[bytes, bool]:
        """Returns the bytes of the lines since, and whether all of them were text."""
        raw, broken = b"".join(self._read), self._broken
        self._read, self._broken = [], False
        return raw.rstrip(b"\r\n"), not broken


class Header:
    """The names of a file's columns."""

    def __init__(self, names: Iterable[str]) -> None:
        """Takes the cells of the first row."""
        self.names = [name.strip() for name in names]

    def place(self, column: Column) -> int:
        """Returns where a column is, from 0 on.

        Raises:
            MappingError: If there is no such column, or there are several of the name.
        """
        if isinstance(column, int):
            if 1 <= column <= len(self.names):
                return column - 1
            raise MappingError(f"there is no column {column}, but {len(self.names)}")
        places = [at for at, name in enumerate(self.names) if name == column]
        if not places:
            raise unknown("column", column, self.names)
        if places[1:]:
            numbers = ", ".join(str(at + 1) for at in places)
            raise MappingError(f"several columns are {column!r}: name its place, {numbers}")
        return places[0]


def rows(
    name: str, file: IO[bytes], mapping: Mapping, source: str, account: Account
) -> Iterator[RowRecord]:
    """Yields the rows of a file.

    Raises:
        MappingError: If the header lacks a column of the mapping.
    """
    lines, header, delimiter = _opened(name, file, mapping)
    if header is None:
        return
    try:
        telling = Telling(mapping, source, account, header.place)
    except MappingError as error:
        raise MappingError(f"{name}: {error}") from error
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    empty = frozenset(mapping.empty)
    while True:
        number = lines.number + 1
        fault: tuple[str, str] | None = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = ("unreadable_row", f"quotes that are closed, and lines that end: {error}")
        raw, is_text = lines.taken()
        if fault is None and not raw.strip():
            continue  # an empty line is no row
        if not is_text:
            fault = ("not_text", _not_text(mapping.encoding))
        elif fault is None and len(cells) != len(header.names):
            fault = ("wrong_cells", f"{len(header.names)} cells, as the header has")
        stripped = tuple(map(str.strip, cells))
        if empty:
            stripped = tuple("" if cell in empty else cell for cell in stripped)
        yield RowRecord(raw, name, number, 0, stripped, telling, fault)


def _opened(name: str, file: IO[bytes], mapping: Mapping) -> tuple[_Lines, Header | None, str]:
    """Reads the header; returns the lines after it, what they begin with, and what parts cells."""
    first = file.readline().removeprefix(BYTE_ORDER_MARK)
    given: str | None = mapping.delimiter
    told = _SEP.fullmatch(first)
    skipped = 0
    if told is not None:
        given, skipped = given or told[1].decode("latin-1"), 1
        first = file.readline()
    while first and first.isspace():
        first, skipped = file.readline(), skipped + 1
    lines = _Lines(chain([first] if first else [], file), mapping.encoding)
    lines.number = skipped
    delimiter = given or _delimiter(first.decode(mapping.encoding, "replace"), mapping)
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        raise MappingError(f"{name}: its header cannot be read: {error}") from error
    _, is_text = lines.taken()
    if cells is None:
        return lines, None, delimiter
    if not is_text:
        raise MappingError(f"{name}: its header is no text: {_not_text(mapping.encoding)}")
    return lines, Header(cells), delimiter


def _not_text(encoding: str) -> str:
    other = "windows-1252" if encoding.lower().startswith("utf") else "utf-8"
    return f"its encoding in the mapping, such as {other!r}: it is not {encoding}"


def _delimiter(line: str, mapping: Mapping) -> str:
    """Returns the delimiter by which a header has the most of the columns that are named."""
    named = columns_of(mapping)

    def found(delimiter: str) -> int:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        return len(named & {cell.strip() for cell in cells})

    return max(_DELIMITERS, key=found)


def columns_of(mapping: Mapping) -> set[Column]:
    """Returns the columns that a mapping names.

    Raises:
        MappingError: If it asks for what there is not, whatever the file.
    """
    named: set[Column] = set()

    def place(column: Column) -> int:
        named.add(column)
        return 0

    Telling(mapping, "", str, place)
    return named

"""Catalogue files: the KPI tables of a text, each with the line that it is written in.

Text comes in as an argument; the only file read here is the one that is part of the package.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final

from events.errors import TidemarkError

SHIPPED: Final = "catalogue.toml"
"""The shipped catalogue, beside this module."""

IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_]*")
"""What names of KPIs and labels look like."""

_ID_LINE: Final = re.compile(r"""\s*id\s*=\s*(["'])(?P<id>.*?)\1""")
_HEADER_LINE: Final = re.compile(r"\s*\[\[\s*kpi\s*\]\]")
_TOML_LINE: Final = re.compile(r"at line (\d+)")


class CatalogueError(TidemarkError, ValueError):
    """A catalogue cannot be used; the message has file, line, KPI and what is wrong."""


@dataclass(frozen=True, slots=True)
class Source:
    """A catalogue file: its name, for messages, and its text."""

    name: str
    text: str


def shipped_source() -> Source:
    """Returns the catalogue that is part of the package."""
    return Source(SHIPPED, files("aggregates").joinpath(SHIPPED).read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a KPI is written."""

    file: str
    line: int
    kpi: str

    def error(self, problem: str) -> CatalogueError:
        """Makes an error of what is wrong there."""
        return CatalogueError(f"{self.file}:{self.line}: KPI {self.kpi}: {problem}")


def tables_of(source: Source) -> list[tuple[Place, dict[str, Any]]]:
    """Returns the KPI tables of one file with their places.

    Raises:
        CatalogueError: If it is no such file, or an id is malformed or taken.
    """
    try:
        document = tomllib.loads(source.text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        match = _TOML_LINE.search(str(error))
        line = int(match[1]) if match else source.text.count("\n") + 1
        raise CatalogueError(f"{source.name}:{line}: not TOML: {error}") from error
    tables = document.pop("kpi", [])
    if document:
        raise CatalogueError(
            f"{source.name}:1: unknown table {next(iter(document))!r}, not [[kpi]]"
        )
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise CatalogueError(f"{source.name}:1: KPIs are [[kpi]] tables")
    places = _places(source, tables)
    seen: dict[str, int] = {}
    for place in places:
        if place.kpi in seen:
            raise place.error(f"the id is taken already, at line {seen[place.kpi]}")
        seen[place.kpi] = place.line
    return list(zip(places, tables, strict=True))


def _places(source: Source, tables: Sequence[dict[str, Any]]) -> list[Place]:
    """Finds the line of each table: tomllib keeps none, so the text is searched for the ids."""
    lines = source.text.splitlines()
    headers = [n for n, line in enumerate(lines, 1) if _HEADER_LINE.match(line)]
    ids: dict[str, list[int]] = {}
    for number, line in enumerate(lines, 1):
        if match := _ID_LINE.match(line):
            ids.setdefault(match["id"], []).append(number)
    places = []
    for index, table in enumerate(tables):
        header = headers[index] if index < len(headers) else 1
        name = table.get("id")
        if not isinstance(name, str) or not IDENTIFIER.fullmatch(name):
            problem = "a KPI needs an id of small letters, digits and _"
            raise CatalogueError(f"{source.name}:{header}: KPI {name!r}: {problem}")
        found = ids.get(name)
        places.append(Place(source.name, found.pop(0) if found else header, name))
    return places

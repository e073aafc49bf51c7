"""The catalogue: KPIs as data, read from TOML and checked against the measures that exist.

A user's own file adds KPIs, or replaces single fields of the shipped ones by id. Text comes in as
an argument; the only file read here is the one that is part of the package.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import msgspec

from aggregates.calendar import ROLLING_DAYS
from aggregates.dimension import COUNT, PLAIN, TIME, Checker, Dimension
from aggregates.formula import Binary, Formula, FormulaError, Mean, reads
from aggregates.kpi import Good, Kpi, KpiUnit, Target, Variant
from aggregates.measure import Measure
from aggregates.parser import parse

SHIPPED: Final = "catalogue.toml"
"""The shipped catalogue, beside this module."""

WINDOW_NAMES: Final = (*ROLLING_DAYS, "month")
"""Windows that a KPI may have."""

RESERVED_LABELS: Final = frozenset({"window", "currency", "segment", "le", "job", "instance"})
"""Labels that are set elsewhere: by the reading, the exporter, or Prometheus."""

_IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_]*")
_ID_LINE: Final = re.compile(r"""\s*id\s*=\s*(["'])(?P<id>.*?)\1""")
_HEADER_LINE: Final = re.compile(r"\s*\[\[\s*kpi\s*\]\]")
_TOML_LINE: Final = re.compile(r"at line (\d+)")


class CatalogueError(ValueError):
    """A catalogue cannot be used; the message has file, line, KPI and what is wrong."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[kpi]]`` table, as written."""

    id: str
    code: str
    family: str
    title: str
    unit: KpiUnit
    description: str
    source: str
    good: Good = Good.NONE
    formula: str | None = None
    variants: dict[str, str] | None = None
    windows: tuple[str, ...] = ()
    labels: dict[str, str] = {}  # msgspec copies defaults
    values: dict[str, tuple[str, ...]] = {}
    targets: dict[str, str] = {}
    seeds: tuple[str, ...] = ()
    dashboards: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A catalogue file: its name, for messages, and its text."""

    name: str
    text: str


class Catalogue:
    """KPIs by id, in the order of the files, and the measures that they read."""

    def __init__(self, kpis: Iterable[Kpi], measures: Mapping[str, Measure]) -> None:
        """Takes checked KPIs."""
        self.measures = measures
        self._kpis = {kpi.id: kpi for kpi in kpis}

    def __iter__(self) -> Iterator[Kpi]:
        return iter(self._kpis.values())

    def __len__(self) -> int:
        return len(self._kpis)

    def __contains__(self, kpi_id: object) -> bool:
        return kpi_id in self._kpis

    def __getitem__(self, kpi_id: str) -> Kpi:
        return self._kpis[kpi_id]

    def measures_of(self, kpi: Kpi) -> tuple[str, ...]:
        """Gives the names of the measures that a KPI reads, in order of appearance."""
        names = [read.measure for variant in kpi.variants for read in reads(variant.formula)]
        return tuple(dict.fromkeys(names))


def shipped_source() -> Source:
    """Gives the catalogue that is part of the package."""
    return Source(SHIPPED, files("aggregates").joinpath(SHIPPED).read_text(encoding="utf-8"))


def load(measures: Iterable[Measure], *sources: Source) -> Catalogue:
    """Reads and checks a catalogue.

    Args:
        measures: The measures that formulas may read.
        sources: Files in order; a later one adds KPIs, or replaces fields of earlier ones by id.

    Raises:
        CatalogueError: If a file or a KPI is not right.
    """
    known = {measure.name: measure for measure in measures}
    raws: dict[str, tuple[_Place, dict[str, Any]]] = {}
    for source in sources:
        for place, raw in _tables(source):
            before = raws.get(place.kpi)
            raws[place.kpi] = place, raw if before is None else _replaced(before[1], raw)
    checker = Checker(known, WINDOW_NAMES)
    return Catalogue([_kpi(place, raw, checker) for place, raw in raws.values()], known)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a KPI is written."""

    file: str
    line: int
    kpi: str

    def error(self, problem: str) -> CatalogueError:
        return CatalogueError(f"{self.file}:{self.line}: KPI {self.kpi}: {problem}")


def _tables(source: Source) -> list[tuple[_Place, dict[str, Any]]]:
    """Gives the KPI tables of one file with their places."""
    try:
        document = tomllib.loads(source.text)
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


def _places(source: Source, tables: Sequence[dict[str, Any]]) -> list[_Place]:
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
        if not isinstance(name, str) or not _IDENTIFIER.fullmatch(name):
            problem = "a KPI needs an id of small letters, digits and _"
            raise CatalogueError(f"{source.name}:{header}: KPI {name!r}: {problem}")
        found = ids.get(name)
        places.append(_Place(source.name, found.pop(0) if found else header, name))
    return places


def _replaced(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Puts the fields of a later file over those of an earlier one; one way to say the formula."""
    if "formula" in after or "variants" in after:
        before = {k: v for k, v in before.items() if k not in ("formula", "variants")}
    return before | after


def _kpi(place: _Place, raw: dict[str, Any], checker: Checker) -> Kpi:
    try:
        entry = msgspec.convert(raw, Entry)
    except msgspec.ValidationError as error:
        raise place.error(str(error)) from error
    _check_windows(place, entry.windows)
    label, texts = _texts(place, entry)
    windows: tuple[str | None, ...] = entry.windows or (None,)
    variants = tuple(
        _variant(place, value, text, entry.unit, windows, checker) for value, text in texts
    )
    _check_labels(place, entry, label, variants)
    try:
        targets = tuple(Target.read(name, text) for name, text in entry.targets.items())
    except ValueError as error:
        raise place.error(str(error)) from error
    return Kpi(
        id=entry.id,
        code=entry.code,
        family=entry.family,
        title=entry.title,
        description=" ".join(entry.description.split()),
        source=entry.source,
        unit=entry.unit,
        good=entry.good,
        variants=variants,
        variant_label=label,
        windows=entry.windows,
        labels=tuple(sorted(entry.labels.items())),
        values=entry.values,
        targets=targets,
        seeds=entry.seeds,
        dashboards=entry.dashboards,
    )


def _check_windows(place: _Place, windows: Collection[str]) -> None:
    for window in windows:
        if window not in WINDOW_NAMES:
            known = ", ".join(WINDOW_NAMES)
            raise place.error(f"unknown window {window!r}, only {known}")
    if len(set(windows)) < len(windows):
        raise place.error("a window is listed twice")


def _texts(place: _Place, entry: Entry) -> tuple[str | None, list[tuple[str | None, str]]]:
    """Gives the variant label and the formulas by its values."""
    if (entry.formula is None) == (entry.variants is None):
        raise place.error("needs either a formula or variants")
    if entry.formula is not None:
        return None, [(None, entry.formula)]
    variants = dict(entry.variants or {})
    label = variants.pop("label", None)
    if label is None or not variants:
        raise place.error("variants need a label and a formula for each of its values")
    return label, list(variants.items())


def _check_labels(
    place: _Place, entry: Entry, label: str | None, variants: tuple[Variant, ...]
) -> None:
    names = [*entry.labels, *([label] if label else []), *variants[0].labels]
    for name in names:
        if not _IDENTIFIER.fullmatch(name) or name in RESERVED_LABELS or names.count(name) > 1:
            raise place.error(f"label {name!r} cannot be used: malformed, reserved or used twice")
    for variant in variants[1:]:
        if variant.labels != variants[0].labels:
            raise place.error("its formulas have different labels")
    for name in entry.values:
        if name not in variants[0].labels:
            raise place.error(f"values are given for unknown label {name!r}")


def _variant(
    place: _Place,
    value: str | None,
    text: str,
    unit: KpiUnit,
    windows: Iterable[str | None],
    checker: Checker,
) -> Variant:
    try:
        formula = parse(text)
        for window in windows:  # each may miss in another measure
            shape = checker.shape(formula, window)
            parts = _parts(formula, window, checker)
    except FormulaError as error:
        named = "" if value is None else f"variant {value}: "
        raise place.error(f"{named}{error}") from error
    dimension = shape.dimension or (unit.dimensions[0] if parts is None else PLAIN)
    if dimension not in unit.dimensions:
        wanted = " or ".join(map(str, unit.dimensions))
        raise place.error(f"unit {unit} is {wanted}, but {text!r} gives {dimension}")
    return Variant(value, text.strip(), formula, dimension, parts, shape.labels)


def _parts(
    formula: Formula, window: str | None, checker: Checker
) -> tuple[Dimension, Dimension] | None:
    """Gives what numerator and denominator count, if the formula is a quotient or a mean."""
    match formula:
        case Binary(operator="/", left=left, right=right):
            above, below = (checker.shape(side, window).dimension for side in (left, right))
            return above or PLAIN, below or PLAIN
        case Mean():
            return TIME, COUNT
        case _:
            return None

"""Hand-made ledgers and one-line catalogues for tests of readings."""

from math import isnan

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Segment
from aggregates.reading.table import Result
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILES_A_DAY, edge_at
from events.instant import parse_instant
from tests.aggregates.catalogue.kpi_measures import MEASURES
from tests.aggregates.reading.readings import evaluate

SHIPPED = load(MEASURES, shipped_source())
UTC = Calendar()
SMB, BIG = ("smb",), ("enterprise",)
MICROS = 1_000_000
DAY = TILES_A_DAY

JANUARY = edge_at(parse_instant("2026-01-01T00:00:00Z"))
FEBRUARY = edge_at(parse_instant("2026-02-01T00:00:00Z"))
"""Reading at the first edge of February gives all of January."""


def ledger_of(*cells: tuple[tuple[str, ...], int, int], segment: Segment = SMB) -> Ledger:
    """Returns a ledger of contributions under one segment."""
    ledger = Ledger()
    ledger.apply(cells, segment)
    return ledger


def one(
    formula: str,
    windows: str = "[]",
    unit: str = "count",
    more: str = "",
) -> Catalogue:
    """Returns a catalogue of one KPI named ``one``."""
    text = f"""
[[kpi]]
id = "one"
code = "T"
family = "test"
title = "One"
description = "One."
source = "none"
unit = "{unit}"
windows = {windows}
formula = '''{formula}'''
{more}
"""
    return load(MEASURES, Source("one.toml", text))


def read(
    ledger: Ledger,
    edge: int,
    catalogue: Catalogue = SHIPPED,
    segment: Segment | None = None,
) -> dict[tuple[str, ...], float]:
    """Every value at one edge by KPI id and label values, in the order of the label names."""
    results = evaluate(catalogue, ledger, UTC, [edge], segment)
    return {key(result): float(result.values[0]) for result in results if not is_nan(result)}


def key(result: Result) -> tuple[str, ...]:
    """Returns a result's KPI id and label values."""
    return (result.kpi.id, *(value for _, value in result.labels))


def is_nan(result: Result) -> bool:
    """Returns whether a result has no value at its only edge."""
    return isnan(result.values[0])

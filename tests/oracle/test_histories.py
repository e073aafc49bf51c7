"""Histories of made-up companies: the ledger against SQL over the raw events."""

from math import isclose

import numpy as np
import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.reading.table import Result
from aggregates.time.tile import TILE_MS
from tests.aggregates.reading.readings import evaluate
from tests.oracle.conftest import History
from tests.oracle.histories import PLAN, folded
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Place

QUANTILE_ERROR = 0.01
"""The stated relative error of a quantile."""
ROUNDING_MS = 1.0
"""Below a second buckets are milliseconds: half of one may be lost."""
FLOAT_ERROR = 1e-14
"""Relative: a scale may be applied before or after a division."""


def _results(history: History) -> dict[Place, tuple[float, float, float]]:
    """Reads every KPI: value, numerator and denominator, NaN where there is none."""
    shipped = load(PLAN.measures.values(), shipped_source())
    edges = [edge_ms // TILE_MS for edge_ms in history.edges_ms]
    found = {}
    for result in evaluate(shipped, history.ledger, PLAN.calendar, edges):
        labels = tuple(f"{name}={value}" for name, value in result.labels)
        for column, edge_ms in enumerate(history.edges_ms):
            found[Place(edge_ms, result.kpi.id, labels)] = _at(result, column)
    return found


def _at(result: Result, column: int) -> tuple[float, float, float]:
    above = np.nan if result.numerator is None else result.numerator[column]
    below = np.nan if result.denominator is None else result.denominator[column]
    return float(result.values[column]), float(above), float(below)


def test_every_figure_is_the_oracles(history: History) -> None:
    """Every measure at every edge and window, by segment, is SQL's: integer for integer."""
    assert not differences(history.ledger, PLAN, history.oracle.figures(), history.edges_ms)


def test_partitions_add_up(history: History) -> None:
    """Split over three partitions, in another order, the ledgers merge to the same one."""
    assert folded(history.lines[::-1], 3, settle_every=11) == history.ledger


def test_ratios(history: History) -> None:
    """KPIs divide what SQL divides, and have no value where it would divide by 0."""
    results = _results(history)
    quotients = history.oracle.quotients()
    assert quotients
    for place, (above, below) in quotients.items():
        value, numerator, denominator = results[place]
        assert (numerator, denominator) == (above, below), place
        if below:
            assert isclose(value, above / below, rel_tol=FLOAT_ERROR), place
        else:
            assert np.isnan(value), place


def test_lifetime_values(history: History) -> None:
    """Lifetime value is SQL's at every edge, and is missing where SQL has none."""
    shown = {
        place.edge_ms: value
        for place, (value, _, _) in _results(history).items()
        if place.kpi == "ltv" and not np.isnan(value)
    }
    wanted = history.oracle.lifetime_values()
    assert wanted
    assert shown == pytest.approx(wanted, rel=1e-12)


def test_quantiles(history: History) -> None:
    """Quantiles of durations are within 1 % of the exact ones, and there are no others."""
    results = _results(history)
    quantiles = history.oracle.quantiles()
    assert quantiles
    for place, exact in quantiles.items():
        tolerance = max(QUANTILE_ERROR * exact, ROUNDING_MS / 1_000)
        assert abs(results[place][0] - exact) <= tolerance, place
    shown = {
        place
        for place, (value, _, _) in results.items()
        if any(label.startswith("stat=p") for label in place.labels) and not np.isnan(value)
    }
    assert shown == set(quantiles)

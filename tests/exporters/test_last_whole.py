"""The figures of the last whole day and month: as a replay at its end gives them."""

from math import isfinite

from aggregates.catalogue.running import last_whole, running_windows
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from exporters.figures import live_figures
from exporters.series import metric_families
from tests.exporters import simulated

NOON = simulated.END_MS // TILE_MS
MIDNIGHT = NOON - NOON % TILES_A_DAY
ENDS = {"day": MIDNIGHT, "month": MIDNIGHT - 26 * TILES_A_DAY}
"""Of the last whole ones, on February 27."""


def test_they_are_what_a_replay_of_then_gives() -> None:
    """Of each KPI that may be running, over just the windows that run; to the last bit."""
    catalogue = simulated.shipped()
    figures = live_figures(simulated.reader(), catalogue, NOON, "USD")
    spans = {
        (kpi.id, window): span
        for kpi in catalogue
        for span, windows in running_windows(kpi, catalogue.measures).items()
        for window in windows
    }
    shown = {
        (result.kpi.id, result.labels): float(result.values[0])
        for table in figures.last_whole
        for result in table.results(0)
    }
    right = {
        (result.kpi.id, result.labels): float(value)
        for span, end in ENDS.items()
        for result in simulated.at([end])
        for value in result.values
        if spans.get((result.kpi.id, dict(result.labels).get("window", ""))) == span
    }
    assert len(right) > 40
    assert {k: v for k, v in shown.items() if isfinite(v)} == {
        k: v for k, v in right.items() if isfinite(v)
    }


def test_they_are_exposed_under_a_name_of_their_own() -> None:
    """``cs_last_whole_<id>`` is there for just those KPIs that may be running."""
    catalogue = simulated.shipped()
    figures = live_figures(simulated.reader(), catalogue, NOON, "USD")
    named = {
        family.name.removeprefix("cs_last_whole_")
        for family in metric_families(catalogue, figures)
        if family.name.startswith("cs_last_whole_")
    }
    assert named == {k.id for k in catalogue if running_windows(k, catalogue.measures)}
    assert {"daily_usage_ratio", "new_mrr"} <= named
    assert "mrr" not in named


def test_at_its_end_a_day_is_whole_itself() -> None:
    """So the series never has a gap."""
    calendar = simulated.PLAN.calendar
    assert last_whole("day", MIDNIGHT, calendar) == MIDNIGHT
    figures = live_figures(simulated.reader(), simulated.shipped(), MIDNIGHT, "USD")
    [table] = [each for each in figures.last_whole if each.kpi.id == "daily_usage_ratio"]
    [whole] = table.results(0)
    [now] = [r for r in figures.results if r.kpi.id == "daily_usage_ratio"]
    assert whole.values.tolist() == now.values.tolist()

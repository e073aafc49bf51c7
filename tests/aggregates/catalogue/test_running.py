"""Running figures: found from formulas and windows, and where their last whole span ended."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.catalogue.running import last_whole, running_span, running_windows
from aggregates.shard.plan import Plan
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILE_MS

OWN = """
[[kpi]]
id = "new_mrr_so_far"
code = "+"
family = "revenue"
title = "New MRR so far"
formula = "new_mrr"
unit = "money"
windows = ["quarter", "year", "1d"]
good = "up"
source = "subscription.*"
description = "So far."

[[kpi]]
id = "new_mrr_share"
code = "+"
family = "revenue"
title = "New MRR of the month"
formula = 'in_window(new_mrr, "month") / mrr'
unit = "ratio"
good = "up"
source = "subscription.*"
description = "So far."
"""


def catalogue() -> Catalogue:
    """Returns the shipped KPIs, and others."""
    return load(Plan().measures.values(), shipped_source(), Source("own.toml", OWN))


def edge(zone: str, *moment: int) -> int:
    """Returns the edge at a local time."""
    at = datetime(*moment, tzinfo=ZoneInfo(zone))  # type: ignore[misc,arg-type]
    return int(at.timestamp() * 1000) // TILE_MS


@pytest.mark.parametrize(
    ("kpi", "window", "span"),
    [
        ("daily_usage_ratio", "1d", "day"),
        ("active_users", "1d", "day"),
        ("active_users", "7d", None),
        ("active_users", "30d", None),
        ("tickets_created", "1d", None),
        ("tickets_created", "month", "month"),
        ("new_mrr_so_far", "year", "year"),
        ("new_mrr_so_far", "quarter", "quarter"),
        ("new_mrr_so_far", "1d", None),
        ("new_mrr_share", None, "month"),
        ("mrr", None, None),
        ("kpi_target", None, None),
    ],
)
def test_which_figures_are_of_a_running_span(
    kpi: str, window: str | None, span: str | None
) -> None:
    """Those to date, and those of one local day; the last 24 hours are always whole."""
    known = catalogue()
    assert running_span(known[kpi], window, known.measures) == span


def test_windows_by_span() -> None:
    """A KPI may be of several spans, each over its own windows."""
    known = catalogue()
    found = running_windows(known["new_mrr_so_far"], known.measures)
    assert found == {"quarter": ("quarter",), "year": ("year",)}
    assert running_windows(known["mrr"], known.measures) == {}
    assert running_windows(known["new_mrr_share"], known.measures) == {"month": ()}


@pytest.mark.parametrize(
    ("span", "now", "end"),
    [
        ("day", (2026, 3, 30, 0, 15), (2026, 3, 30)),
        ("day", (2026, 3, 30), (2026, 3, 30)),
        ("day", (2026, 3, 29, 23, 45), (2026, 3, 29)),
        ("month", (2026, 4, 1, 0, 15), (2026, 4, 1)),
        ("month", (2026, 4, 1), (2026, 4, 1)),
        ("month", (2026, 3, 31, 23, 45), (2026, 3, 1)),
        ("quarter", (2026, 3, 31, 12), (2026, 1, 1)),
        ("year", (2026, 1, 1), (2026, 1, 1)),
    ],
)
def test_the_last_whole_span_ends_in_the_reporting_zone(
    span: str, now: tuple[int, ...], end: tuple[int, ...]
) -> None:
    """At its end a span is whole itself; clocks may have been put forward in it."""
    zone = "Europe/Berlin"
    assert last_whole(span, edge(zone, *now), Calendar(zone)) == edge(zone, *end)

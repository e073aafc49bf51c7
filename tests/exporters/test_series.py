"""Families: the same series and values, at one edge as in a grid; none before it came to be."""

from collections.abc import Sequence

import numpy as np
import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source
from aggregates.ledger.buckets import kept_as
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Kind, Measure, Unit
from aggregates.reading.reader import Reader
from aggregates.time.calendar import Calendar
from exporters.figures import figures_at, live_figures
from exporters.series import SERIES_MAX, metric_families
from tests.exporters import company

EDGE = company.EDGE
DAY = 96

Shown = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def shown(held: Ledger, edges: Sequence[int], series_max: int = SERIES_MAX) -> list[Shown]:
    """Returns every sample at each edge, of one grid."""
    array = np.array(edges, dtype=np.int64)
    figures = figures_at(Reader(held, company.calendar()), company.catalogue(), array, "USD")
    found: list[Shown] = [{} for _ in edges]
    for family in metric_families(company.catalogue(), figures, series_max=series_max):
        for series in family.series:
            for place, value in enumerate(series.values.tolist()):
                if value == value:
                    key = series.name, tuple(sorted(series.labels))
                    assert key not in found[place]
                    found[place][key] = value
    return found


def names(samples: Shown) -> set[str]:
    """Returns the names of some samples."""
    return {name for name, _ in samples}


@pytest.mark.parametrize("series_max", [1, 2, 3, 25, SERIES_MAX])
def test_a_grid_is_its_edges_one_by_one(series_max: int) -> None:
    """A grid shows at each edge what that edge alone shows, whatever is left out for being too
    many."""
    held = company.ledger()
    for number in range(6):
        held.add(("overdue", f"o{number}"), ("smb",), EDGE - 50 * number, 1)
        held.add(("paying",), (f"s{number}",), EDGE - 70 * number, 1)
    edges = [EDGE - 500 * DAY, *range(EDGE - 400, EDGE + 40, 20), EDGE + 40 * DAY]
    alone = [shown(held, [edge], series_max)[0] for edge in edges]
    assert shown(held, edges, series_max) == alone


def test_the_future_shows_nothing() -> None:
    """What is known of the future, a label's value, a segment or a wait, is not shown before."""
    before, after = Ledger(), company.ledger()
    before.add(("mrr",), ("smb",), EDGE - 10, 5_000_000)
    after = Ledger()
    after.merge(before)
    after.add(("mrr",), ("enterprise",), EDGE, 7_000_000)
    after.add(("overdue", "zoe"), ("smb",), EDGE + 3, 1)
    after.add(("churned",), ("smb",), EDGE, 1)
    for bucket, amount in kept_as(90_000):
        after.add(("reply", "7d", bucket), ("smb",), EDGE + 1, amount)
    edges = [EDGE - 20, EDGE - 9, EDGE]
    assert shown(after, edges) == shown(before, edges)
    assert shown(after, [EDGE + 5]) != shown(before, [EDGE + 5])


def test_what_has_no_series_yet_is_not_compared() -> None:
    """Of a KPI whose labels have no value there is neither a week ago nor a last whole month."""
    text = """
[[kpi]]
id = "signups"
code = "+"
family = "f"
title = "Signups"
formula = "signups"
unit = "count"
windows = ["7d", "month"]
good = "up"
week_alert = 0.1
source = "s"
description = "d"
"""
    signups = Measure.flow("signups", "Some.", labels=("channel",))
    catalogue = load([signups], Source("t.toml", text))
    held, named = Ledger(), []
    for _ in range(2):
        figures = live_figures(Reader(held, Calendar()), catalogue, EDGE, "USD")
        named.append([family.name for family in metric_families(catalogue, figures)])
        held.add(("signups", "web"), ("smb",), EDGE - 40 * DAY, 1)
    shown = ["cs_signups", "cs_week_ago_signups", "cs_last_whole_signups", "cs_by_segment_signups"]
    assert named == [shown[:1], shown]


def test_a_segment_begins_with_its_first_cell() -> None:
    """A segment's sums, which are 0 where nothing moved, are shown from its first movement on."""
    held = Ledger()
    held.add(("mrr",), ("smb",), EDGE - 10, 5_000_000)
    held.add(("mrr",), ("enterprise",), EDGE - 5, 5_000_000)
    early, first, both = shown(held, [EDGE - 10, EDGE - 9, EDGE])
    assert not any("cs_by_segment" in name for name in names(early))
    assert {dict(labels).get("segment") for _, labels in first} == {None, "smb"}
    assert {dict(labels).get("segment") for _, labels in both} == {None, "smb", "enterprise"}


def test_unknown_segments_are_not_told_apart() -> None:
    """While no account has a known attribute there are no segments; then unknown is one too."""
    held = Ledger()
    held.add(("mrr",), ("unknown",), EDGE - 10, 5_000_000)
    held.add(("mrr",), ("smb",), EDGE - 5, 5_000_000)
    early, late = shown(held, [EDGE - 7, EDGE])
    assert {dict(labels).get("segment") for _, labels in early} == {None}
    assert {dict(labels).get("segment") for _, labels in late} == {None, "smb", "unknown"}


LABELLED = Measure("wait", Kind.DURATION, Unit.MS, "Waits.", labels=("team",), windows=("7d",))

WAITS = """
[[kpi]]
id = "waits"
code = "W1"
family = "team"
title = "Waits"
formula = "mean(wait)"
unit = "seconds"
windows = ["7d"]
good = "down"
source = "task.*"
description = "Waits by team."
"""


def test_parts_and_histograms_of_a_label_begin_with_it() -> None:
    """Numerator, denominator and histogram of a label's value begin with its first movement."""
    kpis = load([LABELLED], Source("test.toml", WAITS))
    held = Ledger()
    for team, tile in (("a", EDGE - 10), ("b", EDGE - 5)):
        for bucket, amount in kept_as(90_000):
            held.add(("wait", "7d", team, bucket), ("unknown",), tile, amount)
    edges = np.array([EDGE - 10, EDGE - 7, EDGE], dtype=np.int64)
    figures = figures_at(Reader(held, company.calendar()), kpis, edges, "USD")
    counts = {
        (series.name, dict(series.labels)["team"]): np.isfinite(series.values).tolist()
        for family in metric_families(kpis, figures)
        for series in family.series
    }
    for name in ("", "_numerator", "_denominator", "_distribution_bucket", "_distribution_gsum"):
        assert counts[f"cs_waits{name}", "a"] == [False, True, True]
        assert counts[f"cs_waits{name}", "b"] == [False, False, True]


def test_only_segments_that_are_shown_are_made() -> None:
    """Of many segments so many series are made as a metric may have; the rest is counted."""
    held = Ledger()
    for number in range(40):
        held.add(("mrr",), (f"s{number:02}",), EDGE - 10 - number, 1_000_000)
    edges = np.array([EDGE], dtype=np.int64)
    figures = figures_at(Reader(held, company.calendar()), company.catalogue(), edges, "USD")
    families = metric_families(company.catalogue(), figures, series_max=3)
    family = next(family for family in families if family.name == "cs_by_segment_mrr")
    assert [dict(one.labels)["segment"] for one in family.series] == ["s00", "s01", "s02"]
    assert [one.values.tolist() for one in family.series] == [[1.0]] * 3
    assert family.dropped == 37


def test_what_is_left_out_is_counted() -> None:
    """Samples beyond the cap are counted, edge by edge."""
    held = Ledger()
    for number in range(5):
        held.add(("overdue", f"o{number}"), ("unknown",), EDGE - 10 * number, 1)
    edges = np.array([EDGE - 35, EDGE - 15, EDGE + 1], dtype=np.int64)
    figures = figures_at(Reader(held, company.calendar()), company.catalogue(), edges, "USD")
    dropped = {
        f.name: f.dropped for f in metric_families(company.catalogue(), figures, series_max=2)
    }
    assert dropped["cs_tasks_overdue"] == 0 + 1 + 3

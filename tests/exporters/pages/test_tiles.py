"""Tiles of the simulated company: what they say is what replay says, for every view."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Final

import pytest

from aggregates.catalogue.headline import Headline, main_window
from aggregates.catalogue.kpi import Kpi
from aggregates.reading.by_segment import read_by_segment
from aggregates.reading.table import Result
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from exporters.pages.groups import groups_of, is_about_kpis
from exporters.pages.pages import Pages
from exporters.pages.view import View, segment_name
from exporters.quantity import NARROW_SPACE
from exporters.wording import figure
from tests.exporters import simulated

EDGE: Final = simulated.END_MS // TILE_MS
MIDNIGHT: Final = EDGE - EDGE % TILES_A_DAY
"""The begin of the running day, in UTC."""

_TILE: Final = re.compile(r'<article class="tile" id="(\w+)"([^>]*)>(.*?)</article>', re.DOTALL)
_DATA: Final = re.compile(r'<data value="([^"]*)" title="[^"]*">([^<&]*)')


@pytest.fixture(scope="module")
def pages() -> Pages:
    """The pages of the simulated company at noon."""
    return Pages(simulated.live(EDGE), "0")


def tiles(pages: Pages, query: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns the tiles of a page, by KPI."""
    content = pages.at("/", query or {})
    assert content is not None
    return {name: text for name, _, text in _TILE.findall(content.text)}


def headline_of(results: list[Result], kpi: Kpi, window: str | None) -> Result | None:
    """Returns the headline of a KPI over a window, among all results."""
    headline = Headline.of(kpi)
    if headline is None:
        return None
    for result in results:
        labels = dict(result.labels)
        if result.kpi.id != kpi.id or labels.get("window") != window:
            continue
        first = kpi.variant_label is None or labels[kpi.variant_label] == kpi.variants[0].value
        if first and headline.has(result.labels):
            return result
    return None


def check(shown: Mapping[str, str], results: list[Result], view: View) -> int:
    """Compares each tile with its headline; returns how many had a value."""
    checked = 0
    for kpi in simulated.shipped():
        window = main_window(kpi.windows) if kpi.windows else None
        if view.window in kpi.windows:
            window = view.window
        result = headline_of(results, kpi, window)
        if result is None or is_about_kpis(kpi):
            continue
        value = float(result.values[0])
        exact, text = _DATA.findall(shown[kpi.id])[0]
        if not isfinite(value):
            assert exact == ""
            continue
        checked += 1
        assert float(exact) == value
        written = figure(value, kpi.unit, "USD").removesuffix(f"{NARROW_SPACE}USD")
        assert text == written or value >= 1e7
    return checked


@pytest.mark.parametrize("window", ["", "month", "90d", "1d"])
def test_each_tile_has_the_figure_of_a_replay(pages: Pages, window: str) -> None:
    """Over the window that is chosen where a KPI has it, else over its own; to the last bit."""
    shown = tiles(pages, {"window": window})
    assert check(shown, simulated.at([EDGE]), View(window)) > 60


@pytest.mark.parametrize("window", ["", "month"])
def test_each_tile_of_a_segment_has_its_figure(pages: Pages, window: str) -> None:
    """The same figures that a reading by segment has."""
    reader = simulated.reader()
    catalogue = simulated.shipped()
    by_segment = read_by_segment(reader, catalogue, simulated.edges(EDGE), "USD")
    assert len(by_segment.columns) > 1
    for segment, results in by_segment.segments.items():
        view = View(window, segment_name(segment))
        assert check(tiles(pages, view.query), list(results), view) > 40


def test_changes_are_those_of_the_ledger(pages: Pages) -> None:
    """Against 7 and 30 times 24 hours ago, for better or worse."""
    [mrr] = [r for r in simulated.at([EDGE, EDGE - 7 * 96, EDGE - 30 * 96]) if r.kpi.id == "mrr"]
    now, week, month = mrr.values.tolist()
    tile = tiles(pages)["mrr"].replace(NARROW_SPACE, " ")
    for since, then in (("7 d", week), ("30 d", month)):
        moved = figure(abs(now - then), mrr.kpi.unit, "USD").replace(NARROW_SPACE, " ")
        sign = "+" if now > then else "\N{MINUS SIGN}"
        way = "better" if now > then else "worse"
        line = re.search(rf'<li class="{way}"[^>]*><span class="since">{since}.*?</li>', tile)
        assert line is not None
        assert f"<b>{sign}{moved}</b>" in line[0]
        assert f'<span class="word">{way}</span>' in line[0]


def test_a_running_day_has_the_last_whole_one_beside_it(pages: Pages) -> None:
    """Of today nobody knows yet what it will be; its line and changes are of whole days."""
    [usage] = [r for r in simulated.at([EDGE, MIDNIGHT]) if r.kpi.id == "daily_usage_ratio"]
    now, whole = usage.values.tolist()
    tile = tiles(pages)["daily_usage_ratio"]
    assert [float(value) for value, _ in _DATA.findall(tile)] == [now, whole]
    assert "running day" in tile
    assert "yesterday" in tile
    assert "running" not in tiles(pages)["active_users"]


def test_a_day_that_is_over_is_not_running() -> None:
    """At midnight the figure is that of the whole day."""
    at_midnight = Pages(simulated.live(MIDNIGHT), "0")
    assert "running" not in tiles(at_midnight)["daily_usage_ratio"]


def test_a_running_month_has_the_last_whole_one_beside_it(pages: Pages) -> None:
    """A month to date is no change against a week ago, which is another stretch of time."""
    month_start = EDGE - EDGE % TILES_A_DAY - 26 * TILES_A_DAY  # of February 27
    [made] = [
        result
        for result in simulated.at([EDGE, month_start])
        if result.kpi.id == "new_mrr" and ("window", "month") in result.labels
    ]
    tile = tiles(pages, {"window": "month"})["new_mrr"]
    assert [float(value) for value, _ in _DATA.findall(tile)] == made.values.tolist()
    assert "running month" in tile
    assert "<li" not in tile


def test_a_window_that_a_kpi_lacks_is_told(pages: Pages) -> None:
    """It keeps its own, and says so; a figure of the moment has none."""
    shown = tiles(pages, {"window": "7d"})
    assert "30 days, its own" in shown["new_mrr"]
    assert "it is not read over 7 days" in shown["new_mrr"]
    assert "its own" not in shown["mrr"]
    assert "its own" not in shown["tasks_completed"]


def test_what_makes_no_sense_is_as_if_it_were_not_there(pages: Pages) -> None:
    """An unknown window is each KPI's own; an unknown segment is told, and all accounts shown."""
    assert tiles(pages, {"window": "never"}) == tiles(pages)
    content = pages.at("/", {"segment": "nobody"})
    assert content is not None
    assert "There is no segment nobody by now." in content.text
    assert _DATA.findall(tiles(pages, {"segment": "nobody"})["mrr"]) == _DATA.findall(
        tiles(pages)["mrr"]
    )


def test_search_hides_what_is_not_found(pages: Pages) -> None:
    """Each word is in the name, the id or the family; the others are there, and hidden."""
    content = pages.at("/", {"q": "MRR churn"})
    assert content is not None
    visible = {name for name, rest, _ in _TILE.findall(content.text) if "hidden" not in rest}
    rates = {"gross_mrr_churn_ratio", "mrr_churn_ratio", "net_mrr_churn_ratio"}
    assert visible == {*rates, "churned_mrr"}
    assert 'value="MRR churn"' in content.text
    nothing = pages.at("/", {"q": "zebra"})
    assert nothing is not None
    assert '<p class="none" id="none" role="status">' in nothing.text


def test_every_kpi_has_one_place() -> None:
    """A KPI is in one group, that of the dashboard which promises it, and named in the others."""
    groups = groups_of(simulated.shipped())
    assert [group.id for group in groups] == [
        "customer-success",
        "saas",
        "executive",
        "success-manager",
        "team",
    ]
    placed = [kpi.id for group in groups for kpi in (*group.kpis, *group.tables)]
    assert sorted(placed) == sorted(kpi.id for kpi in simulated.shipped())
    first = {group.id: group.kpis[0].id for group in groups}
    assert first["customer-success"] == "mrr"
    assert first["team"] == "first_response_seconds"
    saas = next(group for group in groups if group.id == "saas")
    assert "mrr" in {kpi.id for kpi in saas.elsewhere}
    assert {kpi.id for group in groups for kpi in group.tables} == {
        "kpi_change_7d",
        "kpi_target",
        "kpi_on_target",
    }


def test_news_are_what_changed(pages: Pages) -> None:
    """Who knows a moment is told what changed since; who knows none, or another run's, all."""
    snapshot = pages.news(View())
    every = len(snapshot.parts)
    assert every > 100
    series = snapshot.series
    for unknown in ("", "x-1", "-", f"x{snapshot.name}", series, f"{series}-{'9' * 5_000}"):
        name, text = snapshot.since(unknown)
        assert name == snapshot.name
        assert text.count('"mrr":') == 1
    assert snapshot.since(snapshot.name) == (snapshot.name, "")
    assert pages.news(View()) is snapshot

"""The page of a KPI: what it says is what replay says; escaped, well-formed, for every KPI."""

import csv
import io
import re
from collections.abc import Mapping
from math import nan
from typing import Final

import pytest

from aggregates.time.tile import TILE_MS, TILES_A_DAY
from exporters.boards.memory_board import MemoryBoard
from exporters.pages.pages import Pages
from exporters.pages.plot import TIME_STEPS, Scale, path, sparkline
from exporters.pages.template import moment
from exporters.quantity import NARROW_SPACE
from exporters.wording import figure
from tests.exporters import company, simulated
from tests.exporters.pages.test_index_page import outline

DAY: Final = TILES_A_DAY
EDGE: Final = simulated.END_MS // TILE_MS


@pytest.fixture(scope="module")
def pages() -> Pages:
    """The pages of the simulated company."""
    return Pages(simulated.live(EDGE), "0")


def _page(pages: Pages, kpi: str, query: Mapping[str, str] | None = None) -> str:
    content = pages.at(f"/kpis/{kpi}", query or {})
    assert content is not None
    return content.text.replace(NARROW_SPACE, " ")


def _course(pages: Pages, kpi: str, query: Mapping[str, str]) -> list[float]:
    content = pages.at(f"/kpis/{kpi}.csv", query)
    assert content is not None
    return [float(row["value"] or nan) for row in csv.DictReader(io.StringIO(content.text))]


@pytest.mark.parametrize("kpi", [kpi.id for kpi in simulated.shipped()])
def test_every_kpi_has_a_page(pages: Pages, kpi: str) -> None:
    """Each page nests, links to itself and its neighbours only, and has the definition."""
    page = _page(pages, kpi)
    parsed = outline(page)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert all(link.startswith(("/", "?", "#")) for link in parsed.links)
    assert parsed.tags.count("table") == parsed.tags.count("caption")
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/page.js" defer>']
    assert re.search(r" (?:style|on\w+)=", page) is None
    assert simulated.shipped()[kpi].source.split(",")[0] in page


@pytest.mark.parametrize(
    ("kpi", "query", "labels", "days"),
    [
        ("mrr", {"days": "365"}, {}, 1),
        ("mrr", {"days": "730"}, {}, 7),
        ("customer_churn_ratio", {"days": "30"}, {"window": "30d"}, 1),
        ("customer_churn_ratio", {"window": "month"}, {"window": "month"}, 1),
        (
            "churned_mrr",
            {"window": "30d", "reason": "voluntary"},
            {"window": "30d", "reason": "voluntary"},
            1,
        ),
        ("reply_seconds", {"stat": "p90"}, {"window": "30d", "stat": "p90"}, 1),
    ],
)
def test_the_course_is_what_the_ledger_says(
    pages: Pages, kpi: str, query: Mapping[str, str], labels: Mapping[str, str], days: int
) -> None:
    """Each value of a line is that of the figure then; the page ends with the present one."""
    values = _course(pages, kpi, query)
    edges = [EDGE - days * DAY * n for n in range(len(values))][::-1]
    result = next(
        result
        for result in simulated.at(edges)
        if result.kpi.id == kpi and labels.items() <= dict(result.labels).items()
    )
    assert values == pytest.approx(result.values.tolist(), rel=1e-12, nan_ok=True)
    now = figure(values[-1], result.kpi.unit, "USD").replace(NARROW_SPACE, " ")
    assert f">{now}</dd>" in _page(pages, kpi, query)


def test_a_query_that_makes_no_sense_shows_the_usual(pages: Pages) -> None:
    """What is unknown is as if it were not there; a wrong value of a label has no line."""
    usual = _page(pages, "churned_mrr")
    assert _page(pages, "churned_mrr", {"window": "1y", "days": "x", "size": "<b>"}) == usual
    assert "There is no such series" in _page(pages, "churned_mrr", {"reason": "<script>"})


def test_a_stale_page_has_no_figure() -> None:
    """While the ledger is not whole, the page says why and shows the definition only."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 1, 2, said=company.status(owner="w"))
    pages = Pages(company.live(board), "0")
    page = _page(pages, "mrr")
    assert "Stale: partition 0 of 2 not on the board" in page
    assert "<svg" not in page
    assert _course(pages, "mrr", {}) == []


def test_titles_and_labels_are_text() -> None:
    """What files and events say is escaped; backticks of a description are code."""
    pages = Pages(company.live(company.board(2)), "0")
    page = _page(pages, "mrr")
    assert "<h1>MRR &lt;of all&gt;</h1>" in page
    assert "&amp; more" in page
    assert "<of" not in page


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0.0, 0.0], Scale(0.0, 1.0, 0.25)),
        ([-3.0, 5.0], Scale(-4.0, 6.0, 2.0)),
        ([nan, 1e12], Scale(0.0, 1e12, 2.5e11)),
        ([1e-9], Scale(0.0, 1e-9, 2.5e-10)),
    ],
)
def test_scales_are_round_and_hold_the_values(values: list[float], scale: Scale) -> None:
    """Lines are at round distances, 0 is one of them."""
    found = Scale.of(values)
    assert (found.low, found.high, found.step) == pytest.approx((scale.low, scale.high, scale.step))
    assert any(abs(tick) < scale.step / 1e6 for tick in found.ticks)


def test_durations_have_lines_at_hours() -> None:
    """A plot of waits has a line each 6 h, not each 5 h 33 min."""
    assert Scale.of([80_000.0], TIME_STEPS) == Scale(0.0, 86_400.0, 21_600.0)


def test_a_line_has_gaps() -> None:
    """Where there is no value there is no line, and a single value is a point."""
    assert path([nan, nan], Scale(0.0, 1.0, 1.0), 10, 10) == ""
    assert path([nan, 0.5, nan], Scale(0.0, 1.0, 1.0), 10, 10) == "M5 5h0"
    assert 'd=""' in sparkline([nan] * 3)


def _rows(pages: Pages, kpi: str, query: Mapping[str, str]) -> list[dict[str, str]]:
    content = pages.at(f"/kpis/{kpi}.csv", query)
    assert content is not None
    return list(csv.DictReader(io.StringIO(content.text)))


MIDNIGHT: Final = EDGE - EDGE % DAY
"""The begin of February 27, 2026."""


@pytest.mark.parametrize(
    ("query", "edges"),
    [
        (
            {"from": "2026-02-10", "to": "2026-02-12"},
            [MIDNIGHT - n * DAY for n in (17, 16, 15, 14)],
        ),
        ({"from": "2026-02-25"}, [MIDNIGHT - 2 * DAY, MIDNIGHT - DAY, MIDNIGHT, EDGE]),
        (
            {"from": "2026-01-20", "to": "2026-02-09", "points": "week"},
            [MIDNIGHT - n * DAY for n in (38, 31, 24, 17)],
        ),
        (
            {"from": "2025-12-01", "to": "2026-01-31", "points": "month"},
            [MIDNIGHT - n * DAY for n in (88, 57, 26)],
        ),
    ],
)
def test_a_range_of_ones_own(pages: Pages, query: Mapping[str, str], edges: list[int]) -> None:
    """Points at the midnights between the days that are named, and the figure of each."""
    rows = _rows(pages, "mrr", query)
    assert [row["time"] for row in rows] == [moment(edge) for edge in edges]
    [mrr] = [result for result in simulated.at(edges) if result.kpi.id == "mrr"]
    assert [float(row["value"]) for row in rows] == mrr.values.tolist()


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-02-10", "2026-02-01", "From 2026-02-10 to 2026-02-01"),
        ("9999-12-31", "", "From 9999-12-31 to now"),
        ("<b>", "2026-02-12", "From &lt;b&gt; to 2026-02-12"),
        ("2026-02-10", "2026-02-30", "From 2026-02-10 to 2026-02-30"),
        ("", "2026-02-12", "From nothing to 2026-02-12"),
    ],
)
def test_no_range_of_days_is_shown_as_one(pages: Pages, first: str, last: str, said: str) -> None:
    """The page says that it shows another time than was asked for; a table cannot."""
    query = {"from": first, "to": last}
    assert f"{said} is no range of days." in _page(pages, "mrr", query)
    assert pages.at("/kpis/mrr.csv", query) is None


def test_a_form_that_is_left_empty_asks_for_no_range(pages: Pages) -> None:
    """As browsers send it."""
    query = {"from": "", "to": ""}
    assert "range of days" not in _page(pages, "mrr", query)
    assert _rows(pages, "mrr", query) == _rows(pages, "mrr", {})


def test_all_time_has_few_points_and_begins_with_the_first_event(pages: Pages) -> None:
    """Farther from each other than asked, where they would be too many to be seen."""
    rows = _rows(pages, "mrr", {"days": "all"})
    assert 50 < len(rows) <= 366
    assert 0 <= float(rows[0]["value"]) < float(rows[-1]["value"]) / 10
    assert rows[-1]["value"] == _rows(pages, "mrr", {})[-1]["value"]
    assert len(_rows(pages, "mrr", {"days": "all", "points": "month"})) < 40


def test_csv_has_what_the_page_draws(pages: Pages) -> None:
    """Numerator and denominator make the value; the time before ends where the shown one begins."""
    rows = _rows(pages, "gross_mrr_churn_ratio", {"days": "30"})
    assert rows[-1]["before"] == rows[0]["value"]
    for row in rows:
        quotient = float(row["numerator"]) / float(row["denominator"])
        assert float(row["value"]) == pytest.approx(quotient, rel=1e-9)
    drawn = _page(pages, "gross_mrr_churn_ratio", {"days": "30"}).count("<figure")
    assert drawn == 3 + sum(name.startswith("segment ") for name in rows[0])
    assert "numerator" not in _rows(pages, "mrr", {})[0]


def test_a_segment_has_its_own_course(pages: Pages) -> None:
    """Its column beside all accounts is its value where it is looked at alone; PromQL names it."""
    whole = _rows(pages, "mrr", {})
    names = [name.removeprefix("segment ") for name in whole[0] if name.startswith("segment ")]
    assert len(names) > 2
    assert [float(whole[-1][f"segment {name}"]) for name in names] == sorted(
        [float(whole[-1][f"segment {name}"]) for name in names], reverse=True
    )
    for name in names:
        own = [row["value"] for row in _rows(pages, "mrr", {"segment": name})]
        assert own == [row[f"segment {name}"] for row in whole]
    assert sum(float(whole[-1][f"segment {name}"]) for name in names) == pytest.approx(
        float(whole[-1]["value"])
    )
    page = _page(pages, "mrr", {"segment": names[0]})
    assert f"cs_by_segment_mrr{{segment=&#34;{names[0]}&#34;}}" in page


def test_figures_of_all_are_not_those_of_a_segment_that_there_is_not(pages: Pages) -> None:
    """The page says whose figures it has; a table cannot, so there is none."""
    nobody = {"segment": "no<body>"}
    assert "There is no segment no&lt;body&gt; by now." in _page(pages, "mrr", nobody)
    assert "There is no segment" not in _page(pages, "mrr", {"segment": "smb"})
    assert pages.at("/kpis/mrr.csv", nobody) is None


def test_target_and_limit_are_drawn(pages: Pages) -> None:
    """The target in force, and what sets an alert off where that is another."""
    churn = _page(pages, "gross_mrr_churn_ratio")
    assert re.findall(r'<text class="limit (\w+)"[^>]*>([^<]*)', churn) == [
        ("target", "target &lt; 1.0 %"),
        ("alert", "alert unless &lt; 2.5 %"),
    ]
    assert "limit" not in re.findall(r'class="(\w+)', _page(pages, "mrr"))


@pytest.mark.parametrize("query", [{"window": "month"}, {"variant": "net_count"}])
def test_a_target_is_about_one_series(pages: Pages, query: Mapping[str, str]) -> None:
    """Over another window, or by another formula, no target is met, missed or drawn."""
    usual = _page(pages, "customer_churn_ratio")
    assert re.search(r"pill (met|missed)", usual)
    other = _page(pages, "customer_churn_ratio", query)
    assert re.search(r"pill (met|missed)|class=.limit", other) is None


def test_a_running_figure_is_marked(pages: Pages) -> None:
    """With the last whole one beside it; the line of a day is of whole days."""
    page = _page(pages, "daily_usage_ratio")
    [usage] = [r for r in simulated.at([EDGE, MIDNIGHT]) if r.kpi.id == "daily_usage_ratio"]
    now, whole = (figure(v, usage.kpi.unit).replace(NARROW_SPACE, " ") for v in usage.values)
    assert f">{now}</dd>" in page
    assert f'<span class="pill run">running day</span> yesterday</dt><dd>{whole}</dd>' in page
    assert _rows(pages, "daily_usage_ratio", {})[-1]["value"] == repr(float(usage.values[1]))
    assert "pill run" not in _page(pages, "active_users", {"window": "30d"})
    assert "running month" in _page(pages, "new_mrr", {"window": "month"})

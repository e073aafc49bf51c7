"""Lists are paged: each entry once, by links that pin the times; every page is bounded."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from events.zone import zone
from exporters.api.grid import POINTS_MAX, STEPS, grid
from exporters.api.problem import ProblemError
from exporters.api.series import VALUES_MAX
from exporters.http import Server
from tests.exporters.api.company import Got, get


def pages(server: Server, path: str, **query: str | int) -> Iterator[Got]:
    """Yields pages by their links until there is none."""
    got = get(server, path, **query)
    while True:
        assert got.status == 200, got.body
        yield got
        following = got.json["next"]
        assert got.headers.get("link") == (following and f'<{following}>; rel="next"')
        if following is None:
            return
        got = get(server, following)


@pytest.mark.parametrize(
    ("path", "name", "query", "limit"),
    [
        ("/kpis", "kpis", {}, 30),
        ("/kpis/first_response_seconds/series", "series", {"from_": "-3d"}, 1),
        ("/kpis/churned_mrr/segments", "segments", {}, 1),
        ("/kpis/mrr/contributors", "contributors", {}, 7),
        ("/kpis/mrr/contributors", "contributors", {"since": "-90d"}, 7),
        ("/kpis/mrr/movements", "movements", {"since": "-90d"}, 2),
        ("/kpis/mrr/movements", "movements", {"since": "-90d", "by": "account"}, 5),
    ],
)
def test_pages_together_are_the_whole(
    server: Server, path: str, name: str, query: dict[str, str], limit: int
) -> None:
    """In order, each entry once, and each page but the last one full."""
    whole = get(server, path, limit=1000, **query).json[name]
    found = [got.json[name] for got in pages(server, path, limit=limit, **query)]
    assert len(found) > 2
    assert {len(page) for page in found[:-1]} == {limit}
    assert [each for page in found for each in page] == whole


def test_links_pin_the_time(server: Server) -> None:
    """A page that is asked for later is of the same time as the first one."""
    first, second, *_ = pages(server, "/kpis/mrr/contributors", limit=9, since="-90d", at="now")
    assert "at=2026-02-27T12%3A00%3A00Z" in first.json["next"]
    assert "since=2025-11-29T12%3A00%3A00Z" in first.json["next"]
    assert first.json["total"] == second.json["total"]


def test_a_table_is_paged_by_its_header(server: Server) -> None:
    """CSV has no room for a link, so the header has it."""
    got = get(server, "/kpis/mrr/contributors", limit=5, format="csv")
    assert len(got.table) == 5
    link = got.headers["link"].removeprefix("<").removesuffix('>; rel="next"')
    following = get(server, link)
    assert following.headers["content-type"] == got.headers["content-type"]
    assert [row["account"] for row in following.table] != [row["account"] for row in got.table]


def test_the_page_before_must_be_there(server: Server) -> None:
    """A name that is in no list is refused with what to do."""
    got = get(server, "/kpis/mrr/contributors", after="nobody")
    assert (got.status, got.json["parameter"]) == (400, "after")
    assert "begin without" in got.json["detail"]


@pytest.mark.parametrize(
    "limit", ["0", "1001", "-1", "1.5", "many", "", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_a_page_is_bounded(server: Server, limit: str) -> None:
    """So many entries that an answer stays small."""
    got = get(server, "/kpis", limit=limit)
    assert (got.status, got.json["parameter"]) == (400, "limit")


@pytest.mark.parametrize(("span", "step"), [("-90d", "15m"), ("-1000d", "1h"), ("2001", "1d")])
def test_points_are_bounded(server: Server, span: str, step: str) -> None:
    """More are refused, with the shortest step that fits, which is then answered."""
    query = {"from_": span if span.startswith("-") else f"{span}-01-01"}
    got = get(server, "/kpis/mrr/series", step=step, **query)
    assert (got.status, got.json["parameter"]) == (400, "step")
    detail = got.json["detail"]
    assert f"more than {POINTS_MAX} points" in detail
    fits = detail.partition("the shortest step for this span is ")[2].partition(",")[0]
    assert STEPS.index(fits) > STEPS.index(step)
    told = get(server, "/kpis/mrr/series", step=fits, **query).json
    assert len(told["times"]) <= POINTS_MAX


EDGES_A_DAY = 96


def test_days_and_months_are_of_the_clock() -> None:
    """A day has 23 hours where the clock goes on, and a month ends where it ends."""
    berlin = zone("Europe/Berlin")
    first = 20_541 * EDGES_A_DAY - 4  # 2026-03-29T00:00+01:00, on which the clock goes on
    days = grid(first, first + 3 * EDGES_A_DAY, "1d", berlin)
    assert [later - earlier for earlier, later in pairwise(days)] == [92, 96, 96][: len(days) - 1]
    assert len(days) == 4
    for step in ("1w", "7d"):
        weeks = grid(first, first + 15 * EDGES_A_DAY, step, berlin)
        assert [later - earlier for earlier, later in pairwise(weeks)] == [7 * 96 - 4, 7 * 96]
    last = 20_484 * EDGES_A_DAY  # 2026-01-31T00:00Z
    months = grid(last, last + 60 * EDGES_A_DAY, "1mo", zone("UTC"))
    assert [(edge - last) // EDGES_A_DAY for edge in months] == [0, 28, 59]


def test_a_grid_has_an_order() -> None:
    """From lies before to, or at it; a span that no step fits is refused too."""
    utc = zone("UTC")
    assert list(grid(5, 5, "15m", utc)) == [5]
    assert list(grid(5, 9, "1h", utc)) == [5, 9]
    with pytest.raises(ProblemError, match="from is after to"):
        grid(6, 5, "1d", utc)


def test_values_are_bounded(server: Server) -> None:
    """A KPI of many series may have fewer points, however few of them are asked for."""
    path, count = "/kpis/kpi_change_7d/series", len(get(server, "/kpis").json["kpis"])
    got = get(server, path, step="15m", from_="-30d", kpi="mrr")
    assert (got.status, got.json["parameter"]) == (400, "step")
    most = int(got.json["detail"].partition("at most ")[2].partition(" ")[0])
    assert VALUES_MAX // count <= most < POINTS_MAX
    assert got.json["detail"].startswith("kpi_change_7d has ")
    got = get(server, path, step="1d", from_="-30d", kpi="mrr")
    assert [each["labels"]["kpi"] for each in got.json["series"]] == ["mrr"]

"""The course of a KPI: as many points before as are shown, and days of the zone."""

import csv
import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.reading.reader import Reader
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILE_MS
from exporters.pages.choice import ALL, POINTS, SPANS, Choice
from exporters.pages.course import edges_of
from exporters.pages.pages import Pages
from tests.exporters import simulated

EDGE: Final = simulated.END_MS // TILE_MS


@pytest.fixture(scope="module")
def pages() -> Pages:
    """The pages of the simulated company."""
    return Pages(simulated.live(EDGE), "0")


def _rows(pages: Pages, query: Mapping[str, str]) -> list[dict[str, str]]:
    content = pages.at("/kpis/mrr.csv", query)
    assert content is not None
    return list(csv.DictReader(io.StringIO(content.text)))


@pytest.mark.parametrize("points", POINTS)
@pytest.mark.parametrize(
    "query",
    [*({"days": each} for each in (*SPANS, ALL)), {"from": "2026-01-31", "to": "2026-02-01"}],
)
def test_the_time_before_has_as_many_points(
    pages: Pages, query: Mapping[str, str], points: str
) -> None:
    """Whatever is chosen together: the time before ends where the one that is shown begins."""
    rows = _rows(pages, {**query, "points": points})
    assert len(rows) > 1
    assert rows[-1]["before"] == rows[0]["value"]


def test_there_was_nothing_before_the_calendar(pages: Pages) -> None:
    """A range so long that the time before begins before any event may be has no figure there."""
    rows = _rows(pages, {"from": "2006-01-01"})
    assert float(rows[-1]["value"])
    assert {float(row["before"]) for row in rows} == {0.0}


@pytest.mark.parametrize(
    ("since", "until", "points", "count"),
    [
        (date(2025, 11, 1), date(2025, 11, 30), "day", 31),
        (date(2025, 11, 2), date(2025, 11, 2), "day", 2),
        (date(2025, 3, 9), date(2025, 3, 9), "day", 2),
        (date(2025, 3, 1), date(2025, 3, 28), "week", 5),
    ],
)
def test_days_of_one_s_own_are_days_of_the_zone(
    since: date, until: date, points: str, count: int
) -> None:
    """A range has its days, be one of them an hour longer or shorter."""
    calendar = Calendar("America/New_York")
    reading, reader = simulated.live(EDGE).take(), Reader(Ledger(), calendar)
    choice = Choice(None, {}, since=since, until=until, points=points)
    _, now, before = edges_of(reader, reading, simulated.shipped()["mrr"], choice)
    assert now[0] == before[-1] == calendar.begin_of(since)
    assert now[-1] == calendar.begin_of(until + timedelta(days=1))
    assert len(now) == len(before) == count

"""The edges of trends, across changes of clocks."""

import pytest

from aggregates.time.calendar import Calendar
from aggregates.time.tile import edge_at, edge_ms
from events import format_instant, parse_instant
from exporters.pages.trend import MONTH, WEEK, Moments


@pytest.mark.parametrize(
    ("zone", "week", "month"),
    [
        ("UTC", "2026-03-22T22:15:00Z", "2026-02-27T22:15:00Z"),
        ("Europe/Berlin", "2026-03-22T23:15:00Z", "2026-02-27T23:15:00Z"),
    ],
)
def test_a_week_and_a_month_ago(zone: str, week: str, month: str) -> None:
    """They are local days ago, at the same local time of day."""
    now = edge_at(parse_instant("2026-03-29T22:15:00Z"))
    moments = Moments(now, Calendar(zone))
    found = [moments.before(now, days) for days in (WEEK, MONTH)]
    assert [format_instant(edge_ms(edge)) for edge in found] == [week, month]
    assert set(found) <= set(moments.every)

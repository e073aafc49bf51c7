"""Days of the reporting time zone, asked one by one and in arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.time.calendar import Calendar
from aggregates.time.tile import edge_at, edge_ms
from events import format_instant, parse_instant
from tests.aggregates.reading.kpi_oracle import weekdays


@pytest.mark.parametrize(
    "zone", ["UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]
)
def test_arrays_of_days_are_the_days(zone: str) -> None:
    """Of many tiles over a year, changes of the clock included, arrays say what each one says."""
    calendar = Calendar(zone)
    first = edge_at(parse_instant("2026-01-01T00:00:00Z"))
    tiles = np.arange(first, first + 366 * 96, 7, dtype=np.int64)
    days = calendar.days_of(tiles)
    assert days.tolist() == [calendar.day_of(tile) for tile in tiles.tolist()]
    starts = calendar.day_starts(days)
    assert starts.tolist() == [calendar.day_start(day) for day in days.tolist()]
    assert np.array_equal(calendar.days_of(starts), days)


@given(
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe"]),
    st.integers(0, 366 * 96),
    st.integers(0, 12 * 96),
)
def test_weekdays(zone: str, after: int, length: int) -> None:
    """Weekdays of a span are counted tile by tile, changes of the clock and days begun included."""
    calendar, start = Calendar(zone), edge_at(parse_instant("2026-01-01T00:00:00Z")) + after
    spans = calendar.weekdays_between(np.array([start]), np.array([start + length]))
    assert spans.tolist() == [float(weekdays(calendar, start, start + length))]


@pytest.mark.parametrize(
    ("zone", "at", "days", "expected"),
    [
        ("Europe/Berlin", "2026-03-29T22:15:00Z", 7, "2026-03-22T23:15:00Z"),
        ("Europe/Berlin", "2026-03-29T22:00:00Z", 7, "2026-03-22T23:00:00Z"),
        ("Europe/Berlin", "2026-03-29T00:45:00Z", 7, "2026-03-22T00:45:00Z"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z", 7, "2026-03-22T02:00:00Z"),
        ("Europe/Berlin", "2026-04-05T00:30:00Z", 7, "2026-03-29T01:30:00Z"),  # skipped
        ("Europe/Berlin", "2026-04-05T01:00:00Z", 7, "2026-03-29T01:00:00Z"),
        ("Europe/Berlin", "2026-04-10T12:00:00Z", 30, "2026-03-11T13:00:00Z"),
        ("Europe/Berlin", "2026-04-10T12:00:00Z", 7, "2026-04-03T12:00:00Z"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", 7, "2026-10-18T00:30:00Z"),
        ("Europe/Berlin", "2026-11-01T01:30:00Z", 7, "2026-10-25T00:30:00Z"),  # shown twice
        ("Europe/Berlin", "2026-11-01T02:00:00Z", 7, "2026-10-25T02:00:00Z"),
        ("America/Havana", "2026-03-08T05:00:00Z", 7, "2026-03-01T05:00:00Z"),  # no midnight
        ("America/Havana", "2026-03-15T04:00:00Z", 7, "2026-03-08T05:00:00Z"),
        ("UTC", "2026-03-29T22:15:00Z", 7, "2026-03-22T22:15:00Z"),
    ],
)
def test_days_ago(zone: str, at: str, days: int, expected: str) -> None:
    """So many local days before, at the same local time; where a day ends, where one ends."""
    edge = edge_at(parse_instant(at))
    found = Calendar(zone).days_ago(days, edge)
    assert format_instant(edge_ms(found)) == expected
    assert Calendar(zone).ago(f"{days}d", np.array([edge])).tolist() == [found]


@given(
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana"]),
    st.integers(0, 366),
    st.sampled_from([1, 7, 30]),
)
def test_whole_days_are_compared_with_whole_days(zone: str, after: int, days: int) -> None:
    """A midnight goes to a midnight, so many days before."""
    calendar = Calendar(zone)
    day = calendar.day_of(edge_at(parse_instant("2026-01-01T12:00:00Z"))) + after
    assert calendar.days_ago(days, calendar.day_start(day)) == calendar.day_start(day - days)

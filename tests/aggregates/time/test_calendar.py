"""Days of the reporting time zone, asked one by one and in arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.time.calendar import Calendar
from aggregates.time.tile import edge_at
from events import parse_instant
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

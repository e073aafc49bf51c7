"""Which times a backfill fills, and which it must leave alone."""

import pytest

from aggregates.time.tile import edge_at
from events import parse_instant
from exporters.history.error import HistoryError
from exporters.history.time_range import (
    STEPS_S,
    WINDOW_S,
    TimeRange,
    last_time_s,
    range_from,
    rfc3339,
    settled_before_s,
)

HOUR_S = 3_600


def at_s(text: str) -> int:
    """Returns a time in seconds of the epoch."""
    return parse_instant(text) // 1_000


def test_a_grid_is_aligned_to_the_epoch() -> None:
    """Times lie on multiples of the step: at and after the first instant, whatever that is."""
    time_range = range_from(
        parse_instant("2025-01-01T00:20:00Z"), at_s("2025-01-01T03:00:00Z"), "1h"
    )
    assert [rfc3339(time_s) for time_s in time_range.times().tolist()] == [
        "2025-01-01T01:00:00Z",
        "2025-01-01T02:00:00Z",
        "2025-01-01T03:00:00Z",
    ]


def test_a_step_below_a_tile_repeats_its_reading() -> None:
    """A sample carries the reading at the tile edge at its time, or else the next one."""
    time_range = range_from(
        parse_instant("2025-01-01T00:00:00Z"), at_s("2025-01-01T00:20:00Z"), "5m"
    )
    edges, columns = time_range.readings()
    first = edge_at(parse_instant("2025-01-01T00:00:00Z"))
    assert edges.tolist() == [first, first + 1, first + 2]
    assert columns.tolist() == [0, 1, 1, 1, 2]


@pytest.mark.parametrize("every", STEPS_S)
def test_windows_are_the_grid(every: str) -> None:
    """Windows together hold every time once, and none reaches over a border of blocks."""
    time_range = range_from(
        parse_instant("2025-01-03T00:07:00Z"), at_s("2025-03-01T09:00:00Z"), every
    )
    windows = list(time_range.windows())
    assert [t for w in windows for t in w.times().tolist()] == time_range.times().tolist()
    assert all(w.first_s // WINDOW_S == w.last_s // WINDOW_S for w in windows)


def test_windows_of_a_part() -> None:
    """A range inside one window is that window; a window without a time of the range is none."""
    assert list(TimeRange(0, 7_200, 3_600).windows()) == [TimeRange(0, 7_200, 3_600)]
    step_s = 28 * 86_400  # longer than a window
    windows = list(TimeRange(0, 12 * step_s, step_s).windows())
    assert [window.times().tolist() for window in windows] == [[n * step_s] for n in range(13)]
    assert len(windows) < 12 * step_s // WINDOW_S


def test_the_last_three_hours_are_left_to_live_scraping() -> None:
    """Without an end it is the last time before a block border of two hours, three hours ago."""
    now_ms = parse_instant("2025-01-01T12:59:59Z")
    assert rfc3339(settled_before_s(now_ms)) == "2025-01-01T08:00:00Z"
    assert rfc3339(last_time_s(None, "1h", now_ms)) == "2025-01-01T07:00:00Z"
    assert rfc3339(last_time_s(None, "1m", now_ms)) == "2025-01-01T07:59:00Z"
    assert rfc3339(last_time_s(None, "1d", now_ms)) == "2025-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "to", ["2025-01-01T08:00:00Z", "2025-01-01T12:00:00Z", "2099-01-01T00:00Z"]
)
def test_a_late_end_is_refused(to: str) -> None:
    """An end that is too late, or in the future, is refused with the last one that is not."""
    now_ms = parse_instant("2025-01-01T12:59:59Z")
    last_ms = parse_instant(to.replace("00:00Z", "00:00:00Z") if to.count(":") == 1 else to)
    with pytest.raises(HistoryError, match="or give 2025-01-01T07:00:00Z or earlier"):
        last_time_s(last_ms, "1h", now_ms)
    assert last_time_s(parse_instant("2025-01-01T07:59:00Z"), "1h", now_ms) % HOUR_S == 0


@pytest.mark.parametrize(
    ("first", "last", "every", "said"),
    [
        ("2025-01-01T00:00:00Z", "2025-01-01T01:00:00Z", "2h", "--every '2h' is none of 1m, 5m"),
        ("2025-01-01T00:10:00Z", "2025-01-01T00:50:00Z", "1h", "there is no time between"),
        ("2025-02-01T00:00:00Z", "2025-01-01T00:00:00Z", "1d", "there is no time between"),
        ("2015-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "1m", "take a longer --every"),
    ],
)
def test_what_makes_no_grid(first: str, last: str, every: str, said: str) -> None:
    """An unknown step, an empty range and too many times are refused by name."""
    with pytest.raises(HistoryError, match=said):
        range_from(parse_instant(first), at_s(last), every)

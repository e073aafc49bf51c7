"""Business time: against the wall clock, minute by minute; jumps of it, holidays, versions."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.time.business_time import CalendarTime, OpeningHours, Span, Week
from events import parse_instant
from events.zone import zone as rules_of
from tests.examples import examples

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

SHUT: tuple[Span, ...] = ()
OFFICE: tuple[Span, ...] = ((9 * HOUR_MS, 17 * HOUR_MS),)
"""Nine to five."""

JUMPS = {
    "Europe/Berlin": ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"),
    "America/New_York": ("2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"),
    "Australia/Lord_Howe": ("2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"),
    "Africa/Casablanca": ("2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z"),
    "Pacific/Apia": ("2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"),
    "Asia/Kolkata": ("2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z"),
}
"""Zones with instants at which their clocks jump: by an hour, by half of one, by a day, never."""

_MINUTES = st.integers(0, 1440)
_DAYS = st.lists(st.tuples(_MINUTES, _MINUTES), max_size=2)


def _spans(minutes: list[tuple[int, int]]) -> tuple[Span, ...]:
    """Makes opening intervals that do not overlap."""
    edges = sorted({edge for span in minutes for edge in span})
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple((a * MINUTE_MS, b * MINUTE_MS) for a, b in pairs)


def _is_open(week: Week, minute_ms: int) -> bool:
    """Looks at the clock on the wall."""
    at = datetime.fromtimestamp(minute_ms // 1000, UTC).astimezone(rules_of(week.timezone))
    time_ms = (at.hour * 60 + at.minute) * MINUTE_MS
    if at.date() in week.holidays:
        return False
    return any(begin <= time_ms < end for begin, end in week.days[at.weekday()])


@examples(60)
@given(
    st.sampled_from(sorted(JUMPS)),
    st.lists(_DAYS, min_size=7, max_size=7),
    st.data(),
)
def test_minute_by_minute(
    zone: str, days: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    """Open time is the time of the minutes at which the wall clock shows an open time."""
    jump_ms = parse_instant(data.draw(st.sampled_from(JUMPS[zone])))
    begin_ms = jump_ms + data.draw(st.integers(-2 * DAY_MS, DAY_MS))
    end_ms = begin_ms + data.draw(st.integers(0, 2 * DAY_MS))
    local = datetime.fromtimestamp(jump_ms // 1000, UTC).astimezone(rules_of(zone)).date()
    holiday = local + timedelta(days=data.draw(st.integers(-1, 3)))
    week = Week(0, zone, tuple(_spans(day) for day in days), frozenset({holiday}))
    hours = OpeningHours([week])
    first, last = begin_ms // MINUTE_MS, -(-end_ms // MINUTE_MS)
    brute_ms = sum(
        min(end_ms, (minute + 1) * MINUTE_MS) - max(begin_ms, minute * MINUTE_MS)
        for minute in range(first, last)
        if _is_open(week, minute * MINUTE_MS)
    )
    assert hours.open_ms(begin_ms, end_ms) == brute_ms
    last_ms = hours.until(begin_ms, brute_ms)
    if last_ms is None:  # it is never open again
        assert hours.open_ms(begin_ms, begin_ms + 30 * DAY_MS) == brute_ms
    else:
        assert last_ms >= end_ms
        assert hours.open_ms(begin_ms, last_ms) == brute_ms
        assert hours.open_ms(begin_ms, last_ms + 1) == brute_ms + 1


@pytest.mark.parametrize(
    ("opens", "closes", "day", "hours"),
    [
        (1, 4, "2026-03-29", 2),
        (2.5, 5, "2026-03-29", 2),
        (2, 3, "2026-03-29", 0),
        (1, 4, "2026-10-25", 4),
        (2.5, 5, "2026-10-25", 3),
        (1, 4, "2026-10-24", 3),
    ],
)
def test_jumps_of_the_clock(opens: float, closes: float, day: str, hours: float) -> None:
    """A skipped hour is nobody's, a repeated one counts twice where it is open."""
    span = (round(opens * HOUR_MS), round(closes * HOUR_MS))
    schedule = OpeningHours([Week(0, "Europe/Berlin", ((span,),) * 7)])
    noon_ms = parse_instant(f"{day}T12:00:00Z")
    assert schedule.open_ms(noon_ms - 16 * HOUR_MS, noon_ms) == hours * HOUR_MS


def test_opening_in_a_skipped_hour() -> None:
    """What opens at half past two opens at three when the clock jumps there."""
    hours = OpeningHours([Week(0, "Europe/Berlin", (((150 * MINUTE_MS, 5 * HOUR_MS),),) * 7)])
    assert hours.until(parse_instant("2026-03-28T12:00:00Z"), 1) == (
        parse_instant("2026-03-29T01:00:00Z") + 1
    )


def test_holidays_and_versions() -> None:
    """A holiday is closed all day; each version holds until the next, the first one also before."""
    early = Week(parse_instant("2026-01-10T00:00:00Z"), "UTC", (OFFICE,) * 5 + (SHUT,) * 2)
    late = Week(
        parse_instant("2026-03-04T12:00:00Z"),
        "UTC",
        (((0, DAY_MS),),) * 7,
        frozenset({date(2026, 3, 6)}),
    )
    hours = OpeningHours([late, early])
    found = [
        hours.open_ms(midnight_ms, midnight_ms + DAY_MS) // HOUR_MS
        for midnight_ms in range(
            parse_instant("2026-03-01T00:00:00Z"), parse_instant("2026-03-08T00:00:00Z"), DAY_MS
        )
    ]
    assert found == [0, 8, 8, 3 + 12, 24, 0, 24]
    monday_ms = parse_instant("2025-12-01T00:00:00Z")
    assert hours.open_ms(monday_ms, monday_ms + DAY_MS) == 8 * HOUR_MS


def test_never_open() -> None:
    """Where nothing ever opens no time passes, and none is ever used up."""
    hours = OpeningHours([Week(0, "UTC", (SHUT,) * 7)])
    assert hours.open_ms(0, 10**13) == 0
    assert hours.until(5, 1) is None
    assert hours.until(5, 0) is None
    assert hours.until(5, -1) == 5


def test_always_open_is_the_calendar() -> None:
    """A schedule without a break is calendar time, over jumps of the clock too."""
    hours = OpeningHours([Week(0, "Europe/Berlin", (((0, DAY_MS),),) * 7)])
    begin_ms = parse_instant("2026-03-28T05:06:07Z")
    for span_ms in (0, 1, DAY_MS, 400 * DAY_MS):
        assert hours.open_ms(begin_ms, begin_ms + span_ms) == span_ms
        assert hours.until(begin_ms, span_ms) == CalendarTime().until(begin_ms, span_ms)

"""Moments as people type them: each form, by the clock of the reporting time zone."""

import pytest

from aggregates.time.moment import EXAMPLES, MomentError, Moments
from events import format_instant, parse_instant

NOW = "2026-03-29T14:20:00Z"
"""The day on which clocks in Berlin go from 02:00 to 03:00; the last of the month."""


def read(text: str, zone: str = "Europe/Berlin", now: str = NOW) -> str:
    """Returns the instant of a text, in UTC."""
    return format_instant(Moments(zone, parse_instant(now)).read("--at", text))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", NOW),
        ("today", "2026-03-28T23:00:00Z"),
        ("yesterday", "2026-03-27T23:00:00Z"),
        ("2026-02-01", "2026-01-31T23:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
        ("2026-02", "2026-01-31T23:00:00Z"),
        ("2026-02-01T10:00", "2026-02-01T09:00:00Z"),
        ("2026-02-01 10:00:30", "2026-02-01T09:00:30Z"),
        ("2026-02-01T10:00:00Z", "2026-02-01T10:00:00Z"),
        ("2026-02-01T10:00:00+05:00", "2026-02-01T05:00:00Z"),
        ("-90m", "2026-03-29T12:50:00Z"),
        ("-24h", "2026-03-28T14:20:00Z"),
        ("-30d", "2026-02-27T14:20:00Z"),
        ("-2w", "2026-03-15T14:20:00Z"),
        ("1 week ago", "2026-03-22T14:20:00Z"),
        ("36 hours ago", "2026-03-28T02:20:00Z"),
        (" today ", "2026-03-28T23:00:00Z"),
        (" 2026-02-01T10:00:00Z\n", "2026-02-01T10:00:00Z"),
    ],
)
def test_each_form(text: str, instant: str) -> None:
    """Dates begin at local midnight, ages count 24 hours a day, an offset says it all."""
    assert read(text) == instant


def test_today_is_the_local_day() -> None:
    """Shortly before midnight in UTC, it is tomorrow already in Berlin and not yet in New York."""
    late = "2026-06-30T23:30:00Z"
    assert read("today", now=late) == "2026-06-30T22:00:00Z"
    assert read("today", "America/New_York", late) == "2026-06-30T04:00:00Z"


def test_a_day_without_midnight_begins_when_the_clock_goes_on() -> None:
    """In Beirut the clocks of 2026-03-29 go from 00:00 to 01:00."""
    assert read("2026-03-29", "Asia/Beirut") == "2026-03-28T22:00:00Z"


@pytest.mark.parametrize("text", ["2026-03-29T02:30", "2025-10-26T02:30"])
def test_what_the_clock_shows_twice_or_never_is_refused(text: str) -> None:
    """It is no one moment: the error names the time zone and asks for an offset."""
    with pytest.raises(MomentError, match=r"clocks of Europe/Berlin change then.*offset"):
        read(text)
    assert read(text, "UTC") == f"{text}:00Z"


@pytest.mark.parametrize(
    "text",
    ["", "soon", "tomorrow", "2026", "2026-13", "2026-02-30", "2026-02T10:00", "2026-02-01T25:00",
     "2026-02-01T10", "30d", "-30", "-30y", "1769904000", "١٢ days ago"],
)  # fmt: skip
def test_a_wrong_one_is_refused_by_name(text: str) -> None:
    """The error has the option, the text and an example of each form."""
    with pytest.raises(MomentError) as error:
        read(text)
    assert str(error.value).startswith(f"--at {text!r} is no time: give now, today, ")
    assert "-30d" in str(error.value)


@pytest.mark.parametrize("text", ["1999-12-31", "2100-02", "-99999w", "2000-01-01"])
def test_instants_outside_of_what_events_may_have(text: str) -> None:
    """2000 to 2099 in UTC, as for events; local midnight of the first day lies before."""
    with pytest.raises(MomentError, match="2000-01-01"):
        read(text)


def test_each_example_is_taken() -> None:
    """The forms that errors and help name are those that are read."""
    examples = [each.strip("'") for each in EXAMPLES.split(", ")]
    assert len(examples) == 9
    for example in examples:
        assert read(example) < "2027"

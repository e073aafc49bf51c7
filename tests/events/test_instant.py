"""Instants: RFC 3339 in, milliseconds out, checked against the standard library's datetime."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import InstantOutOfBandError, format_instant, instant, parse_instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
GRAMMAR = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
ZONES = st.builds(
    lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-1439, 1439)
) | st.just(UTC)
BAND = st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=ZONES)  # noqa: DTZ001


def oracle(text: str) -> int | None:
    """The dull reading: the grammar, then the standard library; leap seconds left out."""
    match = GRAMMAR.fullmatch(text)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{zone}")
        ms = (moment - EPOCH) // MS
    except (ValueError, OverflowError):
        return None
    ms += int(((fraction or ".")[1:] + "000")[:3])
    return ms if instant.BAND_START_MS <= ms < instant.BAND_END_MS else None


def reading(text: str) -> int | None:
    """The parser's answer, asked twice: from the grammar, then perhaps from the caches."""
    answers: list[int | None] = []
    for _ in range(2):
        try:
            answers.append(parse_instant(text))
        except ValueError:
            answers.append(None)
    assert answers[0] == answers[1]
    return answers[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "2026",
        "2026-03-14",
        "2026-03-14T09:26:53",
        "2026-03-14 09:26:53Z",
        "2026-03-14T09:26Z",
        "2026-03-14T09:26:53.Z",
        "2026-03-14T09:26:53,5Z",
        "2026-03-14T09:26:53.1234567890Z",
        "2026-03-14T09:26:53+0100",
        "2026-03-14T09:26:53+01",
        "2026-03-14T09:26:53+24:00",
        "2026-03-14T09:26:53+01:60",
        "2026-03-14T09:26:53Z ",
        "2026-03-14T09:26:53Z\n",
        "2026-03-14T09:26:53.123Z4",
        "2026-03-14T09:26:53.1234Z4",
        " 2026-03-14T09:26:53Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-03-14T24:00:00Z",
        "2026-03-14T09:60:00Z",
        "2026-03-14T09:26:61Z",
        "\uff12\uff10\uff12\uff16-03-14T09:26:53Z",
        "2026-03-14T09:26:5\u0663Z",
        "2026-03-14T09:26:53\x00Z",
        "1773480413",
    ],
)
def test_refused(text: str) -> None:
    """What is not RFC 3339 with an offset and a day of the calendar is refused."""
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-14T09:26:53Z", 1_773_480_413_000),
        ("2026-03-14t09:26:53z", 1_773_480_413_000),
        ("2026-03-14T10:26:53+01:00", 1_773_480_413_000),
        ("2026-03-14T09:26:53-00:00", 1_773_480_413_000),
        ("2026-03-14T09:26:53.5Z", 1_773_480_413_500),
        ("2026-03-14T09:26:53.999999999Z", 1_773_480_413_999),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
    ],
)
def test_accepted(text: str, expected: int) -> None:
    """Letters of either case, any offset, up to nine fraction digits floored to milliseconds."""
    assert reading(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1999-12-31T23:59:59.999Z",
        "2000-01-01T00:00:00+00:01",
        "2100-01-01T00:00:00Z",
        "2099-12-31T23:59:59-00:01",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:60Z",
        "0001-01-01T00:00:60+23:59",
    ],
)
def test_out_of_band(text: str) -> None:
    """An instant before 2000 or after 2099, in UTC, is told apart from bad grammar."""
    with pytest.raises(InstantOutOfBandError):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2000-01-01T00:00:00Z", instant.BAND_START_MS),
        ("1999-12-31T23:00:00-01:00", instant.BAND_START_MS),
        ("2099-12-31T23:59:59.999Z", instant.BAND_END_MS - 1),
        ("2100-01-01T00:00:00+00:01", instant.BAND_END_MS - 60_000),
    ],
)
def test_band_edges(text: str, expected: int) -> None:
    """The band is half open and is measured in UTC, whatever the offset."""
    assert reading(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"),
        ("2016-12-31T23:59:60.25Z", "2016-12-31T23:59:59.999Z"),
        ("2017-01-01T00:59:60.123456+01:00", "2016-12-31T23:59:59.999Z"),
        ("2016-12-31T23:58:60Z", None),
        ("2016-12-30T23:59:60Z", None),
        ("2016-12-31T23:59:60+01:00", None),
    ],
)
def test_leap_second(text: str, expected: str | None) -> None:
    """A leap second is the last millisecond of its minute, and only ends a month in UTC."""
    ms = reading(text)
    assert (None if ms is None else format_instant(ms)) == expected


@given(moment=BAND, letter=st.sampled_from("Tt"), digits=st.integers(0, 9), data=st.data())
def test_agrees_with_datetime(
    moment: datetime, letter: str, digits: int, data: st.DataObject
) -> None:
    """Any instant of the band, written with any offset and fraction, reads as datetime's."""
    moment = moment.replace(microsecond=0)
    fraction = data.draw(st.text("0123456789", min_size=digits, max_size=digits))
    text = moment.isoformat()
    clock, zone = text[:19].replace("T", letter), text[19:]
    written = clock + (f".{fraction}" if fraction else "") + zone
    expected = (moment - EPOCH) // MS + int((fraction + "000")[:3])
    assert reading(written) == expected == oracle(written)


@given(
    moment=BAND,
    at=st.integers(0, 35),
    cut=st.integers(0, 2),
    put=st.text("0123456789TtZz:.+- \u0663\n", max_size=2),
)
def test_agrees_on_damaged_text(moment: datetime, at: int, cut: int, put: str) -> None:
    """A damaged timestamp is accepted exactly where the dull reading accepts it."""
    text = moment.isoformat()
    damaged = text[:at] + put + text[at + cut :]
    if damaged[17:19] != "60":
        assert reading(damaged) == oracle(damaged)


@given(st.integers(instant.BAND_START_MS, instant.BAND_END_MS - 1))
def test_round_trip(ms: int) -> None:
    """Formatting and parsing give the same instant back."""
    assert parse_instant(format_instant(ms)) == ms


def test_caches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many instants pass, the caches hold no more than their limit."""
    monkeypatch.setattr(instant, "CACHE_ENTRIES_MAX", 8)
    caches = [vars(instant)[name] for name in ("_dates", "_times", "_tails")]
    for cache in caches:
        cache.clear()
    for step in range(50):
        ms = 1_773_480_413_000 + step * 90_061_001
        assert parse_instant(format_instant(ms)) == ms
        assert all(len(cache) <= 8 for cache in caches)

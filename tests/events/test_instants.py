"""Many instants at once: always what one by one gives, in whatever form they are written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events.instant import parse_instant
from events.instants import ALIKE_MIN, parse_instants

ZONES = st.sampled_from(["Z", "z", "+00:00", "-00:30", "+05:45", "+23:59", "-23:59"])
EDGES = st.sampled_from(
    [
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2100, 1, 1, tzinfo=UTC),
    ]
)
ODD = st.sampled_from(
    [
        *("", "now", "2026-02-29T00:00:00Z", "2026-02-01T24:00:00Z", "2026-02-01T23:60:00Z"),
        *("2016-12-31T23:59:60Z", "2026-03-14T09:26:53.5Z", "2026-03-14T09:26:53+01:00"),
        *("2026-03-14t09:26:53Z", "2026-03-14T09:26:53\n", "2026-03-14T09:26:5\u0663Z"),
        *("2026-03-14T09:26:53Z2026-03-14T09:26:53Z", "2026-03-14T09:26:53Z\n2026"),
    ]
)


def one_by_one(texts: list[str]) -> list[int | None]:
    """What `parse_instant` gives."""
    found: list[int | None] = []
    for text in texts:
        try:
            found.append(parse_instant(text))
        except ValueError:
            found.append(None)
    return found


def written(start: datetime, step_s: int, digits: int, zone: str, letter: str) -> list[str]:
    """A run of timestamps in one form."""
    moments = [start + timedelta(seconds=step_s * place) for place in range(ALIKE_MIN + 9)]
    fractions = [f".{place:09}"[: digits + 1] if digits else "" for place in range(ALIKE_MIN + 9)]
    return [
        f"{moment:%Y-%m-%d}{letter}{moment:%H:%M:%S}{fraction}{zone}"
        for moment, fraction in zip(moments, fractions, strict=True)
    ]


@given(
    start=st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
    | EDGES,
    step_s=st.integers(-40_000, 40_000),
    digits=st.integers(0, 9),
    zone=ZONES,
    letter=st.sampled_from("Tt"),
)
def test_agrees_on_one_form(
    start: datetime, step_s: int, digits: int, zone: str, letter: str
) -> None:
    """A run in one form, of any offset and fraction, inside the band or across its edges."""
    texts = written(start, step_s, digits, zone, letter)
    assert parse_instants(texts) == one_by_one(texts)


@given(place=st.integers(0, ALIKE_MIN - 1), odd=ODD, others=st.lists(ODD, max_size=2))
@example(place=0, odd="2026-03-14T09:26:53Z2026", others=["-03-14T09:26:53Z"])
def test_agrees_where_some_are_odd(place: int, odd: str, others: list[str]) -> None:
    """Texts of another form or none, that lie among many alike, change nothing for these."""
    texts = written(datetime(2026, 2, 1, tzinfo=UTC), 977, 0, "Z", "T")
    texts[place : place + 1 + len(others)] = [odd, *others]
    assert parse_instants(texts) == one_by_one(texts)


@given(
    place=st.integers(0, ALIKE_MIN - 1),
    at=st.integers(0, 19),
    put=st.sampled_from("0123456789:TtZz+-./ \n\u0663\x00"),
)
def test_agrees_on_one_damaged_character(place: int, at: int, put: str) -> None:
    """One character of one text that is another: it is refused, or read, as by itself."""
    texts = written(datetime(2026, 2, 1, tzinfo=UTC), 977, 0, "Z", "T")
    texts[place] = texts[place][:at] + put + texts[place][at + 1 :]
    assert parse_instants(texts) == one_by_one(texts)


@pytest.mark.parametrize("count", [0, 1, ALIKE_MIN - 1, ALIKE_MIN])
def test_agrees_on_any_number(count: int) -> None:
    """Few texts are read as many are."""
    texts = written(datetime(2026, 2, 1, tzinfo=UTC), 977, 3, "Z", "T")[:count]
    assert parse_instants(texts) == one_by_one(texts)

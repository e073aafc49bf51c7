"""Money: intervals, currencies, rounding, discounts, exchange rates."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from aggregates.policies.policy import Policy, Rate
from aggregates.revenue.billing import LicensedItem, interval_after
from aggregates.revenue.discount import AppliedDiscount
from aggregates.revenue.money import MissingRateError, mrr_micros, rates_of
from events import format_instant, parse_instant

EURO = Policy(
    exchange_rates={
        "EUR": [
            Rate(valid_from="2026-02-01T00:00:00Z", rate=Fraction("1.2")),
            Rate(valid_from="2025-01-01T00:00:00Z", rate=Fraction("1.1")),
        ]
    }
)


def micros(items: Sequence[Sequence[Any]], *discounts: tuple[str | None, int | None]) -> int:
    """Prices a state in dollars."""
    licensed = [LicensedItem(*item) for item in items]
    applied = [AppliedDiscount(*discount) for discount in discounts]
    return mrr_micros(licensed, applied, lambda currency: Fraction(1))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ([4_900, "USD", "month", 1], 49_000_000),
        ([120_000, "USD", "year", 1], 100_000_000),
        ([30_000, "USD", "month", 3], 100_000_000),
        ([100_000, "USD", "year", 2], 41_666_667),
        ([1_000, "USD", "week", 1], 43_333_333),
        ([1_000, "USD", "day", 1], 304_166_667),
        ([1_000, "USD", "week", 2], 21_666_667),
        ([1_000, "JPY", "month", 1], 1_000_000_000),
        ([1_000, "BHD", "month", 1], 1_000_000),
        ([10_000, "CLF", "month", 1], 1_000_000),
        ([0, "USD", "month", 1], 0),
    ],
)
def test_an_item_is_divided_by_the_months_of_its_interval(item: list[Any], expected: int) -> None:
    """A year is 12 months, 52 weeks or 365 days; minor units follow ISO 4217."""
    assert micros([item]) == expected


def test_no_items_are_nothing() -> None:
    """A state without items is worth 0, whatever is taken off."""
    assert micros([], ("10", None), (None, 500)) == 0


def test_a_state_is_rounded_once_half_up() -> None:
    """Three thirds are a whole: parts are exact, only the sum is rounded, and halves go up."""
    third = [1, "USD", "month", 3]
    assert micros([third]) == 3_333
    assert micros([third, third, third]) == 10_000
    assert micros([[1, "USD", "month", 20_000]]) == 1  # half a micro-unit
    assert micros([[1, "USD", "month", 20_001]]) == 0


@pytest.mark.parametrize(
    ("discounts", "expected"),
    [
        ([("20", None)], 80),
        ([(None, 3_000)], 70),
        ([("20", None), (None, 3_000)], 50),
        ([(None, 3_000), ("20", None)], 56),
        ([("100", None)], 0),
        ([(None, 99_999)], 0),
        ([("0", None)], 100),
    ],
)
def test_discounts_are_taken_off_in_order(
    discounts: list[tuple[str | None, int | None]], expected: int
) -> None:
    """A percentage is of what is left; an amount may leave nothing, but not less."""
    assert micros([[10_000, "USD", "month", 1]], *discounts) == expected * 1_000_000


def test_an_amount_off_is_for_the_interval_of_the_first_item() -> None:
    """$10 off is $10 a month where an item is monthly, which comes first, and $5 by the year."""
    month, year = [2_000, "USD", "month", 1], [120_000, "USD", "year", 1]
    assert micros([month, year], (None, 1_000)) == 110_000_000
    assert micros([year], (None, 6_000)) == 95_000_000


def test_a_percentage_is_exact_to_the_digits_sent() -> None:
    """33.3 % off 100 leaves 66.7."""
    assert micros([[10_000, "USD", "month", 1]], ("33.3", None)) == 66_700_000


@pytest.mark.parametrize(
    ("instant", "expected"),
    [("2026-01-31T23:59:59Z", 110_000_000), ("2026-02-01T00:00:00Z", 120_000_000)],
)
def test_the_rate_is_that_of_the_instant(instant: str, expected: int) -> None:
    """The latest rate that is valid at the instant holds, in whatever order rates are set."""
    rate_of = rates_of(EURO, lambda currency: parse_instant(instant))
    assert mrr_micros([LicensedItem(10_000, "EUR", "month", 1)], (), rate_of) == expected


@pytest.mark.parametrize(("currency", "day"), [("GBP", "2026-01-01"), ("EUR", "2024-12-31")])
def test_a_currency_without_a_rate_is_an_error_that_names_it(currency: str, day: str) -> None:
    """Neither an unknown currency nor one before its first rate is guessed."""
    rate_of = rates_of(EURO, lambda _: parse_instant(f"{day}T00:00:00Z"))
    with pytest.raises(MissingRateError, match=f"from {currency} to USD"):
        mrr_micros([LicensedItem(10_000, currency, "month", 1)], (), rate_of)


@pytest.mark.parametrize(
    "rate",
    [{"rate": 0}, {"rate": "-1/2"}, {"rate": 1, "valid_from": "2026-01-01"}, {}],
)
def test_a_rate_is_positive_and_dated(rate: dict[str, Any]) -> None:
    """A rate of 0 or less, or from a time without an offset, is refused as the policy is read."""
    with pytest.raises(ValidationError):
        Policy.model_validate({"exchange_rates": {"EUR": [rate]}})


@pytest.mark.parametrize(
    ("begin", "interval", "count", "end"),
    [
        ("2026-01-15T06:00:00Z", "month", 1, "2026-02-15T06:00:00Z"),
        ("2026-01-31T06:00:00Z", "month", 1, "2026-02-28T06:00:00Z"),
        ("2027-12-31T06:00:00Z", "month", 2, "2028-02-29T06:00:00Z"),
        ("2028-02-29T00:00:00Z", "year", 1, "2029-02-28T00:00:00Z"),
        ("2026-01-15T06:00:00.250Z", "week", 2, "2026-01-29T06:00:00.250Z"),
        ("2026-01-15T06:00:00Z", "day", 1, "2026-01-16T06:00:00Z"),
        ("2026-01-15T06:00:00Z", "year", 1_000_000_000, "2100-01-01T00:00:00Z"),
        ("2026-01-15T06:00:00Z", "day", 1_000_000_000, "2100-01-01T00:00:00Z"),
    ],
)
def test_a_billing_interval_ends_on_the_same_day_of_its_month(
    begin: str, interval: str, count: int, end: str
) -> None:
    """Where a month is too short its last day is taken; nothing lies beyond the band."""
    after = interval_after(parse_instant(begin), interval, count)
    if end.startswith("2100"):
        assert after == parse_instant("2099-12-31T23:59:59.999Z") + 1
    else:
        assert format_instant(after) == end

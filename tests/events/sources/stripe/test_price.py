"""What lines come to."""

from typing import Any

import pytest

from tests.events.sources.stripe.made import content, event, item, price, subscription
from tests.events.sources.stripe.taken import gap, one

TIERS = [
    {"up_to": 5, "unit_amount": 700, "unit_amount_decimal": "700", "flat_amount": 1_000},
    {"up_to": 10, "unit_amount": 650, "unit_amount_decimal": "650"},
    {"up_to": None, "unit_amount": 600, "unit_amount_decimal": "600", "flat_amount": 99},
]


def amount(quantity: int | None, options: dict[str, Any] | None = None, **more: Any) -> int:
    """Returns what one line comes to."""
    made = event(subscription(item(quantity, price=price(**more))))
    result: int = one(made, **(options or {}))["items"][0]["amount"]
    return result


@pytest.mark.parametrize(
    ("decimal", "quantity", "expected"),
    [("0.25", 1, 0), ("0.5", 1, 1), ("0.25", 10, 3), ("4900.5", 2, 9_801), ("0.000001", 10**6, 1)],
)
def test_fractions_of_a_cent(decimal: str, quantity: int, expected: int) -> None:
    """unit_amount is null then: it is the decimal for the whole quantity, rounded once."""
    assert amount(quantity, unit=None, unit_amount_decimal=decimal) == expected


def test_a_decimal_that_is_a_number() -> None:
    """Some libraries write it as a number; it is the same price."""
    assert amount(2, unit=None, unit_amount_decimal=4900.5) == 9_801
    assert gap(event(subscription(item(price=price(None))))) == "amount_missing"


@pytest.mark.parametrize(
    ("quantity", "rounds", "expected"),
    [(10, "up", 4_900), (11, "up", 9_800), (19, "down", 4_900), (9, "down", 0), (0, "up", 0)],
)
def test_packages(quantity: int, rounds: str, expected: int) -> None:
    """A price of ten pieces is taken for whole packages of them."""
    packs = {"divide_by": 10, "round": rounds}
    assert amount(quantity, transform_quantity=packs) == expected


@pytest.mark.parametrize(
    ("mode", "quantity", "expected"),
    [
        # 1000 + 5 x 700; then 650 each; from 11 on another 99 and 600 each
        ("graduated", 5, 4_500),
        ("graduated", 6, 5_150),
        ("graduated", 10, 7_750),
        ("graduated", 12, 9_049),
        ("graduated", 0, 1_000),
        # all of it at the rate of the tier that it ends in
        ("volume", 5, 4_500),
        ("volume", 6, 3_900),
        ("volume", 12, 7_299),
        ("volume", 0, 1_000),
    ],
)
def test_tiers(mode: str, quantity: int, expected: int) -> None:
    """Tiers are billed one after the other, or the whole by one; a file has them, or the event."""
    tiered: dict[str, Any] = {"billing_scheme": "tiered", "tiers_mode": mode, "unit": None}
    known = price(**tiered, tiers=TIERS)
    page = {"object": "list", "data": [known], "has_more": False}
    assert amount(quantity, {"prices": (content(page),)}, **tiered) == expected
    assert amount(quantity, **tiered, tiers=TIERS) == expected


def test_tiers_that_are_not_known() -> None:
    """A tiered price has no amount in an event: that is a gap which names it, and never 0."""
    tiered = price(None, billing_scheme="tiered", tiers_mode="volume")
    made = event(subscription(item(price=tiered)))
    assert gap(made) == "price_tiers_unknown"
    bounded = price(None, billing_scheme="tiered", tiers_mode="volume", tiers=TIERS[:2])
    assert gap(event(subscription(item(11, price=bounded)))) == "price_tiers_unknown"


def test_intervals_of_one_subscription_may_differ() -> None:
    """Each line has its own since 2025-07-30."""
    quarter = price(9_000, recurring={"interval_count": 3})
    made = event(subscription(item(), item(1, id="si_2", price=quarter)))
    month, other = one(made)["items"]
    assert "interval_count" not in month
    assert (other["interval"], other["interval_count"], other["amount"]) == ("month", 3, 9_000)

"""Discounts: what an event names by id only, and what it does not name at all."""

from typing import Any

import pytest

from tests.events.sources.stripe.made import (
    APR_5,
    FEB_5,
    MAR_5,
    SHAPES,
    Shape,
    content,
    coupon,
    discount,
    event,
    item,
    price,
    subscription,
)
from tests.events.sources.stripe.taken import gap, imported, one, told

TOLD = {
    "id": "di_1",
    "duration": "repeating",
    "percent_off": 20.0,
    "start": "2026-01-05T10:00:00Z",
    "end": "2026-04-05T10:00:00Z",
}
NAMED = event(subscription(discounts=["di_1"]))
COUPON = event(coupon(), id="evt_c")
DISCOUNT = event(discount(), id="evt_d")


def test_ids_alone_are_a_gap() -> None:
    """They are never told as no discounts: that would raise revenue."""
    assert gap(NAMED) == "discount_unknown"
    assert gap(NAMED, DISCOUNT) == "coupon_unknown"


@pytest.mark.parametrize("shape", SHAPES)
def test_seen_before_or_after(shape: Shape) -> None:
    """Events of the discount and its coupon say the rest, in whatever order they come."""
    named = event(subscription(shape=shape, discounts=["di_1"]), shape=shape)
    said = event(discount(shape), id="evt_d", shape=shape)
    for order in ([said, COUPON, named], [named, said, COUPON], [COUPON, named, said]):
        assert one(*order)["discounts"] == [TOLD]


def test_held_back_only_until_it_is_known() -> None:
    """The state is told as soon as the last of them came, and counts once."""
    out = imported([NAMED, DISCOUNT, COUPON, event(subscription(), id="evt_2", created=MAR_5)])
    assert [each.id for _, each in out.told] == ["evt_1", "evt_2"]


def test_files_of_reference() -> None:
    """Lists of the API, or the events themselves, are read before anything is told."""
    page = {"object": "list", "data": [coupon()]}
    files = {"discounts": (content(discount()),), "coupons": (content(page),)}
    assert one(NAMED, **files)["discounts"] == [TOLD]
    assert one(NAMED, discounts=(content(DISCOUNT, COUPON, NAMED),))["discounts"] == [TOLD]


def test_expanded_objects() -> None:
    """An expanded discount, and the one object that acacia has, need nothing else."""
    inside = discount(source={"type": "coupon", "coupon": coupon()})
    assert one(event(subscription(discounts=[inside])))["discounts"] == [TOLD]
    old = subscription(shape="acacia", discounts=["di_1"]) | {"discount": discount("acacia")}
    assert one(event(old, shape="acacia"))["discounts"] == [TOLD]
    bare = subscription(shape="acacia") | {"discount": discount("acacia")}
    assert one(event(bare, shape="acacia"))["discounts"] == [TOLD]


def known(*things: Any, **more: Any) -> dict[str, Any]:
    """Returns options under which things are known."""
    return {"discounts": (content(*things),), **more}


def test_once_begins_with_what_is_to_pay() -> None:
    """Its beginning is left out, so that a trial does not use it up; it ends by itself."""
    once = known(discount(end=None), coupon(duration="once"))
    assert one(NAMED, **once)["discounts"] == [
        {"id": "di_1", "duration": "once", "percent_off": 20.0}
    ]


@pytest.mark.parametrize(
    ("currency", "off", "expected"), [("usd", 500, 500), ("isk", 50_000, 500), ("mga", 5, 500)]
)
def test_an_amount_is_in_its_own_unit(currency: str, off: int, expected: int) -> None:
    """An amount off is converted as prices are."""
    fixed = coupon(percent_off=None, amount_off=off, currency=currency)
    made = subscription(item(price=price(9_900, currency)), discounts=["di_1"])
    [each] = one(event(made), **known(discount(), fixed))["discounts"]
    assert each["amount_off"] == expected


def test_an_amount_in_another_currency() -> None:
    """It is the coupon's amount in that currency, if that was expanded; else a gap."""
    fixed = coupon(percent_off=None, amount_off=500, currency="usd")
    made = event(subscription(item(price=price(9_900, "eur")), discounts=["di_1"]))
    assert gap(made, **known(discount(), fixed)) == "discount_currency"
    options = fixed | {"currency_options": {"eur": {"amount_off": 450}}}
    assert one(made, **known(discount(), options))["discounts"][0]["amount_off"] == 450


TWO = (item(), item(1, id="si_2", price=price(1_000, product="prod_extra", id="price_extra")))


def test_a_coupon_of_some_products() -> None:
    """For all lines it is one of the subscription, for none it is none, else there is no place."""
    for products, items, expected in (
        (["prod_pro"], (item(),), [TOLD]),
        (["prod_pro", "prod_extra"], TWO, [TOLD]),
        (["prod_other"], TWO, None),
    ):
        limited = coupon(applies_to={"products": products})
        made = event(subscription(*items, discounts=["di_1"]))
        assert one(made, **known(discount(), limited)).get("discounts") == expected
    limited = coupon(applies_to={"products": ["prod_pro"]})
    made = event(subscription(*TWO, discounts=["di_1"]))
    assert gap(made, **known(discount(), limited)) == "discount_of_some_products"


def test_a_discount_of_one_item() -> None:
    """Where it is the only line with a price it is one of the subscription; else a gap."""
    metered = item(
        None, id="si_2", price=price(None, recurring={"usage_type": "metered"}), discounts=["di_9"]
    )
    made = event(subscription(item(discounts=["di_1"]), metered))
    assert one(made, **known(discount(), coupon()))["discounts"] == [TOLD]
    made = event(subscription(item(discounts=["di_1"]), TWO[1]))
    assert gap(made, **known(discount(), coupon())) == "discount_of_one_item"


OWN = discount(id="di_c", subscription=None, start=FEB_5, end=APR_5)
OWN_TOLD = TOLD | {"id": "di_c", "start": "2026-02-05T10:00:00Z"}


def test_a_discount_of_the_customer_is_a_gap_until_it_is_known_from_the_start() -> None:
    """No subscription names it: by itself its event says that the file is needed as reference."""
    own = event(OWN, id="evt_o")
    assert gap(own) == "customer_discount"
    [each] = told(own, event(subscription()), **known(own, coupon()))
    assert each.data["discounts"] == [OWN_TOLD]


def test_a_discount_of_the_customer_holds_for_what_has_none_itself() -> None:
    """With its bounds, from before it began until it is over; a subscription's own goes first."""
    listed = {"object": "list", "data": [{"id": "cus_1", "object": "customer", "discount": OWN}]}
    for files in (known(OWN, coupon()), known(coupon(), customers=(content(listed),))):
        for at in (FEB_5 - 9, FEB_5, APR_5 - 1):
            assert one(event(subscription(), created=at), **files)["discounts"] == [OWN_TOLD]
        assert "discounts" not in one(event(subscription(), created=APR_5), **files)
        assert "discounts" not in one(event(subscription(customer="cus_2")), **files)
    both = known(OWN, discount(), coupon())
    assert one(NAMED, **both)["discounts"] == [TOLD]


def test_a_discount_of_the_customer_that_was_taken_away() -> None:
    """It ends when it was deleted, wherever in the file that stands."""
    gone = event(OWN, "customer.discount.deleted", id="evt_g", created=MAR_5)
    made = event(OWN, id="evt_m")
    for order in ((gone, made), (made, gone)):
        files = known(*order, coupon())
        [each] = one(event(subscription(), created=FEB_5), **files)["discounts"]
        assert each["end"] == "2026-03-05T10:00:00Z"
        assert "discounts" not in one(event(subscription(), created=MAR_5), **files)


def test_coupons_of_connected_accounts() -> None:
    """A coupon's id is a name that each account gives: another account's does not count."""
    named = event(subscription(discounts=["di_1"]), account="acct_a")
    theirs = event(coupon(percent_off=50.0), id="evt_c", account="acct_b")
    assert gap(named, DISCOUNT, theirs) == "coupon_unknown"
    own = event(coupon(), id="evt_c", account="acct_a")
    [each] = told(named, DISCOUNT, theirs, own)
    assert (each.source, each.data["discounts"]) == ("stripe/acct_a", [TOLD])


@pytest.mark.parametrize("wrong", [{"duration": "moon"}, {"percent_off": None}, {"amount_off": 5}])
def test_a_coupon_that_cannot_be_read(wrong: dict[str, Any]) -> None:
    """One without a size or with two, or with a new duration, is a gap."""
    assert gap(NAMED, **known(discount(), coupon(**wrong))) == "coupon_unreadable"

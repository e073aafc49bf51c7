"""The discounts of a subscription's state.

An event names them by id, and that is no reason to tell none: it would raise revenue. The size is
the coupon's, which since clover is an id too. A customer's own discounts hold for those of its
subscriptions that have none themselves, and no subscription names them.

Source: Stripe's libraries 16.1.0 ("Subscription item discounts are applied before subscription
discounts"; a subscription without discounts "inherits the discount from the subscription's
customer").
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from events.sources.source import GapError
from events.sources.stripe.instants import instant
from events.sources.stripe.known import Known
from events.sources.stripe.money import iso
from events.sources.stripe.objects import Coupon, Customer, Discount, Item, Subscription, id_of
from events.sources.stripe.waiting import WaitError


class PricedItem(msgspec.Struct, gc=False):
    """A line with a price to take something off.

    Attributes:
        item: The line.
        currency: Its currency, as Stripe writes it.
        product: Its product, if that is told.
    """

    item: Item
    currency: str
    product: str | None


def discounts_of(
    sub: Subscription,
    priced: Sequence[PricedItem],
    known: Known,
    account: str | None,
    at: int,
) -> list[dict[str, Any]]:
    """Returns all discounts in force, in the order in which they are taken off.

    Args:
        sub: The subscription.
        priced: Its lines that have a price, metered ones left out.
        known: Discounts and coupons.
        account: The connected account, if it is of one.
        at: When the state began, seconds of the epoch.

    Raises:
        WaitError: If a discount or a coupon is not known yet.
        GapError: If one takes something off some of the lines and not off others.
    """
    own = sub.discounts or ([sub.discount] if sub.discount else [])
    embedded = {sub.discount.id: sub.discount} if sub.discount else {}
    found = list(_of_items(sub, priced, known))
    found += [_resolved(named, embedded, known) for named in own]
    told = [_told(discount, priced, known, account) for discount in found]
    if not own and (customer := id_of(sub.customer)) is not None:
        told += [
            _told(discount, priced, known, account, inherited=True)
            for discount in _of_customer(sub, customer, known)
            if discount.end is None or discount.end > at
        ]
    return [each for each in told if each is not None]


def may_have_discounts(sub: Subscription, known: Known) -> bool:
    """Returns whether to look for discounts: most states have none."""
    if sub.discounts or sub.discount or known.own_discounts or isinstance(sub.customer, Customer):
        return True
    for item in sub.items.data:  # a plain loop: it is run for every state
        if item.discounts:
            return True
    return False


def _of_items(sub: Subscription, priced: Sequence[PricedItem], known: Known) -> Iterator[Discount]:
    """Yields discounts of lines, if these are all of the lines with a price."""
    for item in sub.items.data:
        for named in item.discounts or ():
            if not any(each.item is item for each in priced):
                continue  # a metered or free line: there is nothing to take it off
            if len(priced) > 1:
                raise GapError(
                    "discount_of_one_item",
                    "one discount for the whole subscription; one of a single line has no place",
                )
            yield _resolved(named, {}, known)


def _of_customer(sub: Subscription, customer: str, known: Known) -> Iterator[Discount]:
    yield from known.own_discounts.get(customer, {}).values()
    expanded = sub.customer
    if expanded is None or isinstance(expanded, str) or expanded.discount is None:
        return
    if expanded.discount.id not in known.own_discounts.get(customer, {}):
        yield expanded.discount


def _resolved(named: str | Discount, embedded: dict[str, Discount], known: Known) -> Discount:
    if not isinstance(named, str):
        return named
    found = embedded.get(named) or known.discounts.get(named)
    if found is None:
        needs = "--discounts, or customer.discount.created, for each discount that is named by id"
        raise WaitError(named, GapError("discount_unknown", needs))
    return found


def _coupon(discount: Discount, known: Known, account: str | None) -> Coupon:
    named = discount.coupon
    if named is None and discount.source is not None:
        named = discount.source.coupon
    if named is None:
        raise GapError("coupon_missing", "a coupon in the discount")
    name = named if isinstance(named, str) else named.id
    found = known.coupon(account, name)  # a file may have what an event lacks: its products
    if found is not None:
        return found
    if isinstance(named, str):
        needs = f"--coupons with {name}, or its coupon.created"
        raise WaitError(f"coupon {name}", GapError("coupon_unknown", needs))
    return named


def _told(
    discount: Discount,
    priced: Sequence[PricedItem],
    known: Known,
    account: str | None,
    *,
    inherited: bool = False,
) -> dict[str, Any] | None:
    """Returns a discount in our form, or None if none of the lines is one of its products."""
    coupon = _coupon(discount, known, account)
    if coupon.duration not in ("once", "repeating", "forever"):
        raise GapError("coupon_unreadable", f"a duration of the coupon {coupon.id}")
    if not _applies(coupon, priced):
        return None
    told: dict[str, Any] = {"id": discount.id, "duration": coupon.duration}
    if coupon.percent_off is not None and coupon.amount_off is None:
        told["percent_off"] = coupon.percent_off
    elif coupon.amount_off is not None and coupon.percent_off is None:
        told["amount_off"] = _amount_off(coupon, priced)
    else:
        raise GapError("coupon_unreadable", f"a percentage or an amount of the coupon {coupon.id}")
    # One for once is used up by the first invoice that has something to pay, be it after a trial:
    # left out, its beginning is found by that. A customer's may begin between two states.
    if discount.start is not None and (inherited or coupon.duration != "once"):
        told["start"] = instant(discount.start)
    if discount.end is not None:
        told["end"] = instant(discount.end)
    return told


def _applies(coupon: Coupon, priced: Sequence[PricedItem]) -> bool:
    if coupon.applies_to is None or not coupon.applies_to.products:
        return True
    products = set(coupon.applies_to.products)
    covered = sum(each.product in products for each in priced)
    if 0 < covered < len(priced):
        raise GapError(
            "discount_of_some_products",
            "coupons for all that a subscription has; one of some products has no place",
        )
    return covered > 0


def _amount_off(coupon: Coupon, priced: Sequence[PricedItem]) -> int:
    amounts = {name: option.amount_off for name, option in (coupon.currency_options or {}).items()}
    if coupon.currency is not None and coupon.amount_off is not None:
        amounts[coupon.currency] = coupon.amount_off
    currencies = {each.currency for each in priced} or set(amounts)
    currency = min(currencies, default="")
    if currency not in amounts or len({each.currency for each in priced}) > 1:
        raise GapError("discount_currency", f"an amount of {coupon.id} in the one currency of all")
    return iso(amounts[currency], currency)[0]

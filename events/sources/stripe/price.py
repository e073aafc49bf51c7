"""What a priced line comes to in one interval, for its whole quantity, before discounts."""

from collections.abc import Mapping
from fractions import Fraction

from events.sources.source import GapError
from events.sources.stripe.money import exact
from events.sources.stripe.objects import Price, Tier


def amount_of(price: Price, quantity: int | None, prices: Mapping[str, Price]) -> int | Fraction:
    """Returns what a licensed price comes to, in Stripe's minor units, exactly.

    Args:
        price: The price, as the event has it.
        quantity: Pieces; left out it is one.
        prices: Prices with tiers, by id: events have no tiers.

    Raises:
        GapError: If it has tiers that are not known, or no amount.

    >>> recurring = Price(id="price_1", currency="usd", unit_amount=500)
    >>> amount_of(recurring, 3, {}), amount_of(recurring, 0, {}), amount_of(recurring, None, {})
    (1500, 0, 500)
    """
    pieces = 1 if quantity is None else quantity
    if pieces < 0:
        raise GapError("quantity_unreadable", "quantities that are not below 0")
    if price.billing_scheme == "tiered":
        return _tiered(price, pieces, prices)
    unit = exact(price.unit_amount, price.unit_amount_decimal)
    if unit is None:
        raise GapError("amount_missing", f"an amount of the price {price.id}")
    if price.transform_quantity is not None:
        pieces = _packages(price, pieces)
    return unit * pieces


def _packages(price: Price, pieces: int) -> int:
    transform = price.transform_quantity
    assert transform is not None
    if transform.divide_by < 1 or transform.round not in ("up", "down"):
        raise GapError("amount_missing", f"a transform_quantity of {price.id} that is known here")
    whole, rest = divmod(pieces, transform.divide_by)
    return whole + (rest > 0 and transform.round == "up")


def _tiered(price: Price, pieces: int, prices: Mapping[str, Price]) -> int | Fraction:
    tiers, mode = price.tiers, price.tiers_mode
    if tiers is None and (known := prices.get(price.id)) is not None:
        tiers, mode = known.tiers, known.tiers_mode
    if not tiers or mode not in ("graduated", "volume"):
        raise GapError("price_tiers_unknown", f"--prices with the tiers of {price.id}")
    tiers = sorted(tiers, key=lambda tier: (tier.up_to is None, tier.up_to or 0))
    if tiers[-1].up_to is not None and pieces > tiers[-1].up_to:
        raise GapError("price_tiers_unknown", f"a tier of {price.id} for a quantity of {pieces}")
    return _graduated(tiers, pieces) if mode == "graduated" else _volume(tiers, pieces)


def _graduated(tiers: list[Tier], pieces: int) -> int | Fraction:
    """Returns the sum over all tiers that are reached, of what lies in each of them.

    The first tier is reached with nothing in it too: its flat amount is billed for a quantity of 0.
    """
    amount: int | Fraction = 0
    below = 0
    for tier in tiers:
        end = pieces if tier.up_to is None else min(pieces, tier.up_to)
        if end > below or below == 0:
            amount += _flat(tier) + _unit(tier) * (end - below)
        below = end
        if end == pieces:
            break
    return amount


def _volume(tiers: list[Tier], pieces: int) -> int | Fraction:
    """Returns what the tier that the whole quantity lies in makes of all of it."""
    tier = next(tier for tier in tiers if tier.up_to is None or pieces <= tier.up_to)
    return _flat(tier) + _unit(tier) * pieces


def _flat(tier: Tier) -> int | Fraction:
    return exact(tier.flat_amount, tier.flat_amount_decimal) or 0


def _unit(tier: Tier) -> int | Fraction:
    return exact(tier.unit_amount, tier.unit_amount_decimal) or 0

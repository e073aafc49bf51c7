"""Money that is sent in major units on one side: what was paid, against the prices it was paid for.

It holds a price and a payment for each subscription.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from events.checking.entities import Place
from events.checking.findings import Finding
from events.event import Event

_RATIOS: Final = (50, 200)
"""How many times the other a sum is if they differ by cents in a dollar: 100, give or take tax,
a discount, or years that are paid at once."""


class _Paid(NamedTuple):
    amount: int
    place: Place


class Money:
    """Prices and payments, by account, subscription and currency."""

    def __init__(self) -> None:
        """Begins with none."""
        self._prices: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        self._paid: dict[tuple[str, str], dict[str | None, _Paid]] = {}

    def take(self, event: Event, place: Place) -> None:
        """Takes an event."""
        data: Any = event.data
        if event.account_id is None:
            return
        if event.type == "invoice.paid":
            by_subscription = self._paid.setdefault((event.account_id, data.currency), {})
            before = by_subscription.get(data.subscription_id)
            if before is None or data.amount_paid > before.amount:
                by_subscription[data.subscription_id] = _Paid(data.amount_paid, place)
            return
        sums: defaultdict[str, int] = defaultdict(int)
        for item in getattr(data, "items", ()):
            sums[item.currency] += item.amount
        for currency, amount in sums.items():
            prices = self._prices[event.account_id, currency]
            prices[data.subscription_id] = max(amount, prices.get(data.subscription_id, 0))

    def findings(self) -> Iterator[tuple[Finding, int]]:
        """Yields what looks like major units in a currency, with how often it does.

        It is told if at least half of what can be compared looks so: a single sum may be odd.
        """
        compared: dict[str, list[tuple[int, _Paid]]] = {}
        for (account, currency), by_subscription in self._paid.items():
            prices = self._prices.get((account, currency), {})
            for subscription, paid in by_subscription.items():
                price = prices.get(str(subscription), sum(prices.values()))
                if price and paid.amount:
                    compared.setdefault(currency, []).append((price, paid))
        for currency, pairs in compared.items():
            for is_price in (True, False):
                odd = [each for each in pairs if _is_major(*each, is_price=is_price)]
                if odd and 2 * len(odd) >= len(pairs):
                    yield _finding(currency, *odd[0], is_price=is_price), len(odd)


def _is_major(price: int, paid: _Paid, *, is_price: bool) -> bool:
    small, large = (price, paid.amount) if is_price else (paid.amount, price)
    least, most = _RATIOS
    return least * small <= large <= most * small


def _finding(currency: str, price: int, paid: _Paid, *, is_price: bool) -> Finding:
    field = "data.items[].amount" if is_price else "data.amount_paid"
    small, name = (price, "price") if is_price else (paid.amount, "payment")
    return Finding(
        kind="major_units",
        says=f"payments in {currency} are a hundred times or a hundredth of the price",
        place=str(paid.place),
        type="invoice.paid",
        field=field,
        found=f"{paid.amount} paid for {price}",
        suggestion=f"in minor units, a {name} of {small} is {small * 100} where there are cents",
        id=paid.place.id,
    )

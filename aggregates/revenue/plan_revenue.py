"""Revenue by plan: how a subscription's MRR is split over the plans of its items.

A subscription has one MRR, rounded once, and discounts that are off the whole. It is split in
proportion to what the items of each plan come to without discounts: plans in the order of their
ids, each up to the running share of the whole, rounded half up. So the parts always add up to the
MRR, whatever a policy made of that.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from aggregates.policies.revenue import Factors
from aggregates.revenue.billing import LicensedItem
from aggregates.revenue.money import RateOf, monthly_sum

NO_PLAN: Final = "none"
"""The plan of an item without a plan."""


class PlanShare(NamedTuple):
    """How much of a subscription's price its plans make, up to one of them, as a quotient."""

    plan: str
    above: int
    below: int


class PlanPay(NamedTuple):
    """What an account pays for a plan.

    Attributes:
        plan: The plan.
        mrr: Micro-units a month, above 0.
        subs: Subscriptions with MRR in the plan.
    """

    plan: str
    mrr: int
    subs: int


PlanPays = tuple[PlanPay, ...]
"""What an account pays, by plan, in the order of the plans."""

_WHOLE: Final = (PlanShare(NO_PLAN, 1, 1),)


def shares_of(
    items: Sequence[LicensedItem], rate_of: RateOf, factors: Factors
) -> tuple[PlanShare, ...]:
    """Returns the running shares of the plans in the price of some items, the last one 1.

    Raises:
        MissingRateError: If the items are of several plans and a currency has no rate.

    >>> from fractions import Fraction
    >>> from aggregates.policies.revenue import FACTORS
    >>> prices = (30, "pro"), (10, "add-on")
    >>> items = [LicensedItem(amount, "USD", "month", 1, plan) for amount, plan in prices]
    >>> [(plan, Fraction(above, below)) for plan, above, below in
    ...  shares_of(items, lambda currency: Fraction(1), FACTORS)]
    [('add-on', Fraction(1, 4)), ('pro', Fraction(1, 1))]
    """
    plans = [item.plan or NO_PLAN for item in items]
    ordered = sorted(set(plans))
    if len(ordered) <= 1:
        return (PlanShare(ordered[0], 1, 1),) if ordered else _WHOLE
    whole, parts = monthly_sum(items, rate_of, factors)
    shares = []
    for last in ordered[:-1]:
        till = [item for item, plan in zip(items, plans, strict=True) if plan <= last]
        above, below = monthly_sum(till, rate_of, factors)
        shares.append(PlanShare(last, above * parts, below * whole))
    return *shares, PlanShare(ordered[-1], 1, 1)


def split(mrr: int, shares: Sequence[PlanShare]) -> Iterator[tuple[str, int]]:
    """Yields the part of an MRR (micro-units a month) of each plan that has one.

    >>> thirds = [PlanShare("a", 1, 3), PlanShare("b", 2, 3), PlanShare("c", 1, 1)]
    >>> list(split(100, thirds)), list(split(1, thirds)), list(split(5, ()))
    ([('a', 33), ('b', 34), ('c', 33)], [('b', 1)], [('none', 5)])
    """
    if len(shares) == 1:
        yield shares[0].plan, mrr
        return
    before = 0
    for plan, above, below in shares or _WHOLE:
        until = (2 * mrr * above + below) // (2 * below)
        if until > before:
            yield plan, until - before
        before = until


class PlanRevenue:
    """What an account pays by plan, as its subscriptions change one after the other."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[tuple[str, int], ...]] = {}
        self._by_plan: dict[str, tuple[int, int]] = {}
        self._pays: PlanPays = ()

    def count(self, sub: str, mrr: int, shares: Sequence[PlanShare]) -> None:
        """Counts the MRR of a subscription in place of its MRR before."""
        before, now = self._parts.get(sub, ()), tuple(split(mrr, shares)) if mrr else ()
        if now == before:
            return
        self._parts[sub] = now
        for parts, sign in ((before, -1), (now, 1)):
            for plan, part in parts:
                pays, subs = self._by_plan.get(plan, (0, 0))
                self._by_plan[plan] = pays + sign * part, subs + sign
        self._pays = tuple(
            PlanPay(plan, *self._by_plan[plan])
            for plan in sorted(self._by_plan)
            if self._by_plan[plan][1]
        )

    def pays(self) -> PlanPays:
        """Returns what the account pays now; the same object while nothing changes."""
        return self._pays

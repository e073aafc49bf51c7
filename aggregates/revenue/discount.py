"""Discounts of a subscription's state, each with the bounds of time in which it is in effect.

A state is given in full, so a discount that it does not list is over. One for once lasts a billing
interval from when, being listed, there is first something to pay: a trial does not use it up. It
goes on however often states list it meanwhile.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from aggregates.revenue.billing import LicensedItem, interval_after

ONCE: Final = "once"
FOREVER: Final = "forever"


class AppliedDiscount(NamedTuple):
    """A discount of one state, its fields in the order in which facts keep them.

    Attributes:
        percent: Share to take off, as decimal text, or None.
        amount: Minor units to take off an interval, or None.
        duration: ``ONCE`` for one billing interval, ``FOREVER`` for as long as the subscription
            lasts, or until an end.
        begin_ms: When it begins, ms of the epoch, or None for no bound.
        end_ms: When it is over, ms of the epoch, or None for no bound.
        id: The producer's id, or None.
        is_told: Whether its beginning, if it has one, is told rather than the first payment.
    """

    percent: str | None = None
    amount: int | None = None
    duration: str = FOREVER
    begin_ms: int | None = None
    end_ms: int | None = None
    id: str | None = None
    is_told: bool = True

    def holds(self, at_ms: int) -> bool:
        """Returns whether it is in effect at an instant; one for once needs a beginning."""
        if self.begin_ms is None:
            if self.duration == ONCE:
                return False
        elif at_ms < self.begin_ms:
            return False
        return self.end_ms is None or at_ms < self.end_ms


def bounded(
    listed: Iterable[AppliedDiscount],
    items: Sequence[LicensedItem],
    since_ms: int,
    billed_ms: int | None,
    before: Sequence[AppliedDiscount],
) -> tuple[AppliedDiscount, ...]:
    """Returns the discounts of a state with their bounds.

    Args:
        listed: The discounts as it lists them.
        items: The state's licensed items, those billed most often first.
        since_ms: When the state begins, ms of the epoch.
        billed_ms: When there is first something to pay in it, or None.
        before: The discounts of the state before it.

    >>> day, month = 86_400_000, [LicensedItem(1_500, "USD", "month", 1)]
    >>> once = AppliedDiscount("100", None, ONCE)
    >>> trial = bounded([once], month, day, None, ())
    >>> first = bounded([once], month, 2 * day, 2 * day, trial)
    >>> trial[0].begin_ms, first[0].begin_ms // day, first[0].end_ms // day
    (None, 2, 33)
    >>> bounded([once], month, 9 * day, 9 * day, first) == first
    True
    """
    discounts = []
    for discount in listed:
        if discount.duration == ONCE:
            if discount.begin_ms is None:
                discount = _begun(discount, before, since_ms, billed_ms)
            if discount.end_ms is None and discount.begin_ms is not None and items:
                interval, count = items[0].interval, items[0].interval_count
                end_ms = interval_after(discount.begin_ms, interval, count)
                discount = discount._replace(end_ms=end_ms)
        discounts.append(discount)
    return tuple(discounts)


def _begun(
    discount: AppliedDiscount,
    before: Sequence[AppliedDiscount],
    since_ms: int,
    billed_ms: int | None,
) -> AppliedDiscount:
    """Returns a discount for once that goes on if it had begun, or was told to begin."""
    same = discount.percent, discount.amount, discount.id
    for known in before:
        if known.duration == ONCE and (known.percent, known.amount, known.id) == same:
            if known.begin_ms is not None and (known.is_told or known.begin_ms <= since_ms):
                return discount._replace(begin_ms=known.begin_ms, is_told=known.is_told)
            break
    return discount._replace(begin_ms=billed_ms, is_told=False)

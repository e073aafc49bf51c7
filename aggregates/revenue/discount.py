"""Discounts of a subscription's state, each with the bounds of time in which it is in effect.

A state is given in full, so a discount that it does not list is over. One for once lasts a billing
interval from when it first came, however often states list it meanwhile.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

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
    """

    percent: str | None = None
    amount: int | None = None
    duration: str = FOREVER
    begin_ms: int | None = None
    end_ms: int | None = None
    id: str | None = None

    def holds(self, at_ms: int) -> bool:
        """Returns whether it is in effect at an instant."""
        if self.begin_ms is not None and at_ms < self.begin_ms:
            return False
        return self.end_ms is None or at_ms < self.end_ms


def bounded(
    kept: Iterable[Sequence[Any]],
    items: Sequence[LicensedItem],
    since_ms: int,
    before: Sequence[AppliedDiscount],
) -> tuple[AppliedDiscount, ...]:
    """Returns the discounts of a state with their bounds.

    Args:
        kept: The fields of each, as facts keep them.
        items: The state's licensed items.
        since_ms: When the state begins, ms of the epoch.
        before: The discounts of the state before it.

    >>> month, once = [LicensedItem(1_500, "USD", "month", 1)], AppliedDiscount("100", None, ONCE)
    >>> first = bounded([once], month, 86_400_000, ())
    >>> first[0].begin_ms, first[0].end_ms // 86_400_000
    (86400000, 32)
    >>> bounded([once], month, 9 * 86_400_000, first) == first
    True
    """
    discounts = []
    for discount in (AppliedDiscount(*fields) for fields in kept):
        if discount.duration == ONCE:
            begin_ms, end_ms = discount.begin_ms, discount.end_ms
            if begin_ms is None:
                begin_ms = _first_came(discount, before, since_ms)
            if end_ms is None and items:
                end_ms = interval_after(begin_ms, items[0].interval, items[0].interval_count)
            discount = discount._replace(begin_ms=begin_ms, end_ms=end_ms)
        discounts.append(discount)
    return tuple(discounts)


def _first_came(discount: AppliedDiscount, before: Sequence[AppliedDiscount], since_ms: int) -> int:
    same = discount.percent, discount.amount, discount.id
    for known in before:
        if known.duration == ONCE and (known.percent, known.amount, known.id) == same:
            return since_ms if known.begin_ms is None else known.begin_ms
    return since_ms

"""Discounts of a subscription's state, each with the bounds of time in which it is in effect.

A state is given in full, so a discount that it does not list is over. One for once lasts a billing
interval from when it first came, however often states list it meanwhile.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from aggregates.revenue.money import Item, interval_after

_ONCE: Final = "once"
_FOREVER: Final = "forever"


class Discount(NamedTuple):
    """A discount of one state.

    Attributes:
        percent: Share to take off, as decimal text, or None.
        amount: Minor units to take off an interval, or None.
        once: Whether it is for one billing interval only.
        begin_ms: When it begins, ms of the epoch, or None for no bound.
        end_ms: When it is over, ms of the epoch, or None for no bound.
        id: The producer's id, or None.
        forever: Whether it lasts as long as the subscription.
    """

    percent: str | None
    amount: int | None
    once: bool
    begin_ms: int | None
    end_ms: int | None
    id: str | None
    forever: bool

    def holds(self, at_ms: int) -> bool:
        """Returns whether it is in effect at an instant."""
        if self.begin_ms is not None and at_ms < self.begin_ms:
            return False
        return self.end_ms is None or at_ms < self.end_ms


def bounded(
    told: Iterable[Sequence[Any]], items: Sequence[Item], since_ms: int, before: Sequence[Discount]
) -> tuple[Discount, ...]:
    """Returns the discounts of a state with their bounds.

    Args:
        told: Percent, amount, duration, begin, end and id of each, as facts keep them.
        items: The state's licensed items.
        since_ms: When the state begins, ms of the epoch.
        before: The discounts of the state before it.

    >>> month = [[1500, "USD", "month", 1]]
    >>> once = ["100", None, "once", None, None, None]
    >>> first = bounded([once], month, 86_400_000, ())
    >>> first[0].begin_ms, first[0].end_ms // 86_400_000
    (86400000, 32)
    >>> bounded([once], month, 9 * 86_400_000, first) == first
    True
    """
    discounts = []
    for percent, amount, duration, begin_ms, end_ms, discount_id in told:
        if duration == _ONCE:
            if begin_ms is None:
                begin_ms = _first_came(before, (percent, amount, discount_id), since_ms)
            if end_ms is None and items:
                end_ms = interval_after(begin_ms, *items[0][2:4])
        once, forever = duration == _ONCE, duration == _FOREVER
        discounts.append(Discount(percent, amount, once, begin_ms, end_ms, discount_id, forever))
    return tuple(discounts)


def _first_came(
    before: Sequence[Discount], same: tuple[str | None, int | None, str | None], since_ms: int
) -> int:
    for known in before:
        if known.once and (known.percent, known.amount, known.id) == same:
            return since_ms if known.begin_ms is None else known.begin_ms
    return since_ms

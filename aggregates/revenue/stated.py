"""What is kept of subscription events: states in compact form, and from when on each holds.

Licensed items only, and of the dates those that revenue, renewals and trials depend on, each only
where it says more than the fact's own instant. A fact is filed under the instant from which it
holds: a creation under an earlier start, a deletion under a later end.
"""

from typing import Any, Final, cast

from aggregates.revenue import receipt
from aggregates.revenue.billing import LicensedItem, billing_order, compact
from aggregates.revenue.discount import AppliedDiscount
from aggregates.revenue.phase import (
    CANCELLATION,
    CREATED,
    DELETED,
    PAUSED,
    RENEWED,
    TRANSFERRED,
    Status,
)
from aggregates.revenue.receipt import CASH
from aggregates.time.tile import DAY_MS
from events import Event
from events.subscription import SubscriptionTransferred

_RETENTION: Final = "retention"
"""Reason of a free period that keeps a paying customer."""


def kept(event: Event) -> dict[str, Any]:
    """Returns the fields of an event that figures ask for."""
    if event.type in CASH:
        return receipt.kept(event)
    if event.type == CANCELLATION:
        found = _cancellation(event)
    elif event.type == DELETED:
        found = _deletion(event)
    elif event.type == TRANSFERRED:
        into = cast(SubscriptionTransferred, event.data).into_account_id
        found = {"of": event.key, "into": into}
    else:
        found = _state(event)
    data: Any = event.data
    return {**found, "sub": data.subscription_id}


def place_ms(event: Event) -> int:
    """Returns the instant under which an event is filed.

    A creation holds from an earlier ``start_date`` on; one that lies ahead is a date within the
    state, known before. A deletion holds from ``ended_at`` on; one that lies back cuts off what was
    said in between.
    """
    data: Any = event.data
    place_ms = event.effective_ms
    if event.type == CREATED and data.start_date is not None:
        place_ms = min(data.start_date, place_ms)
    if event.type == DELETED and data.ended_at is not None:
        place_ms = max(data.ended_at, place_ms)
    return place_ms


def _state(event: Event) -> dict[str, Any]:
    """Returns a full state; items that the event leaves out are those of the state before."""
    data: Any = event.data
    status = Status.PAUSED if event.type == PAUSED else data.status
    is_retention = status == Status.TRIALING and data.trial_reason == _RETENTION
    return {
        "status": str(status),
        "items": [compact(item) for item in items_of(data)] if "items" in event.told else None,
        "metered": any(item.usage_type == "metered" for item in data.items) or None,
        "discounts": [list(_discount(discount)) for discount in data.discounts] or None,
        "start": data.start_date,
        "cancel_at": data.cancel_at,
        "resumes_at": data.resumes_at if event.type == PAUSED else None,
        "retention": is_retention or None,
        "replaces": _replaced(data) or None,
        **_term(event),
        "trial": _trial_start(event) if status == Status.TRIALING and not is_retention else None,
    }


def _replaced(data: Any) -> list[str]:
    """Returns the other subscriptions that one takes the place of, each once."""
    told = {data.replaces_subscription_id, *data.replaces_subscription_ids}
    return sorted(told - {None, data.subscription_id})


def _term(event: Event) -> dict[str, Any]:
    """Returns what a state tells of its term; what ends with a trial is none."""
    data: Any = event.data
    end_ms = data.term_end
    is_trial = event.type != PAUSED and data.status == Status.TRIALING
    if is_trial and data.trial_reason != _RETENTION:
        ends_with_trial = None not in (end_ms, data.trial_end) and end_ms <= data.trial_end
        end_ms = None if ends_with_trial else end_ms
    days = None if end_ms is None else _term_days(event)
    return {"term": end_ms, "days": days, "follows": _follows(event)}


def _follows(event: Event) -> int | None:
    """Returns when the term before a told one ended, if it is not when the state takes effect."""
    data: Any = event.data
    if event.type == RENEWED:
        at_ms: int | None = data.previous_term_end or data.term_start
        return None if at_ms == event.effective_ms else at_ms
    if data.term_end is None or data.term_start is None or data.term_start <= event.effective_ms:
        return None
    follows_ms: int = data.term_start
    return follows_ms


def _term_days(event: Event) -> int | None:
    """Returns the whole days of a told term, unless it begins with its state, or as it follows."""
    data: Any = event.data
    begin_ms = data.term_start
    if begin_ms is None and event.type == RENEWED:
        begin_ms = data.previous_term_end
    since_ms = _follows(event) or place_ms(event)
    if begin_ms is None:
        begin_ms = max(place_ms(event), data.start_date or 0)
    days: int = (data.term_end - begin_ms) // DAY_MS
    return None if days == (data.term_end - since_ms) // DAY_MS else days


def _trial_start(event: Event) -> int | None:
    """Returns when a trial began, if it is not when its state takes effect."""
    data: Any = event.data
    began_ms: int | None = data.trial_start
    return None if began_ms == place_ms(event) else began_ms


def items_of(data: Any) -> list[LicensedItem]:
    """Returns the items that count, those that are billed most often first.

    What is metered and what is free have no price to add. Producers list items in any order, so
    what goes by one item, an amount off or the months of an invoice, goes by the first of these.
    """
    items = [
        LicensedItem(item.amount, item.currency, item.interval, item.interval_count, item.plan_id)
        for item in data.items
        if item.usage_type == "licensed" and item.amount
    ]
    return sorted(items, key=billing_order)


def _discount(discount: Any) -> AppliedDiscount:
    return AppliedDiscount(
        percent=None if discount.percent_off is None else str(discount.percent_off),
        amount=discount.amount_off,
        duration=discount.duration,
        begin_ms=discount.start,
        end_ms=discount.end,
        id=discount.id,
    )


def _cancellation(event: Event) -> dict[str, Any]:
    data: Any = event.data
    clicked_ms = data.canceled_at
    return {
        "cancel_at": data.cancel_at,
        "reason": data.reason,
        "clicked": None if clicked_ms == event.effective_ms else clicked_ms,
    }


def _deletion(event: Event) -> dict[str, Any]:
    data: Any = event.data
    ended_ms = event.effective_ms if data.ended_at is None else data.ended_at
    return {
        "reason": data.reason,
        "voluntary": data.voluntary,
        "ended": ended_ms if ended_ms < event.effective_ms else None,
        "known": event.effective_ms if ended_ms > event.effective_ms else None,
    }

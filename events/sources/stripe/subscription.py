"""A change of a subscription as our events: its full state, an end, a request to cancel."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec

from events.sources.outbox import Outbox
from events.sources.source import GapError
from events.sources.stripe.accounts import Accounts
from events.sources.stripe.discounts import PricedItem, discounts_of, may_have_discounts
from events.sources.stripe.instants import instant
from events.sources.stripe.known import Known
from events.sources.stripe.money import iso
from events.sources.stripe.objects import Before, Item, Price, Subscription, id_of
from events.sources.stripe.options import StripeOptions
from events.sources.stripe.price import amount_of
from events.sources.stripe.status import END, PAUSE, Status, status_of
from events.sources.told import Told

CREATED = "customer.subscription.created"
UPDATED = "customer.subscription.updated"
ENDED = "customer.subscription.deleted"
PAUSED = "customer.subscription.paused"
RESUMED = "customer.subscription.resumed"

_STILL_LAST = 1_000_000
"""Sequence of every end: what else is told of that second, in this file or another, comes first."""

_PLANS: Final[dict[str, Callable[[Price], str | None]]] = {
    "price": attrgetter("id"),
    "product": lambda price: id_of(price.product),
    "lookup_key": attrgetter("lookup_key"),
    "nickname": attrgetter("nickname"),
}
"""What of a price is its plan, by option."""

_VOLUNTARY = {"payment_failed": False, "payment_disputed": False, "cancellation_requested": True}
_BY_POLICY = "canceled_by_retention_policy"


class Change(msgspec.Struct, array_like=True, gc=False):
    """An event about a subscription, as far as it is read.

    Attributes:
        id: The event's id.
        type: Its type.
        created: When it was made, seconds of the epoch.
        source: What our events say as their source.
        account: The connected account, if it is of one.
        sub: The subscription, whole.
        before: The old values of what changed, if the event says.
    """

    id: str
    type: str
    created: int
    source: str
    account: str | None
    sub: Subscription
    before: Before | None


class Subscriptions:
    """Tells changes of subscriptions."""

    def __init__(self, options: StripeOptions, accounts: Accounts, known: Known) -> None:
        """Takes the options, and what is known of accounts, prices and discounts."""
        self._options = options
        self._plan_of = _PLANS[options.plan]
        self._accounts = accounts
        self._known = known

    def told(self, change: Change, out: Outbox) -> list[Told]:
        """Returns the events that a change tells: its state first.

        Raises:
            GapError: If the state cannot be told exactly.
            WaitError: If a later record may tell what is missing.
        """
        sub = change.sub
        account = self._accounts.of(sub.metadata, sub.customer, sub.customer_account)
        data: dict[str, Any] = {"account_id": account, "subscription_id": sub.id}
        if change.type == ENDED:
            self._add_end(change, data, out)
            return [_event(change, "subscription.deleted", data, _STILL_LAST)]
        status = status_of(sub, self._options)
        if status.type == END:
            data["reason"] = "trial_end_without_payment_method"
            return [_event(change, "subscription.deleted", data)]
        data["status"] = status.name
        self._add_state(change, status, data, out)
        told = [_event(change, _type(change, status), data)]
        if _asks_to_cancel(change):
            request = {"account_id": account, "subscription_id": sub.id}
            _add_request(change, request, data.get("cancel_at"))
            asked = _event(change, "subscription.cancellation_requested", request)
            told.append(msgspec.structs.replace(asked, id=f"{change.id}/cancel"))
        return told

    def _add_state(
        self, change: Change, status: Status, state: dict[str, Any], out: Outbox
    ) -> None:
        sub = change.sub
        if sub.items.has_more:
            raise GapError("items_incomplete", "all items in the event: it has the first of them")
        lines = state["items"] = [self._line(item) for item in sub.items.data]
        if may_have_discounts(sub, self._known):
            priced = [
                PricedItem(item, item.price.currency, id_of(item.price.product))
                for item, line in zip(sub.items.data, lines, strict=True)
                if line["amount"] and item.price is not None
            ]
            found = discounts_of(sub, priced, self._known, change.account, change.created)
            if found:
                state["discounts"] = found
        if change.type == CREATED and sub.start_date is not None:
            state["start_date"] = instant(sub.start_date)
        if status.resumes_at is not None and change.type != CREATED:
            state["resumes_at"] = instant(status.resumes_at)
        if sub.status == "trialing":
            for name, at in (("trial_start", sub.trial_start), ("trial_end", sub.trial_end)):
                if at is not None:
                    state[name] = instant(at)
        _add_dates(sub, state, out)

    def _line(self, item: Item) -> dict[str, Any]:
        """Returns an item in our form; one of metered use has no amount of its own."""
        price = item.price
        if price is None or price.recurring is None:
            raise GapError("price_missing", "a recurring price in each item of a subscription")
        every = price.recurring
        line: dict[str, Any] = {"item_id": item.id, "plan_id": self._plan_of(price) or price.id}
        if (product := id_of(price.product)) is not None:
            line["product_id"] = product
        if every.usage_type == "metered":
            line["usage_type"] = "metered"
            amount, code = iso(0, price.currency)
        else:
            exact = amount_of(price, item.quantity, self._known.prices)
            amount, code = iso(exact, price.currency)
            if item.quantity is not None:
                line["quantity"] = item.quantity
        line["amount"], line["currency"] = amount, code
        line["interval"] = every.interval
        if every.interval_count != 1:
            line["interval_count"] = every.interval_count
        return line

    def _add_end(self, change: Change, told: dict[str, Any], out: Outbox) -> None:
        """Adds what an end says: when, and whether the customer chose it."""
        sub = change.sub
        if sub.ended_at is not None:
            told["ended_at"] = instant(sub.ended_at)
        why = sub.cancellation_details
        reason = None if why is None else why.reason
        said = (why and why.feedback) or reason
        if reason == _BY_POLICY:
            if self._options.retention_policy == "by_state":
                return
            told["voluntary"] = self._options.retention_policy == "voluntary"
        elif reason in _VOLUNTARY:
            told["voluntary"] = _VOLUNTARY[reason]
        elif reason is not None:
            out.note("whether the customer chose the end: its reason is not known here")
        if said:
            told["reason"] = said if reason is None or told.get("voluntary", True) else reason


def _add_dates(sub: Subscription, state: dict[str, Any], out: Outbox) -> None:
    """Adds the term, and the end that is in view.

    Lines may have periods of their own. An end with the period is that of the earliest: "for mixed
    interval subscriptions cancel_at_period_end always resolves to the earliest item period end"
    (docs.stripe.com, changelog of 2025-07-30.basil).
    """
    begin, end = term_of(sub)
    if len(sub.items.data) > 1 and sub.current_period_end is None and len(_periods(sub)) > 1:
        out.note("the later periods of other items: the term is the one that ends first")
    if begin is not None and end is not None and begin < end:
        state["term_start"] = instant(begin)
    if end is not None:
        state["term_end"] = instant(end)
    if sub.cancel_at is not None:
        state["cancel_at"] = instant(sub.cancel_at)
    elif sub.cancel_at_period_end and end is not None:
        state["cancel_at"] = instant(end)


def term_of(sub: Subscription) -> tuple[int | None, int | None]:
    """Returns begin and end of its term, seconds of the epoch: of several, the one ending first."""
    if sub.current_period_end is not None:
        return sub.current_period_start, sub.current_period_end
    if len(sub.items.data) == 1:
        [item] = sub.items.data
        return item.current_period_start, item.current_period_end
    end, begin = min(_periods(sub), default=(None, None))
    return begin or None, end


def _periods(sub: Subscription) -> set[tuple[int, int]]:
    """Returns the periods of its items, each as end and begin."""
    return {
        (item.current_period_end, item.current_period_start or 0)
        for item in sub.items.data
        if item.current_period_end is not None
    }


def _type(change: Change, status: Status) -> str:
    """Returns our type of a state."""
    if change.type == CREATED:
        return "subscription.created"
    if status.type == PAUSE:
        return "subscription.paused"
    before = change.before
    if change.type == RESUMED or (
        before is not None and before.pause_collection and change.sub.pause_collection is None
    ):
        return "subscription.resumed"
    return "subscription.updated"


def _asks_to_cancel(change: Change) -> bool:
    """Returns whether an end came in view that was not before; one that is moved was asked for."""
    before, sub = change.before, change.sub
    if before is None or not (sub.cancel_at or sub.cancel_at_period_end):
        return False
    had = sub.cancel_at if before.cancel_at is msgspec.UNSET else before.cancel_at
    had_too = before.cancel_at_period_end
    if had_too is msgspec.UNSET:
        had_too = sub.cancel_at_period_end
    return not had and not had_too


def _add_request(change: Change, told: dict[str, Any], cancel_at: str | None) -> None:
    sub = change.sub
    if sub.canceled_at is not None and sub.canceled_at != change.created:
        told["canceled_at"] = instant(sub.canceled_at)
    if cancel_at is not None:
        told["cancel_at"] = cancel_at
    why = sub.cancellation_details
    if why is not None:
        if why.feedback or why.reason:
            told["reason"] = why.feedback or why.reason
        if why.comment:
            told["feedback"] = why.comment


def _event(change: Change, kind: str, data: dict[str, Any], sequence: int | None = None) -> Told:
    return Told(
        id=change.id,
        source=change.source,
        type=kind,
        time=instant(change.created),
        data=data,
        sequence=sequence,
    )

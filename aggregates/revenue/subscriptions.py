"""Subscriptions: what became of all subscriptions of one account.

One row an account, since movements of revenue are those of accounts. Facts keep a subscription's
state in compact form: licensed items only, and of the dates those that revenue, renewals and trials
depend on, each only where it says more than the fact's own instant. A fact is filed under the
instant from which it holds: a creation under an earlier start, a deletion under a later end.
Beside them lie the facts of what was paid and given back (``aggregates.revenue.receipt``).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from aggregates.contributions.steps import StepFunction
from aggregates.policies.policy import Policy
from aggregates.revenue import money, receipt
from aggregates.revenue.account import AccountRevenue
from aggregates.revenue.billing import LicensedItem, billing_order, compact
from aggregates.revenue.discount import AppliedDiscount
from aggregates.revenue.invoice import with_invoices
from aggregates.revenue.lent import facts_about, told_by
from aggregates.revenue.ownership import Holdings, holdings_of
from aggregates.revenue.phase import (
    CANCELLATION,
    CREATED,
    DELETED,
    PAUSED,
    RENEWED,
    STATES,
    TRANSFERRED,
    Lives,
    Status,
)
from aggregates.revenue.receipt import CASH
from aggregates.revenue.replaced import without_replaced
from aggregates.revenue.succession import with_replacements
from aggregates.revenue.timeline import Revenue, clicks_of, revenue_of
from aggregates.rows.family import Scope
from aggregates.rows.history import Fact, History, Outcome
from aggregates.rows.kind import HistoryKind
from aggregates.time.tile import DAY_MS
from events import Event
from events.subscription import SubscriptionTransferred

_RETENTION: Final = "retention"
"""Reason of a free period that keeps a paying customer."""


class Subscriptions(History):
    """The history of an account's subscriptions, with its steps of revenue as last computed.

    Attributes:
        tellers: Of what another account tells of one that went over, the ids of that account.
        lent: What other accounts tell of those that went over, here or from here.
    """

    __slots__ = ("_is_transferred", "_revenue", "lent", "tellers")

    def __init__(
        self,
        facts: list[Fact] | None = None,
        retracted: set[str] | None = None,
        tellers: Sequence[str] = (),
        lent: Sequence["Subscriptions"] = (),
    ) -> None:
        super().__init__(facts, retracted)
        self.tellers = tellers
        self.lent = lent
        self._revenue: tuple[Scope, Revenue] | None = None
        self._is_transferred: bool | None = None

    def insert(self, fact: Fact) -> Outcome:
        """Files a fact under its order; see ``History.insert``."""
        known = self._revenue
        if known is not None and (fact.type not in CASH or known[0].policy.reads_invoices):
            self._revenue = None
        if fact.type == TRANSFERRED:
            self._is_transferred = True
        return super().insert(fact)

    def retract(self, event_id: str) -> None:
        """Takes an event out of what stands."""
        self._revenue = None
        super().retract(event_id)

    def transfers(self) -> list[Fact]:
        """Returns what the account itself is told of subscriptions that go over."""
        if self._is_transferred is None:
            self._is_transferred = any(fact.type == TRANSFERRED for fact in self.facts)
        if not self._is_transferred:
            return []
        return [fact for fact in self.unretracted() if fact.type == TRANSFERRED]

    def has_terms(self) -> bool:
        """Returns whether any fact is about terms."""
        return any("term" in fact.data or fact.type == RENEWED for fact in self.every())

    def has_trials(self) -> bool:
        """Returns whether any fact is about a trial."""
        return any(fact.data.get("status") == Status.TRIALING for fact in self.every())

    def every(self) -> Iterator[Fact]:
        """Yields all facts, whoever told them."""
        yield from self.facts
        for piece in self.lent:
            yield from piece.facts

    def lives(self, scope: Scope) -> Lives:
        """Returns what the account has of its subscriptions, while it has them."""
        return self.holdings(scope).here()

    def holdings(self, scope: Scope) -> Holdings:
        """Returns its subscriptions; not kept, since they are more than the facts are."""
        words, cash = told_by(self, self.lent, scope)
        holdings = holdings_of(words, scope)
        lives = holdings.lives
        if scope.policy.reads_invoices:
            lives = with_invoices(lives, cash, scope.policy)
        return holdings._replace(lives=with_replacements(lives))

    def cash(self) -> list[Fact]:
        """Returns the facts of what was paid and given back, in order."""
        return [fact for fact in self.unretracted() if fact.type in CASH]

    def steps(self, scope: Scope) -> StepFunction[AccountRevenue]:
        """Returns the account's steps; not to be changed."""
        return self.revenue(scope).steps

    def revenue(self, scope: Scope) -> Revenue:
        """Returns the account's revenue, computed once for all that read it; not to be changed."""
        known = self._revenue
        if known is None or not _is_alike(known[0], scope):
            clicks = clicks_of(self.unretracted())
            holdings = without_replaced(self.holdings(scope))
            known = self._revenue = scope, revenue_of(holdings, clicks, scope.policy)
        return known[1]


def _is_alike(scope: Scope, other: Scope) -> bool:
    """Returns whether steps are the same in two scopes."""
    return scope.policy is other.policy and scope.account.merged == other.account.merged


class SubscriptionRows(HistoryKind[Subscriptions]):
    """One row an account."""

    lends = True

    def accounts(self, event: Event) -> tuple[str, ...]:
        """Files a transfer under both accounts, other facts under their own."""
        if event.type != TRANSFERRED:
            return (event.key,)
        return event.key, cast(SubscriptionTransferred, event.data).into_account_id

    def refusal(self, event: Event, policy: Policy) -> str | None:
        """Refuses money in a currency without an exchange rate."""
        if event.type in CASH:
            return receipt.refusal(event, policy)
        if event.type not in STATES:
            return None
        currencies = (item.currency for item in _items(event.data))
        return money.refusal(currencies, _place_ms(event), policy)

    def parts(self, row: Subscriptions) -> Mapping[str, frozenset[str]]:
        """Returns the subscriptions that go over, each with the accounts that are named of it."""
        found: dict[str, frozenset[str]] = {}
        for fact in row.transfers():
            named = frozenset((fact.data["of"], fact.data["into"]))
            found[fact.data["sub"]] = found.get(fact.data["sub"], frozenset()) | named
        return found

    def part(self, row: Subscriptions, name: str, accounts: Sequence[str]) -> Subscriptions:
        """Returns what an account tells of a subscription, and of others in its place."""
        return Subscriptions(facts_about(name, row.unretracted()), tellers=accounts)

    def united(self, rows: Sequence[Subscriptions]) -> Sequence[Subscriptions]:
        """Returns one history, beside which lies what other accounts tell."""
        lent = [row for row in rows if row.tellers]
        if not lent:
            return super().united(rows)
        own = super().united([row for row in rows if not row.tellers]) or [Subscriptions()]
        return [Subscriptions(own[0].facts, own[0].retracted, lent=[*own[0].lent, *lent])]

    def pack(self, row: Subscriptions) -> bytes:
        """Packs the facts and retractions, and whose they are."""
        return msgspec.msgpack.encode((super().pack(row), row.tellers))

    def unpack(self, packed: bytes) -> Subscriptions:
        """Unpacks the facts and retractions, and whose they are."""
        history, tellers = _decoder.decode(packed)
        row = super().unpack(history)
        row.tellers = tellers
        return row


_decoder: Final = msgspec.msgpack.Decoder(tuple[bytes, tuple[str, ...]])


def _kept(event: Event) -> dict[str, Any]:
    if event.type in CASH:
        return receipt.kept(event)
    if event.type == CANCELLATION:
        kept = _cancellation(event)
    elif event.type == DELETED:
        kept = _deletion(event)
    elif event.type == TRANSFERRED:
        into = cast(SubscriptionTransferred, event.data).into_account_id
        kept = {"of": event.key, "into": into}
    else:
        kept = _state(event)
    data: Any = event.data
    return {**kept, "sub": data.subscription_id}


def _place_ms(event: Event) -> int:
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
        "items": [compact(item) for item in _items(data)] if "items" in event.told else None,
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
    since_ms = _follows(event) or _place_ms(event)
    if begin_ms is None:
        begin_ms = max(_place_ms(event), data.start_date or 0)
    days: int = (data.term_end - begin_ms) // DAY_MS
    return None if days == (data.term_end - since_ms) // DAY_MS else days


def _trial_start(event: Event) -> int | None:
    """Returns when a trial began, if it is not when its state takes effect."""
    data: Any = event.data
    began_ms: int | None = data.trial_start
    return None if began_ms == _place_ms(event) else began_ms


def _items(data: Any) -> list[LicensedItem]:
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


SUBSCRIPTIONS: Final = SubscriptionRows(
    Subscriptions,
    name="subscription",
    topic="subscription",
    types=STATES | CASH | {CANCELLATION, DELETED, TRANSFERRED},
    keep=_kept,
    since=_place_ms,
    version=6,
)

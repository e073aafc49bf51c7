"""Phases of a subscription: its facts as spans of time with one state each.

A full state holds from its instant until the next fact. A deletion with an earlier end cuts off
what was said since. The MRR of a phase is in ``aggregates.revenue.change``, what becomes of
terms in ``aggregates.revenue.term``.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from aggregates.policies.policy import Policy
from aggregates.revenue.billing import LicensedItem
from aggregates.revenue.discount import AppliedDiscount, bounded
from aggregates.revenue.receipt import UNPAID_COUNTS, Paid
from aggregates.rows.history import Fact
from aggregates.time.tile import DAY_MS

CREATED: Final = "subscription.created"
PAUSED: Final = "subscription.paused"
RENEWED: Final = "subscription.renewed"
STATES: Final = frozenset(
    {CREATED, PAUSED, RENEWED, "subscription.updated", "subscription.resumed"}
)
"""Event types that carry the full state of a subscription."""

CANCELLATION: Final = "subscription.cancellation_requested"
DELETED: Final = "subscription.deleted"

PAYMENT_FAILURES: Final = frozenset(
    "card_declined card_expired delinquent dunning expired_card failed_payment insufficient_funds "
    "involuntary non_payment nonpayment payment_declined payment_failed payment_failure "
    "uncollectible unpaid".split()
)
"""Reasons of an end that the customer did not choose."""


class Status(StrEnum):
    """Statuses that count in some way; revenue of any other is 0."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    TRIALING = "trialing"
    PAUSED = "paused"
    UNPAID = "unpaid"


ENDED: Final = "deleted"
"""Status of the phase after a deletion."""
_GOING_ON: Final = frozenset({Status.ACTIVE, Status.PAST_DUE, Status.TRIALING, Status.PAUSED})
_UNRATED: Final[Mapping[str, int]] = MappingProxyType({})


class StatedTerm(NamedTuple):
    """What a state says of terms; instants are ms of the epoch.

    Attributes:
        end_ms: When the current term ends, or None.
        follows_ms: When the term before it ended, if that is not when the phase begins, or None.
        renews: Whether the term before is renewed.
        days: Whole days of the current term.
    """

    end_ms: int | None = None
    follows_ms: int | None = None
    renews: bool = False
    days: int = 0


class SubscriptionPhase(NamedTuple):
    """What a subscription is from one fact to the next; times are ms of the epoch.

    Attributes:
        begin_ms: From when on it holds.
        place: Place of its fact among those of the account.
        status: Status, or ``deleted``.
        items: Licensed items.
        discounts: Discounts with the bounds in which each is in effect.
        start_ms: Revenue does not begin before, or None.
        cancel_ms: The subscription ends then unless another fact comes before, or None.
        cancelling: Whether it is known that it will end.
        resumes_ms: When a pause ends by itself, or None.
        retention: Whether it is a free period that keeps a paying customer.
        involuntary: Whether an end in this phase is one that the customer did not choose.
        replaces: The subscription that it takes the place of, or None.
        rated_ms: Since when each foreign currency is in use: the rate of then is kept.
        past_due_ms: Since when payment is late, without a break, or None.
        term: The term that it is in.
        trial_ms: Since when it is on trial, or None.
        metered: Whether it has an item that is paid by use.
    """

    begin_ms: int
    place: int
    status: str
    items: Sequence[LicensedItem] = ()
    discounts: tuple[AppliedDiscount, ...] = ()
    start_ms: int | None = None
    cancel_ms: int | None = None
    cancelling: bool = False
    resumes_ms: int | None = None
    retention: bool = False
    involuntary: bool = False
    replaces: str | None = None
    rated_ms: Mapping[str, int] = _UNRATED
    past_due_ms: int | None = None
    term: StatedTerm = StatedTerm()
    trial_ms: int | None = None
    metered: bool = False


class Life(NamedTuple):
    """One subscription.

    Attributes:
        phases: Its phases, ascending; none begin at the same instant.
        announced_ends: The spans, in ms, in which a deletion is known that is still to come.
        paid: What was paid for it.
    """

    phases: list[SubscriptionPhase]
    announced_ends: list[tuple[int, int]]
    paid: Paid = UNPAID_COUNTS


Lives = Mapping[str, Life]
"""The subscriptions of an account by id."""


def lives_of(facts: Iterable[Fact], policy: Policy) -> Lives:
    """Returns the subscriptions of an account, of its facts in order without retracted ones."""
    by_sub: dict[str, list[tuple[int, Fact]]] = {}
    for index, fact in enumerate(facts):
        by_sub.setdefault(fact.data["sub"], []).append((index, fact))
    return {sub: _life(own, policy) for sub, own in by_sub.items()}


def _life(facts: Iterable[tuple[int, Fact]], policy: Policy) -> Life:
    phases: list[SubscriptionPhase] = []
    announced_ends = []
    for index, fact in facts:
        begin_ms = fact.data.get("ended", fact.effective_ms)
        before = phases[-1] if phases else None
        while phases and phases[-1].begin_ms >= begin_ms:
            phases.pop()
        if fact.type == DELETED:
            involuntary = _is_involuntary(fact, before)
            phases.append(SubscriptionPhase(begin_ms, index, ENDED, involuntary=involuntary))
            if "known" in fact.data:
                announced_ends.append((fact.data["known"], begin_ms))
        elif fact.type == CANCELLATION:
            if before is not None:
                phases.append(_cancelled(before, index, fact))
        else:
            phases.append(_stated(before, index, fact, policy))
    return Life(phases, announced_ends)


def _is_involuntary(fact: Fact, before: SubscriptionPhase | None) -> bool:
    """Returns whether an end is one not chosen: as the fact says, else as the state before does."""
    voluntary = fact.data.get("voluntary")
    if voluntary is not None:
        return not voluntary
    reason = fact.data.get("reason")
    if reason is not None:
        return reason.strip().casefold().replace(" ", "_").replace("-", "_") in PAYMENT_FAILURES
    return before is not None and before.status == Status.UNPAID


def _cancelled(before: SubscriptionPhase, index: int, fact: Fact) -> SubscriptionPhase:
    """Returns the phase after a cancellation was asked for: the same state, with an end in view."""
    if before.status == ENDED:
        return before._replace(begin_ms=fact.effective_ms)
    return before._replace(
        begin_ms=fact.effective_ms,
        place=index,
        cancel_ms=fact.data.get("cancel_at", before.cancel_ms),
        cancelling=True,
        involuntary=_is_involuntary(fact, before),
        term=before.term._replace(
            renews=before.term.renews and before.begin_ms == fact.effective_ms
        ),
    )


def _stated(
    before: SubscriptionPhase | None, index: int, fact: Fact, policy: Policy
) -> SubscriptionPhase:
    data = fact.data
    at_ms = fact.effective_ms
    stated = data.get("items")
    if stated is None and before is not None:
        items, discounts, metered = before.items, before.discounts, before.metered
    else:
        items, metered = [LicensedItem(*item) for item in stated or ()], "metered" in data
        told = data.get("discounts", ())
        discounts = bounded(told, items, at_ms, before.discounts if before else ())
    status = data["status"]
    retention = "retention" in data
    was_unpaid = before is not None and before.status == Status.UNPAID
    return SubscriptionPhase(
        begin_ms=at_ms,
        place=index,
        status=status,
        items=items,
        discounts=discounts,
        metered=metered,
        rated_ms=_rated_ms(items, at_ms, before, policy),
        start_ms=data.get("start", before.start_ms if before else None),
        cancel_ms=data.get("cancel_at"),
        cancelling="cancel_at" in data,
        involuntary=status == Status.UNPAID or (was_unpaid and status not in _GOING_ON),
        resumes_ms=data.get("resumes_at"),
        retention=retention,
        replaces=data.get("replaces", before.replaces if before else None),
        past_due_ms=_past_due_ms(status, at_ms, before),
        term=_term(before, fact),
        trial_ms=data.get("trial", at_ms) if status == Status.TRIALING and not retention else None,
    )


def _rated_ms(
    items: Sequence[LicensedItem], since_ms: int, before: SubscriptionPhase | None, policy: Policy
) -> Mapping[str, int]:
    known = before.rated_ms if before else _UNRATED
    foreign = {item.currency for item in items if item.currency != policy.currency}
    return {currency: known.get(currency, since_ms) for currency in foreign}


def _past_due_ms(status: str, since_ms: int, before: SubscriptionPhase | None) -> int | None:
    if status != Status.PAST_DUE:
        return None
    late = before is not None and before.past_due_ms is not None
    return before.past_due_ms if before is not None and late else since_ms


def _term(before: SubscriptionPhase | None, fact: Fact) -> StatedTerm:
    """Returns the term that a state says it is in, else the one that goes on."""
    data, at_ms = fact.data, fact.effective_ms
    known = StatedTerm() if before is None else before.term
    again = before is not None and before.begin_ms == at_ms and known.renews
    end_ms, days = data.get("term"), known.days
    if end_ms is not None:
        days = data.get("days", (end_ms - data.get("follows", at_ms)) // DAY_MS)
    elif before is not None and before.trial_ms is None and fact.type != RENEWED:
        end_ms = known.end_ms
    return StatedTerm(
        end_ms=end_ms,
        follows_ms=data.get("follows"),
        renews=fact.type == RENEWED or again,
        days=days,
    )

"""A subscription: its facts as phases of one state each, and those as changes of its revenue.

A full state holds from its instant until the next fact. Inside a phase the clock alone changes what
counts: a start that lies ahead, a scheduled cancellation, a pause that ends, discounts that begin
and end. A deletion with an earlier end cuts off what was said since.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from aggregates.discount import Discount, bounded
from aggregates.history import Fact
from aggregates.money import Item, mrr_micros, rates_of
from aggregates.policy import Policy

CREATED: Final = "subscription.created"
PAUSED: Final = "subscription.paused"
STATES: Final = frozenset(
    {
        CREATED,
        PAUSED,
        "subscription.updated",
        "subscription.resumed",
        "subscription.renewed",
    }
)
"""Event types that carry the full state of a subscription."""

CANCELLATION: Final = "subscription.cancellation_requested"
DELETED: Final = "subscription.deleted"

PAYMENT_FAILURES: Final = frozenset(
    {
        "card_declined",
        "card_expired",
        "delinquent",
        "dunning",
        "expired_card",
        "failed_payment",
        "insufficient_funds",
        "involuntary",
        "non_payment",
        "nonpayment",
        "payment_declined",
        "payment_failed",
        "payment_failure",
        "uncollectible",
        "unpaid",
    }
)
"""Reasons of an end that the customer did not choose."""


class Status(StrEnum):
    """Statuses that count in some way; revenue of any other is 0."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    TRIALING = "trialing"
    PAUSED = "paused"
    UNPAID = "unpaid"


_ENDED: Final = "deleted"
"""Status of the phase after a deletion."""
_COUNTING: Final = frozenset({Status.ACTIVE, Status.PAST_DUE})
_GOING_ON: Final = _COUNTING | {Status.TRIALING, Status.PAUSED}
_UNRATED: Final[Mapping[str, int]] = MappingProxyType({})


class Phase(NamedTuple):
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
    """

    begin_ms: int
    place: int
    status: str
    items: Sequence[Item] = ()
    discounts: tuple[Discount, ...] = ()
    start_ms: int | None = None
    cancel_ms: int | None = None
    cancelling: bool = False
    resumes_ms: int | None = None
    retention: bool = False
    involuntary: bool = False
    replaces: str | None = None
    rated_ms: Mapping[str, int] = _UNRATED


class Change(NamedTuple):
    """What a subscription counts from an instant on; money is micro-units a month.

    Changes sort by instant, then by the place of the fact among those of the account.
    """

    at_ms: int
    place: int
    sub: str
    mrr: int
    billed: int
    committed: int
    past_due: int
    paused: bool
    retention: bool
    involuntary: bool
    replaces: str | None


def changes(sub: str, facts: Iterable[tuple[int, Fact]], policy: Policy) -> Iterator[Change]:
    """Gives the changes of one subscription, ascending.

    Args:
        sub: Its id.
        facts: Its facts in order, each with its place among those of the account.
        policy: The policy in force.
    """
    phases, doomed = _phases(facts, policy)
    for place, phase in enumerate(phases):
        end_ms = phases[place + 1].begin_ms if place + 1 < len(phases) else None
        instants = _instants(phase, end_ms, doomed)
        for at_ms in instants:
            yield _change(sub, phase, at_ms, doomed, policy)


def _phases(
    facts: Iterable[tuple[int, Fact]], policy: Policy
) -> tuple[list[Phase], list[tuple[int, int]]]:
    """Gives the phases, and the spans in which a deletion is known that is still to come."""
    phases: list[Phase] = []
    doomed = []
    for index, fact in facts:
        begin_ms = fact.data.get("ended", fact.effective_ms)
        before = phases[-1] if phases else None
        while phases and phases[-1].begin_ms >= begin_ms:
            phases.pop()
        if fact.type == DELETED:
            involuntary = _is_involuntary(fact, before)
            phases.append(Phase(begin_ms, index, _ENDED, involuntary=involuntary))
            if "known" in fact.data:
                doomed.append((fact.data["known"], begin_ms))
        elif fact.type == CANCELLATION:
            if before is not None:
                phases.append(_cancelled(before, index, fact))
        else:
            phases.append(_stated(before, index, fact, policy))
    return phases, doomed


def _is_involuntary(fact: Fact, before: Phase | None) -> bool:
    """Tells whether an end is one not chosen: as the fact says, else as the state before does."""
    voluntary = fact.data.get("voluntary")
    if voluntary is not None:
        return not voluntary
    reason = fact.data.get("reason")
    if reason is not None:
        return reason.strip().casefold().replace(" ", "_").replace("-", "_") in PAYMENT_FAILURES
    return before is not None and before.status == Status.UNPAID


def _cancelled(before: Phase, index: int, fact: Fact) -> Phase:
    """Gives the phase after a cancellation was asked for: the same state, with an end in view."""
    if before.status == _ENDED:
        return before._replace(begin_ms=fact.effective_ms)
    return before._replace(
        begin_ms=fact.effective_ms,
        place=index,
        cancel_ms=fact.data.get("cancel_at", before.cancel_ms),
        cancelling=True,
        involuntary=_is_involuntary(fact, before),
    )


def _stated(before: Phase | None, index: int, fact: Fact, policy: Policy) -> Phase:
    """Gives the phase of a full state."""
    data = fact.data
    stated = data.get("items")
    if stated is None and before is not None:
        items, discounts = before.items, before.discounts
    else:
        items = stated or ()
        told = data.get("discounts", ())
        discounts = bounded(told, items, fact.effective_ms, before.discounts if before else ())
    status = data["status"]
    was_unpaid = before is not None and before.status == Status.UNPAID
    return Phase(
        fact.effective_ms,
        index,
        status,
        items,
        discounts,
        data.get("start", before.start_ms if before else None),
        data.get("cancel_at"),
        "cancel_at" in data,
        data.get("resumes_at"),
        "retention" in data,
        status == Status.UNPAID or (was_unpaid and status not in _GOING_ON),
        data.get("replaces", before.replaces if before else None),
        _rated_ms(items, fact.effective_ms, before, policy),
    )


def _rated_ms(
    items: Sequence[Item], since_ms: int, before: Phase | None, policy: Policy
) -> Mapping[str, int]:
    """Gives since when each foreign currency of a state is in use."""
    known = before.rated_ms if before else _UNRATED
    foreign = {item[1] for item in items if item[1] != policy.currency}
    return {currency: known.get(currency, since_ms) for currency in foreign}


def _instants(phase: Phase, end_ms: int | None, doomed: list[tuple[int, int]]) -> list[int]:
    """Gives the instants within a phase at which what counts may change, its beginning first."""
    later: set[int | None] = {phase.start_ms, phase.cancel_ms, phase.resumes_ms}
    for discount in phase.discounts:
        later.update((discount.begin_ms, discount.end_ms))
    later.update(known_ms for known_ms, _ in doomed)
    begin_ms = phase.begin_ms
    inside = [
        at for at in later if at is not None and begin_ms < at and (end_ms is None or at < end_ms)
    ]
    return [begin_ms, *sorted(inside)]


def _change(
    sub: str, phase: Phase, at_ms: int, doomed: list[tuple[int, int]], policy: Policy
) -> Change:
    """Gives what a subscription counts from an instant in a phase on."""
    status = phase.status
    if status == Status.PAUSED and phase.resumes_ms is not None and phase.resumes_ms <= at_ms:
        status = Status.ACTIVE
    over = phase.cancel_ms is not None and phase.cancel_ms <= at_ms
    mrr = billed = committed = 0
    if not over and (status in _COUNTING or phase.retention):
        start_ms = at_ms if phase.start_ms is None else max(at_ms, phase.start_ms)
        counted, with_once = _prices(phase, start_ms, policy)
        if not phase.cancelling and not any(known <= at_ms < end for known, end in doomed):
            committed = counted
        if start_ms == at_ms:
            mrr, billed = counted, with_once
    return Change(
        at_ms,
        phase.place,
        sub,
        mrr,
        billed,
        committed,
        mrr if status == Status.PAST_DUE else 0,
        status == Status.PAUSED and not over,
        phase.retention,
        phase.involuntary,
        phase.replaces,
    )


def _prices(phase: Phase, at_ms: int, policy: Policy) -> tuple[int, int]:
    """Gives what a state comes to (micro-units a month): less lasting discounts, and less all."""
    rate_of = rates_of(policy, lambda currency: phase.rated_ms.get(currency, phase.begin_ms))
    if not phase.discounts:
        micros = mrr_micros(phase.items, (), rate_of)
        return micros, micros
    in_effect = [discount for discount in phase.discounts if discount.holds(at_ms)]
    counted = mrr_micros(phase.items, [d[:2] for d in in_effect if not d.once], rate_of)
    if not any(discount.once for discount in in_effect):
        return counted, counted
    return counted, mrr_micros(phase.items, [d[:2] for d in in_effect], rate_of)

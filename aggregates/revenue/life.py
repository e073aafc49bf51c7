"""Lives of subscriptions: their facts as phases, one after the other.

A full state holds from its instant until the next fact. A deletion with an earlier end cuts off
what was said since; one with an end ahead stands unless a full state, or another deletion, is told
after it and before that end: the later word replaces the earlier one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from aggregates.policies.policy import Policy
from aggregates.revenue.billing import LicensedItem
from aggregates.revenue.discount import AppliedDiscount, bounded
from aggregates.revenue.phase import (
    CANCELLATION,
    DELETED,
    ENDED,
    GOING_ON,
    PAYMENT_FAILURES,
    RENEWED,
    Life,
    StatedTerm,
    Status,
    SubscriptionPhase,
)
from aggregates.rows.history import Fact
from aggregates.time.tile import DAY_MS

SELF: Final = ""
"""The account that is asked, whatever its ids."""


class Word(NamedTuple):
    """A fact, its place among those of the account, and the account under which it was told."""

    place: int
    teller: str
    fact: Fact


def life_of(words: Sequence[Word], policy: Policy) -> Life:
    """Returns a subscription of what is told of it, in order."""
    phases: list[SubscriptionPhase] = []
    announced_ends = []
    for index, _, fact in words:
        if "known" in fact.data:
            withdrawn_ms = _withdrawn_ms(fact, words)
            known_until_ms = fact.effective_ms if withdrawn_ms is None else withdrawn_ms
            announced_ends.append((fact.data["known"], known_until_ms))
            if withdrawn_ms is not None:
                continue
        begin_ms = fact.data.get("ended", fact.effective_ms)
        while phases and phases[-1].begin_ms > begin_ms:
            phases.pop()
        before = phases[-1] if phases else None
        if before is not None and before.begin_ms == begin_ms:
            phases.pop()
        if fact.type == DELETED:
            involuntary = _is_involuntary(fact, before)
            phases.append(SubscriptionPhase(begin_ms, index, ENDED, involuntary=involuntary))
        elif fact.type == CANCELLATION:
            if before is not None:
                phases.append(_cancelled(before, index, fact))
        else:
            phases.append(_stated(before, index, fact, policy))
    return Life(phases, announced_ends)


def _withdrawn_ms(end: Fact, words: Sequence[Word]) -> int | None:
    """Returns when a later word took the place of an end told ahead, or None if it stands."""
    later = [_told(word.fact) for word in words if word.fact.type != CANCELLATION]
    instants = [told[0] for told in later if told > _told(end) and told[0] < end.effective_ms]
    return min(instants, default=None)


def _told(fact: Fact) -> tuple[Any, ...]:
    """Returns the place of a fact among others in the order in which they were told."""
    instant, *content = fact.order
    return fact.data.get("known", fact.effective_ms), *instant[1:], *content


def is_payment_failure(reason: str) -> bool:
    """Returns whether a reason of an end is one that the customer did not choose.

    >>> is_payment_failure("Card declined"), is_payment_failure("price")
    (True, False)
    """
    return reason.strip().casefold().replace(" ", "_").replace("-", "_") in PAYMENT_FAILURES


def _is_involuntary(fact: Fact, before: SubscriptionPhase | None) -> bool:
    """Returns whether an end is one not chosen: as the fact says, else as the state before does."""
    voluntary = fact.data.get("voluntary")
    if voluntary is not None:
        return not voluntary
    reason = fact.data.get("reason")
    if reason is not None:
        return is_payment_failure(reason)
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
        items, listed, metered = before.items, before.listed, before.metered
    else:
        items, metered = [LicensedItem(*item) for item in stated or ()], "metered" in data
        listed = [AppliedDiscount(*fields) for fields in data.get("discounts", ())]
    status = data["status"]
    start_ms = data.get("start", before.start_ms if before else None)
    billed_ms = _billed_ms(fact, start_ms) if items else None
    retention = "retention" in data
    was_unpaid = before is not None and before.status == Status.UNPAID
    return SubscriptionPhase(
        begin_ms=at_ms,
        place=index,
        status=status,
        items=items,
        discounts=bounded(listed, items, at_ms, billed_ms, before.discounts if before else ()),
        listed=listed,
        metered=metered,
        rated_ms=_rated_ms(items, at_ms, before, policy),
        start_ms=start_ms,
        cancel_ms=data.get("cancel_at"),
        cancelling="cancel_at" in data,
        involuntary=status == Status.UNPAID or (was_unpaid and status not in GOING_ON),
        resumes_ms=data.get("resumes_at"),
        retention=retention,
        replaces=tuple(data.get("replaces", before.replaces if before else ())),
        past_due_ms=_past_due_ms(status, at_ms, before),
        term=_term(before, fact),
        trial_ms=data.get("trial", at_ms) if status == Status.TRIALING and not retention else None,
    )


def _billed_ms(fact: Fact, start_ms: int | None) -> int | None:
    """Returns when, in a state with a price, there is first something to pay, or None."""
    since_ms: int | None = fact.effective_ms
    status = fact.data["status"]
    if status == Status.PAUSED:
        since_ms = fact.data.get("resumes_at")
    elif status not in (Status.ACTIVE, Status.PAST_DUE):
        since_ms = None
    return None if since_ms is None else max(since_ms, fact.effective_ms, start_ms or 0)


def _rated_ms(
    items: Sequence[LicensedItem], since_ms: int, before: SubscriptionPhase | None, policy: Policy
) -> Mapping[str, int]:
    known = before.rated_ms if before else {}
    foreign = {item.currency for item in items if item.currency != policy.currency}
    return {currency: known.get(currency, since_ms) for currency in foreign}


def _past_due_ms(status: str, since_ms: int, before: SubscriptionPhase | None) -> int | None:
    if status != Status.PAST_DUE:
        return None
    late = before is not None and before.past_due_ms is not None
    return before.past_due_ms if before is not None and late else since_ms


def _was_trial(before: SubscriptionPhase, at_ms: int) -> bool:
    """Returns whether the term of a state was a trial, which is over as the next state begins."""
    end_ms = before.term.end_ms
    return before.trial_ms is not None and (end_ms is None or end_ms <= at_ms)


def _term(before: SubscriptionPhase | None, fact: Fact) -> StatedTerm:
    """Returns the term that a state says it is in, else the one that goes on."""
    data, at_ms = fact.data, fact.effective_ms
    known = StatedTerm() if before is None else before.term
    again = before is not None and before.begin_ms == at_ms and known.renews
    end_ms, days = data.get("term"), known.days
    if end_ms is not None:
        days = data.get("days", (end_ms - data.get("follows", at_ms)) // DAY_MS)
    elif fact.type != RENEWED and not (before is not None and _was_trial(before, at_ms)):
        end_ms = known.end_ms
    return StatedTerm(
        end_ms=end_ms,
        follows_ms=data.get("follows"),
        renews=fact.type == RENEWED or again,
        days=days,
    )

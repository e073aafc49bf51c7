"""A subscription as changes of what it counts.

Inside a phase (``aggregates.revenue.phase``) the clock alone changes what counts: a start that lies
ahead, a scheduled cancellation, a pause that ends, discounts that begin and end, a payment that is
late for too long, a new exchange rate; and, by policy, what was paid for it or given back.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from aggregates.contributions.occurrence import FOREVER as NEVER
from aggregates.policies.policy import Policy
from aggregates.revenue.discount import FOREVER, ONCE, AppliedDiscount
from aggregates.revenue.money import RateOf, mrr_micros, rates_of
from aggregates.revenue.phase import ARRIVING, Life, Status, SubscriptionPhase
from aggregates.revenue.plan_revenue import PlanShare, shares_of
from aggregates.revenue.receipt import UNPAID_COUNTS, Paid, total_at
from aggregates.time.tile import DAY_MS

_COUNTING: Final = frozenset({Status.ACTIVE, Status.PAST_DUE})


class SubscriptionChange(NamedTuple):
    """What a subscription counts from an instant on; money is micro-units a month.

    Changes sort by instant, then by the place of the fact among those of the account.

    Attributes:
        at_ms: The instant.
        place: Place of the fact that it comes from.
        sub: The subscription.
        mrr: Its revenue.
        billed: The same less discounts for once.
        committed: The same without what is known to end or to be replaced, with what is known to
            begin.
        past_due: The part whose payment is late.
        paused: Whether it is at 0 because it is paused.
        free: Whether it goes on at a price of 0 and keeps its customer, by policy.
        retention: Whether it is a free period.
        involuntary: Whether an end now is one that the customer did not choose.
        replaces: The subscriptions that it takes the place of.
        fx: The part of the change of revenue that a new exchange rate made.
        shares: How its revenue is split over plans; empty where it has none.
        term_ms: When the term that it is in ends, or None.
        transferred: Whether it has ended by going over to another account.
        was_over: Whether it had ended before it went over.
        arriving: Whether it has come from another account, and its state is not told yet.
        arrives: Whether it is as it has come from another account, and nobody knows what it was.
        brought: What it was there last, as it comes; None if it does not, or nobody knows.
        comes: Whether a customer comes with it: it counted there, or went on without after it did.
        has_paid: Whether it comes, and has counted before.
    """

    at_ms: int
    place: int
    sub: str
    mrr: int
    billed: int
    committed: int
    past_due: int
    paused: bool
    free: bool
    retention: bool
    involuntary: bool
    replaces: tuple[str, ...]
    fx: int = 0
    shares: tuple[PlanShare, ...] = ()
    term_ms: int | None = None
    transferred: bool = False
    was_over: bool = False
    arriving: bool = False
    arrives: bool = False
    brought: "SubscriptionChange | None" = None
    comes: bool = False
    has_paid: bool = False


def changes(sub: str, life: Life, policy: Policy) -> Iterator[SubscriptionChange]:
    """Yields the changes of one subscription, ascending."""
    phases = life.phases
    for place, phase in enumerate(phases):
        end_ms = phases[place + 1].begin_ms if place + 1 < len(phases) else None
        rates_ms = _new_rates(phase, policy)
        for at_ms in _instants(phase, end_ms, life, rates_ms, policy):
            change = _change(sub, phase, at_ms, life, policy)
            if phase.came and at_ms == phase.begin_ms:
                there = life._replace(phases=phase.came)
                past = [each for each in changes(sub, there, policy) if each.at_ms < at_ms]
                change = _came(change, past)
            if change.mrr and policy.fx_mode == "revalue":
                held = phase
                if at_ms == phase.begin_ms and (phase.came or place):
                    held = phase.came[-1] if phase.came else phases[place - 1]
                change = change._replace(fx=_revaluation(held, at_ms, life.paid, policy))
            yield change


def _came(change: SubscriptionChange, past: Sequence[SubscriptionChange]) -> SubscriptionChange:
    """Returns a change by which a subscription comes from another account, of what it was there."""
    has_paid = holds = False
    for was in past:
        has_paid |= was.mrr > 0
        holds = (was.mrr > 0 or was.free or (was.paused and holds)) and has_paid
    return change._replace(brought=past[-1], comes=holds, has_paid=has_paid)


def _revaluation(held: SubscriptionPhase, at_ms: int, paid: Paid, policy: Policy) -> int:
    """Returns what new exchange rates, if there are any, make of the state that they find."""
    if at_ms not in _new_rates(held, policy):
        return 0
    last_ms = at_ms - 1
    was, _ = prices_at(held, last_ms, policy)
    now, _ = prices_at(held, last_ms, policy, rated_ms=at_ms)
    return paid.revenue(now, last_ms) - paid.revenue(was, last_ms)


def prices_at(
    phase: SubscriptionPhase, at_ms: int, policy: Policy, *, rated_ms: int | None = None
) -> tuple[int, int]:
    """Returns the MRR of a state at an instant, in micro-units a month.

    Args:
        phase: The state.
        at_ms: The instant, which decides what discounts are in effect.
        policy: The policy in force.
        rated_ms: The instant of the exchange rates, if they are revalued and it is another.

    Returns:
        The price as it counts, and less all discounts.
    """
    rate_of = _rates(phase, at_ms if rated_ms is None else rated_ms, policy)
    items, factors = phase.items, policy.factors
    if not phase.discounts:
        micros = mrr_micros(items, (), rate_of, factors)
        return micros, micros
    in_effect = [discount for discount in phase.discounts if discount.holds(at_ms)]
    counting = [discount for discount in in_effect if _counts(discount, policy)]
    counted = mrr_micros(items, counting, rate_of, factors)
    if counting == in_effect:
        return counted, counted
    return counted, mrr_micros(items, in_effect, rate_of, factors)


def _rates(phase: SubscriptionPhase, at_ms: int, policy: Policy) -> RateOf:
    """Returns the exchange rates of a state: those of an instant only if they are revalued."""

    def rate_at_ms(currency: str) -> int:
        if policy.fx_mode == "revalue":
            return at_ms
        return phase.rated_ms.get(currency, phase.begin_ms)

    return rates_of(policy, rate_at_ms)


def _counts(discount: AppliedDiscount, policy: Policy) -> bool:
    match policy.discounts_in_mrr:
        case "lasting":
            return discount.duration != ONCE
        case "forever":
            return discount.duration == FOREVER
        case counted:
            return counted == "all"


def _new_rates(phase: SubscriptionPhase, policy: Policy) -> set[int]:
    """Returns the instants at which a new exchange rate changes the MRR of a state."""
    if policy.fx_mode == "constant" or not phase.rated_ms:
        return set()
    return {at_ms for currency in phase.rated_ms for at_ms in policy.new_rates_ms(currency)}


def _late_ms(phase: SubscriptionPhase, policy: Policy) -> int | None:
    if phase.past_due_ms is None or policy.past_due_churn_days is None:
        return None
    return phase.past_due_ms + policy.past_due_churn_days * DAY_MS


def _instants(
    phase: SubscriptionPhase,
    end_ms: int | None,
    life: Life,
    rates_ms: set[int],
    policy: Policy,
) -> list[int]:
    """Returns the instants within a phase at which what counts may change, its beginning first."""
    later: set[int | None] = {phase.start_ms, phase.cancel_ms, phase.resumes_ms, *rates_ms}
    for discount in phase.discounts:
        later.update((discount.begin_ms, discount.end_ms))
    for span in (*life.announced_ends, *life.replaced):
        later.update(span)
    later.add(_late_ms(phase, policy))
    if life.paid is not UNPAID_COUNTS:
        later.update(life.paid.instants())
    begin_ms, until_ms = phase.begin_ms, NEVER if end_ms is None else end_ms
    return [begin_ms, *sorted(at for at in later if at is not None and begin_ms < at < until_ms)]


def _status(phase: SubscriptionPhase, at_ms: int, policy: Policy) -> str:
    status = phase.status
    if status == Status.PAUSED:
        resumed = phase.resumes_ms is not None and phase.resumes_ms <= at_ms
        if resumed or policy.paused_policy == "keep":
            return Status.ACTIVE
    if status == Status.PAST_DUE:
        late_ms = _late_ms(phase, policy)
        if late_ms is not None and late_ms <= at_ms:
            return Status.UNPAID
    return status


def counts(phase: SubscriptionPhase, at_ms: int, policy: Policy) -> bool:
    """Returns whether a state is one that counts at an instant, from its start on."""
    status = _status(phase, at_ms, policy)
    return not _is_cancelled(phase, at_ms) and _may_count(phase, status, policy)


def _is_cancelled(phase: SubscriptionPhase, at_ms: int) -> bool:
    return phase.cancel_ms is not None and phase.cancel_ms <= at_ms


def _may_count(phase: SubscriptionPhase, status: str, policy: Policy) -> bool:
    return status in _COUNTING or _is_kept(phase, policy)


def _is_kept(phase: SubscriptionPhase, policy: Policy) -> bool:
    return phase.retention and policy.retention_offers == "keep"


def _within(spans: Sequence[tuple[int, int]], at_ms: int) -> bool:
    return any(begin_ms <= at_ms < end_ms for begin_ms, end_ms in spans)


def _change(
    sub: str, phase: SubscriptionPhase, at_ms: int, life: Life, policy: Policy
) -> SubscriptionChange:
    paid = life.paid
    status = _status(phase, at_ms, policy)
    over = _is_cancelled(phase, at_ms)
    ending = phase.cancelling or _within(life.announced_ends, at_ms)
    mrr = billed = committed = 0
    free = False
    if not over and _may_count(phase, status, policy):
        start_ms = at_ms if phase.start_ms is None else max(at_ms, phase.start_ms)
        counted, with_once = prices_at(phase, start_ms, policy)
        goes_on = start_ms == at_ms and not (ending and policy.churn_recognition == "canceled")
        free = goes_on and not (counted or policy.free_is_churn or total_at(paid.metered, at_ms))
        if start_ms == at_ms:
            counted, with_once = paid.revenue(counted, at_ms), paid.revenue(with_once, at_ms)
        if paid.first_ms <= at_ms:
            committed = 0 if ending or _within(life.replaced, at_ms) else counted
            if goes_on:
                mrr, billed = counted, with_once
    return SubscriptionChange(
        at_ms=at_ms,
        place=phase.place,
        sub=sub,
        mrr=mrr,
        billed=billed,
        committed=committed,
        past_due=mrr if status == Status.PAST_DUE else 0,
        paused=status == Status.PAUSED and not over and policy.paused_policy == "zero",
        free=free,
        retention=_is_kept(phase, policy),
        involuntary=phase.involuntary
        or (status == Status.UNPAID and phase.status == Status.PAST_DUE),
        replaces=phase.replaces,
        shares=shares_of(phase.items, _rates(phase, at_ms, policy), policy.factors) if mrr else (),
        term_ms=phase.term.end_ms,
        transferred=phase.transferred,
        was_over=phase.was_over,
        arriving=phase.status == ARRIVING,
        arrives=phase.arrives and not phase.came,
    )

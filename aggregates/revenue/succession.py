"""Succession: subscriptions that take the place of others.

A contract that is written anew, by product or for several at once, or that moves to another system,
has a new id, and names the ids that it replaces. It is signed from when that is told on, and has
taken their place once it is in force. One that never comes to be, since it is withdrawn before it
begins or never gets complete, replaces nothing. One that is withdrawn while the old one still goes
on has its place until then.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aggregates.contributions.occurrence import FOREVER
from aggregates.policies.policy import Policy
from aggregates.revenue.change import prices_at
from aggregates.revenue.phase import ENDED, Lives, SubscriptionPhase
from aggregates.revenue.span import PhaseSpan, last_in_force, spans_of


class Successor(NamedTuple):
    """A subscription that took the place of another; instants are ms of the epoch.

    Attributes:
        begin_ms: When it did.
        told_ms: Since when it is known that it will.
        sub: Its id.
        over_ms: When it was over first after that, or ``FOREVER``.
        end_ms: Until when the place is its own: when it was over if the other went on, or
            ``FOREVER``.
        follows_ms: When the term before its own ended, as it says, or None.
        renews: Whether it says that it renews.
        mrr: What of its MRR is in the place of the other, in micro-units.
    """

    begin_ms: int
    told_ms: int
    sub: str
    over_ms: int
    end_ms: int
    follows_ms: int | None
    renews: bool
    mrr: int

    def renews_term(self, due_ms: int) -> bool:
        """Returns whether it renews a term: it follows it, rather than coming in its midst."""
        follows_ms = self.begin_ms if self.follows_ms is None else self.follows_ms
        return self.renews or self.begin_ms >= due_ms or follows_ms >= due_ms


Succession = Mapping[str, Sequence[Successor]]
"""The successors of each subscription that has any, by its id, in the order of their beginning."""


def succession_of(lives: Lives, policy: Policy) -> Succession:
    """Returns the successors of an account's subscriptions."""
    if not any(phase.replaces for life in lives.values() for phase in life.phases):
        return {}
    spans = {sub: list(spans_of(life.phases)) for sub, life in lives.items()}
    found: dict[str, list[Successor]] = defaultdict(list)
    for sub, life in lives.items():
        for old in {old for phase in life.phases for old in phase.replaces}:
            begun = (s for s in spans[sub] if s.in_force and old in s.phase.replaces)
            first = next(begun, None)
            if first is not None:
                told = next(
                    span.phase
                    for span in spans_of(life.phases, signed=True)
                    if span.in_force and old in span.phase.replaces
                )
                over_ms = _over_ms(spans[sub], first.begin_ms)
                went_on = any(
                    span.in_force and span.begin_ms <= over_ms < span.end_ms
                    for span in spans.get(old, ())
                )
                successor = Successor(
                    first.begin_ms,
                    told.begin_ms,
                    sub,
                    over_ms=over_ms,
                    end_ms=over_ms if went_on else FOREVER,
                    follows_ms=told.term.follows_ms,
                    renews=told.term.renews,
                    mrr=_part(old, told, spans, policy),
                )
                found[old].append(successor)
    return {old: sorted(successors) for old, successors in found.items()}


def _over_ms(spans: Sequence[PhaseSpan], since_ms: int) -> int:
    return next(
        (span.begin_ms for span in spans if span.over and span.begin_ms > since_ms), FOREVER
    )


def _part(
    old: str, told: SubscriptionPhase, spans: Mapping[str, Sequence[PhaseSpan]], policy: Policy
) -> int:
    """Returns the part of a successor's MRR that is in the place of one of those it replaces.

    It is shared out in proportion to what each of them came to last, to the micro-unit.
    """
    mrr, _ = prices_at(told, max(told.begin_ms, told.start_ms or 0), policy)
    if len(told.replaces) == 1:
        return mrr
    worth = {sub: _last_mrr(spans.get(sub, ()), told.begin_ms, policy) for sub in told.replaces}
    whole = sum(worth.values())
    if not whole:
        return 0
    till = sum(worth[sub] for sub in sorted(worth) if sub <= old)
    return mrr * till // whole - mrr * (till - worth[old]) // whole


def _last_mrr(spans: Sequence[PhaseSpan], before_ms: int, policy: Policy) -> int:
    span = last_in_force(spans, before_ms)
    if span is None:
        return 0
    return prices_at(span.phase, min(span.end_ms, before_ms) - 1, policy)[0]


def with_replacements(lives: Lives) -> Lives:
    """Returns the subscriptions of an account with the spans in which each is replaced.

    That is where another is signed in its place or has taken it; under ``require_paid_invoice``
    only once that one is paid.
    """
    replaced: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for life in lives.values():
        for span in spans_of(life.phases, signed=True):
            begin_ms = max(span.begin_ms, life.paid.first_ms)
            if span.in_force and begin_ms < span.end_ms:
                for old in span.phase.replaces:
                    replaced[old].append((begin_ms, span.end_ms))
    if not replaced:
        return lives
    return {sub: life._replace(replaced=replaced.get(sub, ())) for sub, life in lives.items()}


def with_rates_kept(lives: Lives) -> Lives:
    """Returns the subscriptions of an account, each at the rates of those whose place it takes.

    A currency that such a one used just before is in use since then; of several, since the first.
    """
    if not any(
        phase.replaces and phase.rated_ms for life in lives.values() for phase in life.phases
    ):
        return lives
    every = [(phase, sub) for sub, life in lives.items() for phase in life.phases]
    rated: dict[str, dict[str, int]] = {}
    kept: dict[str, list[SubscriptionPhase]] = {sub: [] for sub in lives}
    for phase, sub in sorted(every, key=lambda each: (each[0].begin_ms, each[0].place)):
        if phase.status == ENDED:
            kept[sub].append(phase)
            continue
        own = rated.get(sub, {})
        there = [rated.get(old, {}) for old in phase.replaces if old != sub]
        rated[sub] = {
            currency: own.get(currency, since_ms)
            if since_ms < phase.begin_ms
            else min([since_ms, *(each[currency] for each in there if currency in each)])
            for currency, since_ms in phase.rated_ms.items()
        }
        kept[sub].append(phase._replace(rated_ms=rated[sub]))
    return {sub: life._replace(phases=kept[sub]) for sub, life in lives.items()}

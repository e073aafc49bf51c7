"""Ownership: which account has a subscription when, and what of its life an account has.

A subscription that goes over to another account (``subscription.transferred``) is one all its life:
its state, term, trial and payments go along. Whoever has it tells of it. What the one that it
leaves tells later counts for nothing, nor does its end there at the very instant; what the one that
it comes to has told before counts from when it comes.

A window counts a subscription, all along, for the account in which it found it, wherever it went
(``aggregates.revenue.found``). One that takes the place of another is counted where that one is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from aggregates.contributions.occurrence import FOREVER
from aggregates.revenue.life import SELF, Word, life_of
from aggregates.revenue.phase import (
    ARRIVING,
    DELETED,
    ENDED,
    STATES,
    TRANSFERRED,
    Life,
    Lives,
    SubscriptionPhase,
)
from aggregates.revenue.span import is_over
from aggregates.revenue.stays import EVER, HERE, Stay, Stays, stays_of
from aggregates.revenue.succession import with_rates_kept
from aggregates.rows.family import Scope
from aggregates.rows.history import Fact
from aggregates.time.tile import DAY_MS, MINUTE_MS


class Holdings(NamedTuple):
    """The subscriptions that an account has to do with.

    Attributes:
        lives: Each all its life, wherever it was.
        stays: Of each that went from one account to another, when it was where; of those that are
            known for they took the place of such a one elsewhere, where they are.
        together_ms: How long before it goes an end may be told that is none.
    """

    lives: Lives
    stays: Mapping[str, Stays]
    together_ms: int = 0

    def of(self, sub: str) -> Stays:
        """Returns when a subscription is where."""
        return self.stays.get(sub, HERE)

    def here(self) -> Lives:
        """Returns what the account has of each, while it has it."""
        if not self.stays:
            return self.lives
        found = {}
        for sub, life in self.lives.items():
            own = [stay for stay in self.of(sub) if stay.account == SELF]
            if own:
                found[sub] = self._within(life, own) if sub in self.stays else life
        return found

    def _within(self, life: Life, stays: Iterable[Stay]) -> Life:
        """Returns what the account has of a subscription."""
        phases: list[SubscriptionPhase] = []
        for stay in stays:
            inside = [p for p in life.phases if stay.begin_ms <= p.begin_ms < stay.end_ms]
            phases += _arrived(life, stay, inside, self.together_ms) if stay.comes else inside
            if stay.end_ms < FOREVER:
                gone = SubscriptionPhase(stay.end_ms, stay.end_place, ENDED, transferred=True)
                was_over = bool(phases) and is_over(phases[-1], stay.end_ms - 1)
                phases.append(gone._replace(was_over=was_over))
        return life._replace(phases=phases)

    def meets(self, sub: str, other: str, since_ms: int) -> int | None:
        """Returns from when on two are in one account, not before an instant; None if never."""
        if not self.stays:
            return since_ms
        for stay in self.of(sub):
            for there in self.of(other):
                at_ms = max(since_ms, stay.begin_ms, there.begin_ms)
                if stay.account == there.account and at_ms < min(stay.end_ms, there.end_ms):
                    return at_ms
        return None

    def finder(self, sub: str, at_ms: int) -> str | None:
        """Returns for which account a subscription counts in windows that begin after an instant.

        None if it comes later, and nobody has told of it before.
        """
        stays, phases = self.of(sub), self.lives[sub].phases
        begin_ms = phases[0].begin_ms if phases else FOREVER
        if at_ms < stays[0].end_ms <= begin_ms:
            return None
        return next(stay.account for stay in stays if at_ms < stay.end_ms)


def holdings_of(words: Iterable[Word], scope: Scope) -> Holdings:
    """Returns the subscriptions that an account has to do with, of facts in order."""
    by_sub: dict[str, list[Word]] = {}
    moved = set[str]()
    for word in words:
        sub = word.fact.data["sub"]
        by_sub.setdefault(sub, []).append(word)
        if word.fact.type == TRANSFERRED or word.teller != SELF:
            moved.add(sub)
    stays = {sub: stays_of(by_sub[sub]) for sub in by_sub if sub in moved}
    lives = {}
    for sub, told in by_sub.items():
        counting = _counting(told, stays[sub]) if sub in moved else told
        lives[sub] = life_of(counting, scope.policy)
    stays = {sub: each for sub, each in stays.items() if each != HERE}
    return Holdings(with_rates_kept(lives), stays, scope.policy.coalesce_minutes * MINUTE_MS)


def _counting(told: Sequence[Word], stays: Stays) -> list[Word]:
    """Returns what counts of what was told of a subscription, in order."""
    states = [word for word in told if word.fact.type != TRANSFERRED]
    left_ms: dict[str, int] = {}
    found: list[Word] = []
    for stay in stays:
        own = [word for word in states if word.teller == stay.account]
        if stay.comes:
            since_ms = left_ms.get(stay.account, EVER)
            early = [
                word
                for word in own
                if word.fact.type in STATES and since_ms < word.fact.effective_ms < stay.begin_ms
            ]
            if early:
                found.append(early[-1]._replace(fact=_as_of(early[-1].fact, stay.begin_ms)))
        for word in own:
            told_ms = word.fact.data.get("known", word.fact.effective_ms)
            ends_it = word.fact.type == DELETED and not {"ended", "known"} & word.fact.data.keys()
            if stay.begin_ms <= told_ms < stay.end_ms or (told_ms == stay.end_ms and not ends_it):
                found.append(word)
        left_ms[stay.account] = stay.end_ms
    return sorted(found, key=lambda word: word.fact.effective_ms)


def _as_of(fact: Fact, at_ms: int) -> Fact:
    """Returns a state as one that takes effect later."""
    data, was_ms = dict(fact.data), fact.effective_ms
    if (end_ms := data.get("term")) is not None:
        data.setdefault("days", (end_ms - data.get("follows", was_ms)) // DAY_MS)
    data.setdefault("trial", was_ms)
    return msgspec.structs.replace(fact, effective_ms=at_ms, data=data)


def _arrived(
    life: Life, stay: Stay, inside: Sequence[SubscriptionPhase], together_ms: int
) -> Iterator[SubscriptionPhase]:
    """Yields the phases of a subscription that comes: as it was, else as it is told then."""
    at_ms = stay.begin_ms
    before = [phase for phase in life.phases if phase.begin_ms < at_ms]
    if not before or at_ms - together_ms <= _over_ms(before[-1]) < at_ms:
        told = next((n for n, p in enumerate(inside) if not is_over(p, p.begin_ms)), len(inside))
        if told == len(inside) or inside[told].begin_ms > at_ms:
            yield SubscriptionPhase(at_ms, stay.place, ARRIVING)
        for phase in inside[told : told + 1]:
            yield phase._replace(arrives=True)
        yield from inside[told + 1 :]
    elif inside and inside[0].begin_ms == at_ms:
        yield inside[0]._replace(arrives=True, came=before)
        yield from inside[1:]
    else:
        yield before[-1]._replace(begin_ms=at_ms, place=stay.place, arrives=True, came=before)
        yield from inside


def _over_ms(phase: SubscriptionPhase) -> int:
    """Returns when a phase is over, or was as it began."""
    if is_over(phase, phase.begin_ms):
        return phase.begin_ms
    return FOREVER if phase.cancel_ms is None else phase.cancel_ms

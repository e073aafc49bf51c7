"""Lineage: what of a subscription is in the place of which others, as windows see it.

What takes the place of several is shared out among them in proportion to what each came to last, as
far as a window has seen that; where one goes on that was there before, it has a share too. Each of
them may have taken the place of others in turn.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from aggregates.contributions.occurrence import FOREVER
from aggregates.revenue.change import SubscriptionChange
from aggregates.revenue.phase import Life, Lives
from aggregates.revenue.stays import EVER

Parts = Mapping[str, Fraction]
"""The shares in a subscription of those that were there first, by their ids; together 1."""


class Share(NamedTuple):
    """What a subscription in whose place another is came to.

    Attributes:
        sub: Its id.
        mrr: What it came to last, in micro-units a month.
        until_ms: Until when, or until it was replaced: windows that begin then do not see it.
    """

    sub: str
    mrr: int
    until_ms: int


class Takeover(NamedTuple):
    """A subscription takes the place of others.

    Attributes:
        at_ms: When it does, ms of the epoch.
        sub: Its id.
        olds: The others, in the order of their ids.
    """

    at_ms: int
    sub: str
    olds: Sequence[str]


def takeovers_of(lives: Lives, about: Collection[str]) -> list[Takeover]:
    """Returns what took the place of what, in order, if that is connected with some of them."""
    every = [each for sub, life in lives.items() for each in _takeovers(sub, life, lives)]
    line, size = set(about), -1
    while size < len(line):
        size = len(line)
        for each in every:
            if each.sub in line or not line.isdisjoint(each.olds):
                line.update((each.sub, *each.olds))
    return list(_at_once(sorted(each for each in every if each.sub in line)))


def _takeovers(sub: str, life: Life, lives: Lives) -> Iterator[Takeover]:
    named = {sub}
    ends = [*(phase.begin_ms for phase in life.phases[1:]), FOREVER]
    for phase, end_ms in zip(life.phases, ends, strict=False):
        olds = sorted({old for old in phase.replaces if old in lives} - named)
        at_ms = life.starts_ms(phase)
        if olds and at_ms < end_ms:
            named.update(olds)
            yield Takeover(at_ms, sub, olds)


def _at_once(every: Sequence[Takeover]) -> Iterator[Takeover]:
    """Yields takeovers; of one that is replaced at its instant also those in whose place it is."""
    for at_ms, group in groupby(every, key=lambda each: each.at_ms):
        taken, size = {sub: set(olds) for _, sub, olds in group}, -1
        while size < (size := sum(map(len, taken.values()))):
            for olds in taken.values():
                olds.update(*(taken.get(old, ()) for old in tuple(olds)))
        yield from (Takeover(at_ms, sub, sorted(olds - {sub})) for sub, olds in taken.items())


class Lineage:
    """What took the place of what, of subscriptions of which some go from account to account.

    Attributes:
        takeovers: What took the place of what, in order.
    """

    def __init__(
        self, takeovers: Sequence[Takeover], every: Mapping[str, Sequence[SubscriptionChange]]
    ) -> None:
        self.takeovers = takeovers
        self._shares = [
            [each for each in _shares(takeover, every) if each is not None]
            for takeover in takeovers
        ]

    def instants(self) -> Iterator[int]:
        """Yields the instants from which on windows may see other shares, ms of the epoch."""
        for takeover, shares in zip(self.takeovers, self._shares, strict=True):
            yield takeover.at_ms
            yield from (share.until_ms for share in shares if share.until_ms > EVER)

    def parts(self, since_ms: int) -> dict[str, list[tuple[int, Parts]]]:
        """Returns the parts of subscriptions by when they are so, for windows since an instant."""
        found: dict[str, list[tuple[int, Parts]]] = {}
        for (at_ms, sub, _), shares in zip(self.takeovers, self._shares, strict=True):
            if at_ms <= since_ms:
                continue
            seen = [share.mrr if share.until_ms > since_ms else 0 for share in shares]
            weights = seen if any(seen) else [1] * len(shares)
            parts: defaultdict[str, Fraction] = defaultdict(Fraction)
            for share, weight in zip(shares, weights, strict=True):
                known = [(EVER, {share.sub: Fraction(1)}), *found.get(share.sub, ())]
                before = [each for begin_ms, each in known if begin_ms < at_ms]
                for first, part in before[-1].items():
                    parts[first] += part * Fraction(weight, sum(weights))
            found.setdefault(sub, []).append((at_ms, parts))
        return found


def _shares(
    takeover: Takeover, every: Mapping[str, Sequence[SubscriptionChange]]
) -> Iterator[Share | None]:
    """Yields what those came to that were replaced, and the one that replaced them, if it did."""
    at_ms, sub, olds = takeover
    own = _share(sub, every[sub], at_ms)
    yield own if own.mrr and own.until_ms == at_ms else None
    for old in olds:
        yield _share(old, every[old], at_ms)


def _share(sub: str, every: Sequence[SubscriptionChange], before_ms: int) -> Share:
    mrr, until_ms = 0, EVER
    for change in every:
        if change.at_ms >= before_ms:
            break
        if change.mrr or change.free:
            mrr = change.mrr
        if change.mrr or change.free or change.paused:
            until_ms = before_ms
        elif until_ms == before_ms:
            until_ms = change.at_ms
    return Share(sub, mrr, until_ms)

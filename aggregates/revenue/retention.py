"""Retention offers: free periods that keep what was paid, of whoever was paying.

What an offer keeps is what its subscription, or one that it takes the place of, counted just before
it began, wherever that was. One that had nothing to keep is a trial like any other.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from itertools import groupby

from aggregates.policies.policy import Policy
from aggregates.revenue.change import changes
from aggregates.revenue.ownership import Holdings
from aggregates.revenue.phase import Life
from aggregates.time.tile import MINUTE_MS


def with_offers(holdings: Holdings, policy: Policy) -> Holdings:
    """Returns subscriptions, of which offers alone that keep something are free periods."""
    lives = holdings.lives
    offers = sorted(
        (life.phases[places[0]].begin_ms, sub, places)
        for sub, life in lives.items()
        for places in _offers(life)
    )
    if not offers or policy.retention_offers != "keep":
        return holdings
    together_ms = policy.coalesce_minutes * MINUTE_MS
    counted: dict[str, _Counted] = {}
    denied: dict[str, set[int]] = {}
    for at_ms, sub, places in offers:
        replaced = lives[sub].phases[places[0]].replaces
        unknown = any(old not in lives for old in replaced)  # may have paid where this came from
        keeps = unknown and sub in holdings.stays and places[0] == 0
        for each in (sub, *replaced):
            if each in lives and not keeps:
                if each not in counted:
                    counted[each] = _Counted(each, lives[each], policy)
                own = counted[each]
                at = (at_ms - 1, at_ms - 1 - together_ms)
                keeps = any(own.pays(ms, denied.get(each, ())) for ms in at)
        if not keeps:
            denied.setdefault(sub, set()).update(places)
    return holdings._replace(
        lives={sub: _without(life, denied.get(sub, ())) for sub, life in lives.items()}
    )


class _Counted:
    """What a subscription counts if each of its offers does."""

    def __init__(self, sub: str, life: Life, policy: Policy) -> None:
        every = [(each.at_ms, each.mrr) for each in changes(sub, life, policy)]
        self._at_ms = [at_ms for at_ms, _ in every]
        self._mrr = [mrr for _, mrr in every]
        self._begin_ms = [phase.begin_ms for phase in life.phases]

    def pays(self, at_ms: int, denied: Collection[int]) -> bool:
        """Returns whether it counts at an instant, if some of its phases do not."""
        place = bisect_right(self._at_ms, at_ms) - 1
        if place < 0 or not self._mrr[place]:
            return False
        return bisect_right(self._begin_ms, at_ms) - 1 not in denied


def _offers(life: Life) -> Iterator[list[int]]:
    """Yields the places of phases in which a subscription is on offer, time by time."""
    phases = life.phases
    for on_offer, places in groupby(range(len(phases)), lambda place: phases[place].retention):
        if on_offer:
            yield list(places)


def _without(life: Life, denied: Collection[int]) -> Life:
    if not denied:
        return life
    phases = [
        phase._replace(retention=False) if place in denied else phase
        for place, phase in enumerate(life.phases)
    ]
    return life._replace(phases=phases)

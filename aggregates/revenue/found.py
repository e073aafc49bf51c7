"""What an account pays over time: as it is, and as windows find it.

They differ where subscriptions go over from one account to another: a window counts each, all
along, for the account in which it found it (``aggregates.revenue.ownership``), and what takes the
place of others for those that had them, each for its share (``aggregates.revenue.lineage``).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from math import floor
from operator import itemgetter
from typing import Final, NamedTuple

from aggregates.contributions.occurrence import FOREVER
from aggregates.contributions.steps import StepFunction
from aggregates.policies.policy import Policy
from aggregates.revenue.account import AccountRevenue
from aggregates.revenue.change import SubscriptionChange, changes
from aggregates.revenue.life import SELF
from aggregates.revenue.lineage import Lineage, Parts, takeovers_of
from aggregates.revenue.ownership import Holdings
from aggregates.revenue.stays import EVER
from aggregates.revenue.timeline import account_steps
from aggregates.time.tile import edge_ms, tile_of

_FOUND_MAX: Final = 50_000
"""Changes that are looked at, over all ways in which windows find an account: some seconds. Beyond,
they see it as it is, and what went over as it was worth then."""

Spans = tuple[tuple[Fraction, Fraction], ...]
"""Stretches of the whole of a subscription, from 0 to 1."""

_WHOLE: Final[Spans] = ((Fraction(0), Fraction(1)),)

Claims = Mapping[str, Sequence[tuple[int, Spans]]]
"""What of each subscription counts for an account, by the instant from which on it does."""

_ALL: Final = [(EVER, _WHOLE)]


class Revenue(NamedTuple):
    """What an account pays over time.

    Attributes:
        steps: Its steps.
        found: What windows see that begin from a tile on, tile by tile; the first one from 0 on.
    """

    steps: StepFunction[AccountRevenue]
    found: Sequence[tuple[int, StepFunction[AccountRevenue]]]


def revenue_of(holdings: Holdings, clicks: list[int], policy: Policy) -> Revenue:
    """Returns the revenue of an account, of subscriptions of which those replaced are over."""
    whole = {sub: list(changes(sub, life, policy)) for sub, life in holdings.lives.items()}
    if not holdings.stays:
        steps = account_steps(chain.from_iterable(whole.values()), clicks, policy)
        return Revenue(steps, [(0, steps)])
    here = chain.from_iterable(changes(*each, policy) for each in holdings.here().items())
    steps = account_steps(here, clicks, policy)
    lineage = Lineage(takeovers_of(holdings.lives, holdings.stays), whole)
    tiles = _tiles(holdings, lineage)
    if len(tiles) * sum(map(len, whole.values())) > _FOUND_MAX:
        return Revenue(steps, [(0, steps)])
    found = []
    for tile, claims in _found(holdings, lineage, tiles):
        counted = (
            whole[sub] if claim == _ALL else _counted(whole[sub], claim, policy)
            for sub, claim in claims.items()
        )
        found.append((tile, account_steps(chain.from_iterable(counted), [], policy)))
    return Revenue(steps, found)


def _tiles(holdings: Holdings, lineage: Lineage) -> list[int]:
    """Returns the tiles from which on windows may find other subscriptions, ascending."""
    stays = chain.from_iterable(holdings.stays.values())
    instants = {stay.begin_ms for stay in stays if stay.comes}.union(lineage.instants())
    return sorted({tile_of(at_ms) for at_ms in instants if at_ms < FOREVER})


def _found(
    holdings: Holdings, lineage: Lineage, tiles: Iterable[int]
) -> Iterator[tuple[int, Claims]]:
    """Yields what windows count for the account, by the tile from which on they begin.

    It is something else each time; the first is with tile 0, for all before the second.
    """
    before = _claims(holdings, lineage, EVER)
    yield 0, before
    for tile in tiles:
        claims = _claims(holdings, lineage, edge_ms(tile + 1) - 1)
        if claims != before:
            yield tile, claims
        before = claims


def _claims(holdings: Holdings, lineage: Lineage, since_ms: int) -> Claims:
    """Returns what of each subscription counts for the account in windows since an instant."""
    own = {sub for sub in holdings.lives if holdings.finder(sub, since_ms) == SELF}
    found = dict.fromkeys(own, _ALL)
    for sub, each in lineage.parts(since_ms).items():
        claim = found.get(sub, []) + [(at_ms, _spans(parts, own)) for at_ms, parts in each]
        if any(spans for _, spans in claim):
            found[sub] = claim
    return found


def _spans(parts: Parts, own: set[str]) -> Spans:
    """Returns what parts of a subscription are those of an account.

    All parts lie side by side in the order of their ids, so that those of all accounts add up.
    """
    spans: list[tuple[Fraction, Fraction]] = []
    end = Fraction(0)
    for sub in sorted(parts):
        begin, end = end, end + parts[sub]
        if sub in own:
            begin = spans.pop()[0] if spans and spans[-1][1] == begin else begin
            spans.append((begin, end))
    return tuple(spans)


def _counted(
    every: Sequence[SubscriptionChange], claim: Sequence[tuple[int, Spans]], policy: Policy
) -> Iterator[SubscriptionChange]:
    """Yields the changes of a subscription, of what of it counts."""
    for change in every:
        place = bisect_right(claim, change.at_ms, key=itemgetter(0))
        spans = claim[place - 1][1] if place else ()
        yield change if spans == _WHOLE else _part(change, spans, policy)


def _part(change: SubscriptionChange, spans: Spans, policy: Policy) -> SubscriptionChange:
    """Returns a change of a part of a subscription; that of who paid nothing is a free plan."""

    def part(micros: int) -> int:
        return sum(floor(micros * end) - floor(micros * begin) for begin, end in spans)

    mrr = part(change.mrr)
    is_free = change.free or (change.mrr > 0 and not (mrr or policy.free_is_churn))
    return change._replace(
        mrr=mrr,
        billed=part(change.billed),
        committed=part(change.committed),
        past_due=part(change.past_due),
        paused=change.paused and bool(spans),
        free=is_free and bool(spans),
        fx=mrr - part(change.mrr - change.fx),
        shares=change.shares if mrr else (),
    )

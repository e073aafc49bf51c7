"""What an account pays over time: as it is, and as windows find it.

They differ where subscriptions go over from one account to another: a window counts each, all
along, for the account in which it found it (``aggregates.revenue.ownership``).
"""

from collections.abc import Sequence
from itertools import chain
from typing import Final, NamedTuple

from aggregates.contributions.steps import StepFunction
from aggregates.policies.policy import Policy
from aggregates.revenue.account import AccountRevenue
from aggregates.revenue.change import changes
from aggregates.revenue.ownership import Holdings
from aggregates.revenue.timeline import account_steps

_FOUND_MAX: Final = 50_000
"""Changes that are looked at, over all ways in which windows find an account: some seconds. Beyond,
they see it as it is, and what went over as it was worth then."""


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
    steps, tiles = account_steps(here, clicks, policy), holdings.tiles()
    if len(tiles) * sum(map(len, whole.values())) > _FOUND_MAX:
        return Revenue(steps, [(0, steps)])
    found = [
        (tile, account_steps(chain.from_iterable(whole[sub] for sub in subs), [], policy))
        for tile, subs in holdings.found(tiles)
    ]
    return Revenue(steps, found)

"""Engagement in programmes: paying accounts that took part.

Formula: an account counts at T if it took part in any programme in the window and pays at T; one
that stops paying leaves at once, and comes back if it pays again in time. Unit: accounts.
Undefined: never; the share has no value while nobody pays. Source: NetSuite's list of KPIs.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, cast

from aggregates.contributions.cover import cover
from aggregates.ledger.measure import Contributions, Measure
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.revenue.timeline import seen
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.kind import DerivedKind, HistoryKind
from aggregates.rows.store import AccountRows
from aggregates.time.tile import tile_of
from events.account import ProgramParticipated

PROGRAMS: Final = HistoryKind(
    History,
    name="program",
    topic="account",
    types={"program.participated"},
    entity=lambda event: cast(ProgramParticipated, event.data).program,
    keep=lambda event: {},
)
"""One row a programme of an account: when it took part."""


_ENGAGED: Final = "program_accounts"

_PARTICIPANTS: Final = DerivedKind[AccountRows]("program_participants", (PROGRAMS, SUBSCRIPTIONS))

Deltas = Iterable[tuple[int, int]]
"""Changes of a step function by tile, ascending."""


def contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    programs = rows[0].of(PROGRAMS).values()
    subscriptions = rows[0].of(SUBSCRIPTIONS).get("")
    if not programs or subscriptions is None:
        return
    tiles = sorted(tile_of(fact.effective_ms) for row in programs for fact in row.unretracted())
    paying = seen(subscriptions.steps(scope), lambda state: state.levels.paying)
    pays = [(tile, 1 if level else -1) for tile, level in paying]
    for window in scope.windows[_ENGAGED]:
        took_part = [(tile, delta) for _, tile, delta in cover((), window.end, tiles)]
        for tile, delta in both(took_part, pays):
            yield (_ENGAGED, window.name), tile, delta


def both(one: Deltas, other: Deltas) -> Iterator[tuple[int, int]]:
    """Yields the changes of where two step functions that are 0 or 1 are both 1.

    >>> list(both([(1, 1), (9, -1)], [(3, 1), (5, -1), (7, 1)]))
    [(3, 1), (5, -1), (7, 1), (9, -1)]
    """
    held = before = 0
    for tile, changes in groupby(sorted([*one, *other]), key=itemgetter(0)):
        held += sum(delta for _, delta in changes)
        now = int(held == 2)
        if now != before:
            yield tile, now - before
        before = now


FAMILY = Family(
    name="programs",
    reads=_PARTICIPANTS,
    measures=(
        Measure.windowed(
            _ENGAGED, "Paying accounts that took part in a programme in the window.", ("90d",)
        ),
    ),
    contributions=contributions,
)

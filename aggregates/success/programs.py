"""Engagement in programmes: paying accounts that took part.

Formula: an account counts at T if it took part in any programme in the window and pays at T; one
that stops paying leaves at once, and comes back if it pays again in time. Unit: accounts.
Undefined: never; the share has no value while nobody pays. Source: NetSuite's list of KPIs.
"""

from collections.abc import Sequence
from typing import Final, cast

from aggregates.contributions.counts import counted
from aggregates.contributions.steps import differences, joined
from aggregates.ledger.measure import Contributions, Measure
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
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


def contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    programs = rows[0].of(PROGRAMS).values()
    subscriptions = rows[0].of(SUBSCRIPTIONS).get("")
    if not programs or subscriptions is None:
        return
    tiles = sorted(tile_of(fact.effective_ms) for row in programs for fact in row.unretracted())
    pays = subscriptions.steps(scope).view(lambda state: state.levels.paying)
    for window in scope.windows[_ENGAGED]:
        took_part = counted((tile, window.end(tile)) for tile in tiles)
        engaged = joined(lambda parts, paying: (int(parts > 0 and paying > 0),), took_part, pays)
        yield from differences([(_ENGAGED, window.name)], engaged)


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

"""Licensed seats.

Formula: of each account the number last set before T. Unit: seats. Undefined: never; the share of
seats in use has no value while no seats are known. Source: events of the topic usage.
"""

from collections.abc import Sequence
from typing import Final, cast

from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.kind import HistoryKind
from aggregates.time.tile import tile_of
from events.usage import SeatsSet

SEATS: Final = HistoryKind(
    History,
    name="seats",
    topic="usage",
    types={"seats.set"},
    keep=lambda event: {"seats": cast(SeatsSet, event.data).seats},
)
"""One row an account, of the numbers of its seats."""

_SEATS: Final = ("seats",)


def _contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    for row in rows:
        seats = 0
        for fact in row.unretracted():
            if fact.data["seats"] != seats:
                yield _SEATS, tile_of(fact.effective_ms), fact.data["seats"] - seats
                seats = fact.data["seats"]


FAMILY = Family(
    name="seats",
    reads=SEATS,
    measures=(Measure.level("seats", "Seats that accounts are licensed for."),),
    contributions=_contributions,
)

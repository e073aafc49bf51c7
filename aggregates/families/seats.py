"""Licensed seats.

Formula: of each account the number last set before T. Unit: seats. Undefined: never; the share of
seats in use has no value while no seats are known. Source: events of the topic usage.
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.seats import SEATS
from aggregates.tile import tile_of

_SEATS: Final = ("seats",)


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives the changes of an account's seats."""
    for row in rows:
        seats = 0
        for fact in row.standing():
            if fact.data["seats"] != seats:
                yield _SEATS, tile_of(fact.effective_ms), fact.data["seats"] - seats
                seats = fact.data["seats"]


FAMILY = Family(
    name="seats",
    reads=SEATS,
    measures=(Measure("seats", Kind.LEVEL, Unit.COUNT, "Seats that accounts are licensed for."),),
    contributions=contributions,
)

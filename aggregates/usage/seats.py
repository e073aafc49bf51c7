"""Licensed seats.

Formula: of each account the number last set before T. Unit: seats. Undefined: never; the share of
seats in use has no value while no seats are known. Source: events of the topic usage.
"""

from collections.abc import Sequence
from typing import Final, cast

from aggregates.ledger.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History, Outcome, fact_of
from aggregates.rows.kind import HistoryRows
from aggregates.time.tile import tile_of
from events import Event
from events.usage import SeatsSet


class Seats(HistoryRows):
    """One row an account, of the numbers of its seats."""

    name = "seats"
    topic = "usage"
    types = frozenset({"seats.set"})

    def entity(self, event: Event) -> str:
        """Gives the empty id: an account has one row."""
        return ""

    def fold(self, row: History, event: Event) -> Outcome:
        """Files a number of seats."""
        return row.insert(fact_of(event, {"seats": cast(SeatsSet, event.data).seats}))


SEATS: Final = Seats()


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

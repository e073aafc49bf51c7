"""Seats: how many an account is licensed for."""

from typing import Final, cast

from aggregates.history import History, Outcome, fact_of
from aggregates.row import HistoryRows
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

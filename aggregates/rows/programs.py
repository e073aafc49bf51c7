"""Programmes: when an account took part in a webinar, a review, a community."""

from typing import Final, cast

from aggregates.history import History, Outcome, fact_of
from aggregates.row import HistoryRows
from events import Event
from events.account import ProgramParticipated


class Programs(HistoryRows):
    """One row a programme of an account."""

    name = "program"
    topic = "account"
    types = frozenset({"program.participated"})

    def entity(self, event: Event) -> str:
        """Gives the programme."""
        return cast(ProgramParticipated, event.data).program

    def fold(self, row: History, event: Event) -> Outcome:
        """Files that the account took part."""
        return row.insert(fact_of(event, {}))


PROGRAMS: Final = Programs()

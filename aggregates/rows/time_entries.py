"""Time entries: hours that the team logged, each event once."""

from typing import Final, cast

from aggregates.history import History, Outcome, fact_of
from aggregates.row import HistoryRows
from events import Event
from events.account import TimeLogged

UNCATEGORISED: Final = "uncategorised"
"""Label of work without a category: it stays visible."""

_MS_A_SECOND: Final = 1_000


class TimeEntries(HistoryRows):
    """One row an event: logged time adds up, so only an id can tell a repetition."""

    name = "time_entry"
    topic = "account"
    types = frozenset({"time.logged"})

    def entity(self, event: Event) -> str:
        """Gives the event's id; entries of two sources that share one are one row of two facts."""
        return event.id

    def fold(self, row: History, event: Event) -> Outcome:
        """Files how long the work took and what it was for."""
        data = cast(TimeLogged, event.data)
        length_ms = round(data.seconds * _MS_A_SECOND)
        return row.insert(fact_of(event, {"category": data.category, "ms": length_ms}))


TIME_ENTRIES: Final = TimeEntries()

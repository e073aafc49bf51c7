"""Work: where the team's logged time goes.

Formula: the sum of logged seconds by category, each at the instant of its event; time without a
category is ``uncategorised``. Unit: ms. Undefined: never; shares have no value where nothing was
logged. Source: NetSuite's list of KPIs (work focus).
"""

from collections.abc import Sequence
from typing import Final, cast

from aggregates.ledger.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History, Outcome, fact_of
from aggregates.rows.kind import HistoryRows
from aggregates.time.tile import tile_of
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


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what one time entry contributes."""
    for fact in (fact for row in rows for fact in row.standing()):
        if fact.data["ms"]:
            category = fact.data.get("category", UNCATEGORISED)
            yield ("work_time", category), tile_of(fact.effective_ms), fact.data["ms"]


FAMILY = Family(
    name="work",
    reads=TIME_ENTRIES,
    measures=(
        Measure(
            "work_time",
            Kind.FLOW,
            Unit.MS,
            "Time that the team logged.",
            labels=("category",),
        ),
    ),
    contributions=contributions,
)

"""Work: where the team's logged time goes.

Formula: the sum of logged seconds by category, each at the instant of its event; time without a
category is ``uncategorised``. Unit: ms. Undefined: never; shares have no value where nothing was
logged. Source: NetSuite's list of KPIs (work focus).
"""

from collections.abc import Sequence
from typing import Any, Final, cast

from aggregates.ledger.measure import Contributions, Measure, Unit
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.kind import HistoryKind
from aggregates.time.tile import tile_of
from events import Event
from events.account import TimeLogged

UNCATEGORISED: Final = "uncategorised"
"""Label of work without a category: it stays visible."""

_MS_A_SECOND: Final = 1_000


def _kept(event: Event) -> dict[str, Any]:
    data = cast(TimeLogged, event.data)
    return {"category": data.category, "ms": round(data.seconds * _MS_A_SECOND)}


TIME_ENTRIES: Final = HistoryKind(
    History,
    name="time_entry",
    topic="account",
    types={"time.logged"},
    entity=lambda event: event.id,
    keep=_kept,
)
"""One row an event id, since logged time adds up and only an id can tell a repetition; entries of
two sources that share an id are one row of two facts."""


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Yields what one time entry contributes."""
    for fact in (fact for row in rows for fact in row.unretracted()):
        if fact.data["ms"]:
            category = fact.data.get("category", UNCATEGORISED)
            yield ("work_time", category), tile_of(fact.effective_ms), fact.data["ms"]


FAMILY = Family(
    name="work",
    reads=TIME_ENTRIES,
    measures=(
        Measure.flow("work_time", "Time that the team logged.", Unit.MS, labels=("category",)),
    ),
    contributions=contributions,
)

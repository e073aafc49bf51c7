"""Work: where the team's logged time goes.

Formula: the sum of logged seconds by category, each at the instant of its event; time without a
category is ``uncategorised``. Unit: ms. Undefined: never; shares have no value where nothing was
logged. Source: NetSuite's list of KPIs (work focus).
"""

from collections.abc import Sequence

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.time_entries import TIME_ENTRIES, UNCATEGORISED
from aggregates.tile import tile_of


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

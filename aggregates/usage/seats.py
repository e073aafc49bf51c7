"""Licensed seats.

Formula: of each account the number last set before T. Unit: seats. Undefined: never. Source: events
of the topic usage.
"""

from collections.abc import Sequence
from typing import Final, cast

from aggregates.contributions.steps import StepFunction, differences
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
        yield from differences([_SEATS], seats_of(row).view(lambda seats: (seats,)))


def seats_of(row: History) -> StepFunction[int]:
    """Returns the seats of an account."""
    facts = row.unretracted()
    return StepFunction.of(0, ((tile_of(fact.effective_ms), fact.data["seats"]) for fact in facts))


FAMILY = Family(
    name="seats",
    reads=SEATS,
    measures=(Measure.level("seats", "Seats that accounts were told to have."),),
    contributions=_contributions,
)

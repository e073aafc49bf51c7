"""Health overrides: what people judge an account's health to be."""

from typing import Final, cast

from aggregates.history import History, Outcome, fact_of
from aggregates.row import HistoryRows
from events import Event
from events.account import HealthOverrideSet


class HealthOverrides(HistoryRows):
    """One row an account, of its overrides."""

    name = "health_override"
    topic = "account"
    types = frozenset({"health.override_set"})

    def entity(self, event: Event) -> str:
        """Gives the empty id: an account has one row."""
        return ""

    def fold(self, row: History, event: Event) -> Outcome:
        """Files an override."""
        data = cast(HealthOverrideSet, event.data)
        return row.insert(fact_of(event, {"score": data.score, "until": data.until}))


HEALTH_OVERRIDES: Final = HealthOverrides()

"""Visitors: who looked at the product, and what they did that was hoped for.

A visitor is filed under the key that its facts are sent with: its subject, or the visitor's own id.
"""

from typing import Final, cast

from aggregates.history import History, Outcome, fact_of
from aggregates.row import HistoryRows
from events import Event
from events.account import GoalConverted, VisitorSeen


class Visitors(HistoryRows):
    """One row a visitor."""

    name = "visitor"
    topic = "account"
    types = frozenset({"visitor.seen", "goal.converted"})

    def entity(self, event: Event) -> str:
        """Gives the visitor's id."""
        return cast(VisitorSeen | GoalConverted, event.data).visitor_id

    def fold(self, row: History, event: Event) -> Outcome:
        """Files a visit, or a goal that was reached."""
        goal = event.data.goal if isinstance(event.data, GoalConverted) else None
        return row.insert(fact_of(event, {"goal": goal}))


VISITORS: Final = Visitors()

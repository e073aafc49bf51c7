"""Sign-ups: when an account came to the product by itself."""

from typing import Final

from aggregates.history import History, Outcome, fact_of
from aggregates.row import HistoryRows
from events import Event


class Signups(HistoryRows):
    """One row an account."""

    name = "signup"
    topic = "account"
    types = frozenset({"account.signed_up"})

    def entity(self, event: Event) -> str:
        """Gives the empty id: an account has one row."""
        return ""

    def fold(self, row: History, event: Event) -> Outcome:
        """Files that it signed up then."""
        return row.insert(fact_of(event, {}))


SIGNUPS: Final = Signups()

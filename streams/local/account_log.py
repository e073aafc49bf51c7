"""The events of an account, out of what keeps or finds them, as pages tell them."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.account import AccountView
from aggregates.explanation.account_events import AccountEvents, EventPage
from aggregates.explanation.by_event import ByEvent, Step
from aggregates.explanation.explanation import Explanation
from aggregates.explanation.in_time import AnyEvent
from aggregates.shard.plan import Plan
from events import Decoder
from events.dialect import PLAIN, Dialect

STEPS_MAX: Final = 5_000
"""Events that are folded one by one to tell which of them made a change, some ms each."""


class Lines(Protocol):
    """Who has the lines of accounts."""

    def lines_of(self, accounts: Iterable[str]) -> list[bytes] | None:
        """Returns the lines that name one of some accounts, in the order in which they came.

        None if there are too many to be looked at.
        """


class AccountLog:
    """Tells the events of accounts; any thread may ask."""

    def __init__(self, lines: Lines, plan: Plan, dialect: Dialect = PLAIN) -> None:
        """Takes who has the lines, what is computed, and how producers write events."""
        self._lines = lines
        self._plan = plan
        self._dialect = dialect
        self._told: tuple[Catalogue, AccountEvents] | None = None

    def page(
        self, view: AccountView, catalogue: Catalogue, first: int, count: int
    ) -> EventPage | None:
        """Returns some events of an account, newest first; None if there are too many in all.

        Raises:
            TidemarkError: If the events cannot be read.
        """
        events = self._events(view)
        if self._told is None or self._told[0] is not catalogue:
            self._told = catalogue, AccountEvents(self._plan, catalogue)
        return None if events is None else self._told[1].page(events, first, count)

    def steps(
        self, view: AccountView, catalogue: Catalogue, explanation: Explanation
    ) -> Sequence[Step] | None:
        """Returns the events that made what an account has in a figure; None if too many may.

        Raises:
            TidemarkError: If the events cannot be read.
        """
        by_event = ByEvent(self._plan, catalogue, explanation.question)
        events = self._events(view)
        if events is None:
            return None
        taken = [event for event in events if by_event.takes(event)]
        if len(taken) > STEPS_MAX:
            return None
        return list(by_event.steps(view.account, taken, explanation.effects))

    def _events(self, view: AccountView) -> list[AnyEvent] | None:
        accounts = {view.account, *view.related}
        lines = self._lines.lines_of(accounts)
        if lines is None:
            return None
        batch = Decoder(self._dialect).decode(lines)
        found: list[AnyEvent] = [hot for hot in batch.hot if hot.data.account_id in accounts]
        found += [event for event in batch.events if not accounts.isdisjoint(event.keys)]
        return sorted(found, key=lambda event: event.index)

"""What stands behind the figures and names accounts, as pages ask for it; any thread may."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.account import AccountView
from aggregates.explanation.account_events import EventPage
from aggregates.explanation.by_event import Step
from aggregates.explanation.explanation import Explanation
from aggregates.explanation.happening import Happening
from aggregates.explanation.question import Question


class Rows(Protocol):
    """Who has all rows."""

    def explain(self, catalogue: Catalogue, question: Question) -> Explanation | None:
        """Returns what accounts have in a figure; None while history is still being folded.

        Raises:
            QuestionError: If the question has several answers.
        """

    def account(self, account: str) -> AccountView | None:
        """Returns what is known of an account; None if nothing is, or history is still folded."""


class Log(Protocol):
    """Who has the events behind the rows, and can read them again."""

    def page(
        self, view: AccountView, catalogue: Catalogue, first: int, count: int
    ) -> EventPage | None:
        """Returns some events of an account, newest first; None if there are too many in all.

        Raises:
            TidemarkError: If the events cannot be read.
        """

    def steps(
        self, view: AccountView, catalogue: Catalogue, explanation: Explanation
    ) -> Sequence[Step] | None:
        """Returns the events that made what an account has in a figure; None if too many may.

        Raises:
            TidemarkError: If the events cannot be read.
        """


class Latest(Protocol):
    """Who knows what happened lately."""

    def latest(self) -> Sequence[Happening]:
        """Returns it, the newest first."""


@dataclass(frozen=True, slots=True)
class Named:
    """All that names accounts.

    Attributes:
        rows: The rows behind the figures.
        latest: Who knows what happened lately; None where nobody does.
        log: Who has the events behind the rows; None where they cannot be read again.
    """

    rows: Rows
    latest: Latest | None = None
    log: Log | None = None

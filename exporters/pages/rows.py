"""The rows behind the figures, as pages ask for them; any thread may."""

from collections.abc import Sequence
from typing import Protocol

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.account import AccountView
from aggregates.explanation.account_events import EventPage
from aggregates.explanation.by_event import Step
from aggregates.explanation.explanation import Explanation
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

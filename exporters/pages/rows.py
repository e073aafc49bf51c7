"""The rows behind the figures, as pages ask for them; any thread may."""

from typing import Protocol

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.account import AccountView
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

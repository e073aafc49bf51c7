"""The rows of shards that go on being folded, as pages and the API ask for them."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.account import AccountView, view_of
from aggregates.explanation.by_account import ByAccount
from aggregates.explanation.explainer import Explainer
from aggregates.explanation.explanation import Explanation
from aggregates.explanation.question import Question
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard

ACCOUNTS_AT_ONCE: Final = 50
"""Accounts that are looked at while nobody may fold: some tens of ms."""

_TURN_S: Final = 0.001
"""For others to take the lock between two looks."""


class LiveRows:
    """Answers for shards; any thread may ask, one is answered at a time.

    Rows are looked at between folds, a few accounts at a time where there are many; figures are
    read aside. What is answered is of one moment, of all that was folded by then.
    """

    def __init__(
        self,
        plan: Plan,
        shards: Sequence[Shard],
        lock: threading.RLock,
        settle: Callable[[], bool],
    ) -> None:
        """Takes where rows are.

        Args:
            plan: What the shards share.
            shards: Shards that hold all accounts between them.
            lock: Held by whoever changes or reads rows.
            settle: Settles the shards, with the lock held; returns whether they are whole.
        """
        self._shards = shards
        self._lock = lock
        self._settle = settle
        self._contributed = ByAccount(plan, shards)
        self._turn = threading.Lock()

    def loaded(self) -> None:
        """Takes what accounts contribute by now, so that who asks first need not wait for it."""
        with self._turn, self._lock:
            self._contributed.gather(())

    def explain(self, catalogue: Catalogue, question: Question) -> Explanation | None:
        """Returns what accounts have in a figure; None while the shards are not whole.

        Raises:
            QuestionError: If the question has several answers.
        """
        explainer = Explainer(catalogue, self._contributed)
        between = threading.Event()
        with self._turn:
            while True:
                with self._lock:
                    if not self._settle():
                        return None
                    if explainer.prepare(question, ACCOUNTS_AT_ONCE):
                        break
                between.wait(_TURN_S)  # whoever waits for the lock would else not get it
            return explainer.explained(question)

    def account(self, account: str) -> AccountView | None:
        """Returns what is known of an account; None if nothing is, or the shards are not whole."""
        with self._lock:
            return view_of(account, self._shards) if self._settle() else None

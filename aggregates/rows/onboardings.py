"""Onboardings: how an account got started."""

from collections.abc import Iterator
from typing import Final, NamedTuple, cast

from aggregates.history import History, Outcome, fact_of
from aggregates.row import HistoryRows
from events import Event
from events.account import OnboardingFact

STARTED: Final = "onboarding.started"
COMPLETED: Final = "onboarding.completed"


class Onboardings(HistoryRows):
    """One row an onboarding; without an id it is the account's only one."""

    name = "onboarding"
    topic = "account"
    types = frozenset({STARTED, COMPLETED})

    def entity(self, event: Event) -> str:
        """Gives the onboarding's id, or the empty one."""
        return cast(OnboardingFact, event.data).onboarding_id or ""

    def fold(self, row: History, event: Event) -> Outcome:
        """Files that it began or is done."""
        return row.insert(fact_of(event, {}))


ONBOARDINGS: Final = Onboardings()


class Round(NamedTuple):
    """One way from the start to completion; times are ms of the epoch.

    Attributes:
        begun_ms: When it began at first: from then on it is open.
        started_ms: When it was started for the last time: what its duration counts from.
        completed_ms: When it was completed, or None while it is open.
    """

    begun_ms: int
    started_ms: int
    completed_ms: int | None


def rounds_of(row: History) -> Iterator[Round]:
    """Gives the rounds of an onboarding: a start before its completion replaces the one before.

    A completion without a start says nothing of a duration and is left out.
    """
    begun_ms = started_ms = None
    for fact in row.standing():
        if fact.type == STARTED:
            started_ms = fact.effective_ms
            begun_ms = started_ms if begun_ms is None else begun_ms
        elif begun_ms is not None and started_ms is not None:
            yield Round(begun_ms, started_ms, fact.effective_ms)
            begun_ms = started_ms = None
    if begun_ms is not None and started_ms is not None:
        yield Round(begun_ms, started_ms, None)

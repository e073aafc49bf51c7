"""A later full state replaces what was known of a subscription, an end told ahead included."""

from typing import Any

import pytest

from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    at,
    deleted,
    ledger_of,
    level,
    mrr,
    requested,
    retracted,
    state,
)

CREATED = state("created", "e1", 1)
ENDING = deleted("e2", 20, ended_at=at(36))


def committed(ledger: Any, *days: float) -> list[float]:
    """Returns the committed MRR in dollars at some days."""
    return [level(ledger, day, "committed_mrr") / DOLLAR for day in days]


@pytest.mark.parametrize("kind", ["created", "updated", "resumed", "renewed"])
def test_a_state_takes_an_end_told_ahead_back(kind: str) -> None:
    """Whatever state it is: from then on nothing ends, and it is committed again."""
    ledger = ledger_of(CREATED, ENDING, state(kind, "e3", 25))
    assert committed(ledger, 20, 20.25, 25, 25.25, 40) == [100, 0, 0, 100, 100]
    assert mrr(ledger, 36.25, 400) == [100, 100]
    assert level(ledger, 400, "churned_mrr", "voluntary") == 0


def test_a_state_may_tell_another_end() -> None:
    """The end that is told last is the one that comes."""
    for other in (deleted("e3", 25, ended_at=at(50)), state("updated", "e3", 25, cancel_at=at(50))):
        ledger = ledger_of(CREATED, ENDING, other)
        assert committed(ledger, 24, 26) == [0, 0]
        assert mrr(ledger, 37, 50, 50.25) == [100, 100, 0]
    sooner = ledger_of(CREATED, ENDING, deleted("e3", 25))
    assert mrr(sooner, 25, 25.25, 37) == [100, 0, 0]


def test_what_was_said_before_takes_nothing_back() -> None:
    """Only a later word counts, in the order of effect and not of arrival; a request is none."""
    assert mrr(ledger_of(ENDING, state("updated", "e3", 15, 120), CREATED), 36, 37) == [120, 0]
    assert mrr(ledger_of(CREATED, ENDING, requested("e3", 25)), 36, 37) == [100, 0]
    assert mrr(ledger_of(CREATED, ENDING, state("updated", "e3", 40, 70)), 37, 41) == [0, 70]
    withdrawn = [CREATED, ENDING, state("updated", "e3", 25), retracted("e4", 26, "e3")]
    assert mrr(ledger_of(*withdrawn), 36, 37) == [100, 0]

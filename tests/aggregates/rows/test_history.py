"""Histories: facts in order, each once, short ones and long ones alike."""

import random

import pytest

from aggregates.rows.history import INDEXED_FROM, Fact, History, Outcome


def fact(number: int, source: str = "crm", at_ms: int | None = None, **data: int) -> Fact:
    """A fact of an event with a number."""
    at_ms = number if at_ms is None else at_ms
    return Fact(at_ms, "", at_ms, f"evt_{number}", source, "one.updated", data)


@pytest.mark.parametrize("length", [1, INDEXED_FROM - 1, INDEXED_FROM, 3 * INDEXED_FROM])
def test_each_fact_once_in_order(length: int) -> None:
    """Facts told in any order and again are in order once, whatever the length."""
    told = [fact(number) for number in range(length)] * 2
    random.Random(length).shuffle(told)
    history = History()
    outcomes = [history.insert(each) for each in told]
    assert history.facts == [fact(number) for number in range(length)]
    assert outcomes.count(Outcome.FOLDED) == outcomes.count(Outcome.DUPLICATE) == length


@pytest.mark.parametrize("length", [2, INDEXED_FROM, 2 * INDEXED_FROM])
def test_the_same_id_with_other_content_is_a_conflict(length: int) -> None:
    """Only the same source and id is the same event; with other content it changes nothing."""
    history = History([fact(number) for number in range(length)])
    assert history.insert(fact(1, at_ms=5 * length)) is Outcome.CONFLICT
    assert history.insert(fact(1, amount=1)) is Outcome.CONFLICT
    assert history.insert(fact(1, source="billing")) is Outcome.FOLDED
    assert history.insert(fact(1, source="billing")) is Outcome.DUPLICATE
    assert len(history.facts) == length + 1


class Counted(str):
    """An event id that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


def test_a_long_history_is_not_looked_through_for_each_fact() -> None:
    """Facts of twice as long a history need about twice the comparisons of ids, not four times."""

    def comparisons(length: int) -> int:
        Counted.compared = 0
        history = History()
        for number in range(length):
            history.insert(Fact(number, "", 0, Counted(f"evt_{number}"), "crm", "t", {}))
        return Counted.compared

    short, long = comparisons(1_000), comparisons(2_000)
    assert 0 < long < 3 * short

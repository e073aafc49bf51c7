"""Transfers in a group with other changes: each is told by its name, as if it had stayed."""

from itertools import permutations
from typing import Any

import pytest

from aggregates.policies.policy import Policy
from tests.aggregates.revenue.subscription_story import (
    at,
    deleted,
    ledger_of,
    level,
    moved,
    state,
    transferred,
)

MINUTE = 1 / 1440
CREATED = state("created", "e1", 1)
COUNTS = ("new_accounts", "upsells", "downgrades", "churned_subscriptions")
THERE = transferred("t1", 9, "a1", "a2")
BACK = transferred("t2", 9 + 30 * MINUTE, "a2", "a1")
ON = transferred("t2", 9 + 30 * MINUTE, "a2", "a3")


def early(**data: Any) -> bytes:
    """Returns the state twenty minutes before it goes."""
    dollars = data.pop("dollars", 100)
    return state(data.pop("kind", "updated"), "e2", 9 - 20 * MINUTE, dollars, **data)


def late(minutes: float = 20, **data: Any) -> bytes:
    """Returns the state so many minutes after it went."""
    dollars = data.pop("dollars", 100)
    kind = data.pop("kind", "updated")
    return state(kind, "e3", 9 + minutes * MINUTE, dollars, account="a2", **data)


PAUSED = state("paused", "p1", 5)
FREE = state("updated", "p1", 5, 0)
LOST = {"new": 100, "churned:voluntary": 100}
SITUATIONS: dict[str, tuple[list[bytes], dict[str, int], tuple[int, ...], dict[str, Any]]] = {
    "downgraded": (
        [CREATED, early(dollars=80), THERE],
        {"new": 100, "contraction:downgrade": 20},
        (1, 0, 1, 0),
        {},
    ),
    "upgraded": (
        [CREATED, early(dollars=130), THERE],
        {"new": 100, "expansion:upgrade": 30},
        (1, 1, 0, 0),
        {},
    ),
    "downgraded on its way": (
        [CREATED, THERE, late(dollars=80), ON],
        {"new": 100, "contraction:downgrade": 20},
        (1, 0, 1, 0),
        {},
    ),
    "upgraded there and back": (
        [CREATED, THERE, late(dollars=120), BACK],
        {"new": 100, "expansion:upgrade": 20},
        (1, 1, 0, 0),
        {},
    ),
    "unpaid": (
        [CREATED, early(status="unpaid"), THERE],
        {"new": 100, "churned:involuntary": 100},
        (1, 0, 0, 1),
        {},
    ),
    "unpaid, and another goes": (
        [
            CREATED,
            state("created", "o1", 1, 50, sub="s2"),
            early(status="unpaid", sub="s2"),
            THERE,
        ],
        {"new": 150, "churned:involuntary": 50},
        (1, 0, 0, 1),
        {},
    ),
    "unpaid at the instant": (
        [CREATED, state("updated", "e2", 9, status="unpaid"), THERE],
        {"new": 100, "churned:involuntary": 100},
        (1, 0, 0, 1),
        {},
    ),
    "free": ([CREATED, early(dollars=0), THERE], LOST, (1, 0, 0, 1), {}),
    "ended where it came to": (
        [CREATED, THERE, deleted("d1", 9 + 20 * MINUTE, account="a2")],
        LOST,
        (1, 0, 0, 1),
        {},
    ),
    "ended as it came": ([CREATED, THERE, deleted("d1", 9, account="a2")], LOST, (1, 0, 0, 1), {}),
    "paused, then resumed": (
        [CREATED, PAUSED, THERE, late(kind="resumed")],
        {"new": 100, "contraction:pause": 100, "expansion:resume": 100},
        (1, 0, 0, 0),
        {},
    ),
    "resumed as it came": (
        [CREATED, PAUSED, THERE, late(0, kind="resumed")],
        {"new": 100, "contraction:pause": 100, "expansion:resume": 100},
        (1, 0, 0, 0),
        {},
    ),
    "resumes by itself as it comes": (
        [CREATED, state("paused", "p1", 5, resumes_at=at(9)), THERE],
        {"new": 100, "contraction:pause": 100, "expansion:resume": 100},
        (1, 0, 0, 0),
        {},
    ),
    "kept by a free plan, then paid": (
        [CREATED, FREE, THERE, late()],
        {"new": 100, "contraction:downgrade": 100, "expansion:upgrade": 100},
        (1, 1, 1, 0),
        {"free_is_churn": False},
    ),
    "kept by a free plan, paid as it came": (
        [CREATED, FREE, THERE, late(0)],
        {"new": 100, "contraction:downgrade": 100, "expansion:upgrade": 100},
        (1, 1, 1, 0),
        {"free_is_churn": False},
    ),
    "bought": ([early(kind="created"), THERE], {"new": 100}, (1, 0, 0, 0), {}),
    "back, and gone on": (
        [CREATED, deleted("d1", 5), early(), THERE],
        {**LOST, "reactivation": 100},
        (1, 0, 0, 1),
        {},
    ),
}


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("pays", [False, True])
def test_each_is_told_by_its_name(name: str, pays: bool) -> None:
    """Whether the account that it comes to pays for something else or not."""
    lines, movements, counts, choices = SITUATIONS[name]
    if pays:
        lines = [*lines, state("created", "o9", 1, 40, account="a2", sub="s9")]
        movements = {**movements, "new": movements["new"] + 40}
        counts = (counts[0] + 1, *counts[1:])
        if any(b"deleted" in each and b'"a2"' in each for each in lines) or name.endswith(
            "instant"
        ):
            lost = next(each for each in movements if each.startswith("churned"))
            movements["contraction:downgrade"] = movements.pop(lost)  # the account goes on
            counts = (*counts[:2], 1, counts[3])
    for order in (lines, lines[::-1]):
        ledger = ledger_of(*order, policy=Policy.model_validate(choices))
        assert moved(ledger) == movements
        assert tuple(level(ledger, 400, each) for each in COUNTS) == counts
        assert level(ledger, 400, "transferred_mrr") == 0


@pytest.mark.parametrize("minutes", [0, 20])
def test_who_loses_what_just_came_is_a_lost_account(minutes: float) -> None:
    """Though it did not pay before; the one that it left has lost nobody."""
    gone = deleted("d1", 9 + minutes * MINUTE, account="a2")
    for lines in permutations([CREATED, THERE, gone]):
        ledger = ledger_of(*lines)
        assert level(ledger, 13, "churned_accounts", "30d") == 1
        assert level(ledger, 35, "cohort_churned_accounts", "30d") == 1


def test_one_on_a_free_plan_in_its_place_keeps_a_subscription() -> None:
    """It has not ended, as it would not have under its own id."""
    free = state("created", "c1", 9, 0, sub="s2", replaces_subscription_id="s1")
    ledger = ledger_of(CREATED, free, policy=Policy(free_is_churn=False))
    assert moved(ledger) == {"new": 100, "contraction:downgrade": 100}
    assert level(ledger, 400, "churned_subscriptions") == 0

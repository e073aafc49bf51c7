"""CSAT: each rule by stories told in hours after the start."""

from typing import Any

import pytest
from pydantic import ValidationError

from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from tests.aggregates.folding import DAY, HOUR, START, fold, story
from tests.aggregates.surveys.survey_story import (
    FAMILIES,
    PLAN,
    Step,
    deletion,
    folded,
    rating,
    ratings,
    update,
)


def test_golden_csat() -> None:
    """X13: ratings 5,4,3,2: 50 %; with a threshold of 3 on that scale, 75 %."""
    facts = story([rating(n, f"r{n}", score) for n, score in enumerate((5, 4, 3, 2))])
    assert ratings(fold(PLAN, "survey", facts), START + DAY) == (2, 4)
    lenient = Plan(Policy(csat_thresholds={5: 3}), families=FAMILIES)
    assert ratings(fold(lenient, "survey", facts), START + DAY) == (3, 4)


@pytest.mark.parametrize(
    ("lowest", "highest", "score", "positive"),
    [
        *((1, 5, 4, 1), (1, 5, 3, 0), (1, 3, 3, 1), (1, 3, 2, 0), (1, 4, 3, 1), (1, 4, 2, 0)),
        *((1, 7, 6, 1), (1, 7, 5, 0), (0, 10, 8, 1), (0, 10, 7, 0), (1, 10, 8, 1)),
        *((0, 1, 1, 1), (0, 1, 0, 0), (0, 100, 75, 1), (0, 100, 74.9, 0), (-2, 2, 1, 1)),
        *((-2, 2, 0, 0), (1, 9, 7, 1), (1, 9, 6, 0)),
    ],
)
def test_thresholds(lowest: int, highest: int, score: float, positive: int) -> None:
    """The scale tells what is positive: a table, and three quarters of any other scale."""
    shard = folded(rating(1, "r", score, scale_min=lowest, scale_max=highest))
    assert ratings(shard, START + DAY) == (positive, 1)


def test_threshold_setting() -> None:
    """A threshold given for one scale leaves the others, and text keys of a file are read."""
    given: dict[str, Any] = {"csat_thresholds": {"5": 5, "9": 9}}
    policy = Policy.model_validate(given)
    assert policy.csat_thresholds == {3: 3, 4: 3, 5: 5, 7: 6, 9: 9, 10: 8}
    with pytest.raises(ValidationError):
        Policy.model_validate({"csat_thresholds": {"five": 5}})


RATINGS: list[tuple[list[Step], list[tuple[int, tuple[int, int]]]]] = [
    ([rating(1, "r", None)], [(2, (0, 0))]),
    ([rating(1, "r", 5), rating(1, "s", 3)], [(2, (1, 2)), (24 * 30 + 2, (0, 0))]),
    (
        [rating(1, "r", 5, ticket_id="t"), rating(3, "s", 1, ticket_id="t")],
        [(2, (1, 1)), (4, (0, 1))],
    ),
    (
        [rating(1, "r", 1, ticket_id="t"), update(3, "r", 5, survey_type="csat", ticket_id="t")],
        [(2, (0, 1)), (4, (1, 1))],
    ),
    (
        [
            rating(1, "r", 1, ticket_id="t"),
            rating(3, "s", 5, ticket_id="t"),
            deletion(5, "s"),
        ],
        [(2, (0, 1)), (4, (1, 1)), (6, (0, 1))],
    ),
    # one respondent rates several tickets: each counts
    (
        [
            rating(1, "r", 5, ticket_id="t", respondent_id="u"),
            rating(3, "s", 1, ticket_id="v", respondent_id="u"),
            rating(5, "w", 1, respondent_id="u"),
        ],
        [(6, (1, 3))],
    ),
]


@pytest.mark.parametrize(("steps", "expected"), RATINGS)
def test_rating(steps: list[Step], expected: list[tuple[int, tuple[int, int]]]) -> None:
    """Of each ticket the latest rating counts, and every rating of no ticket."""
    shard = folded(*steps)
    found = [(hour, ratings(shard, START + hour * HOUR)) for hour, _ in expected]
    assert found == expected

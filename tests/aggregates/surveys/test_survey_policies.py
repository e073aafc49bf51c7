"""Settings of NPS and CSAT: each by stories told in hours after the start, read by measure."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from tests.aggregates.folding import DAY, HOUR, START, fold, readings, story
from tests.aggregates.reading.kpi_ledger import read
from tests.aggregates.surveys.survey_story import (
    FAMILIES,
    Step,
    answer,
    at,
    deletion,
    rating,
    update,
)

Groups = tuple[int, int, int, int]
"""Promoters, passives, detractors, and those without a score."""

NOBODY = (0, 0, 0, 0)
PROMOTER = (1, 0, 0, 0)
PASSIVE = (0, 1, 0, 0)
DETRACTOR = (0, 0, 1, 0)
UNSCORED = (0, 0, 0, 1)


def told(*steps: Step, **settings: Any) -> Shard:
    """Folds what was answered under some settings, event by event."""
    plan = Plan(Policy.model_validate(settings), families=FAMILIES)
    return fold(plan, "survey", story(steps), batch=1)


def groups(shard: Shard, hour: float, window: str = "90d") -> Groups:
    """Reads the groups of NPS at an hour."""
    found = readings(shard, START + round(hour * HOUR))
    names = ("nps_promoters", "nps_passives", "nps_detractors", "nps_unscored")
    promoters, passives, detractors, unscored = (found.get((n, window), 0) for n in names)
    return promoters, passives, detractors, unscored


def rated(shard: Shard, hour: float, window: str = "30d") -> tuple[int, int, int, int]:
    """Reads positive, negative and all ratings, and their points in hundredths."""
    found = readings(shard, START + round(hour * HOUR))
    names = ("csat_positive", "csat_negative", "csat_rated", "csat_points")
    positive, negative, number, points = (found.get((n, window), 0) for n in names)
    return positive, negative, number, points // 100


def by(who: str, hours: float, score: float | None, **data: Any) -> Step:
    """Tells an NPS answer of a respondent."""
    return answer(hours, f"{who}_{hours}", score, respondent_id=who, **data)


def of(account: str, step: Step) -> Step:
    """Tells something of another account."""
    hours, kind, data = step
    return hours, kind, {**data, "account_id": account}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], NOBODY),
        ([by("u", 1, 9)], PROMOTER),
        ([by("u", 1, 10), by("v", 2, 8)], PROMOTER),
        ([by("u", 1, 10), by("v", 2, 8), by("w", 3, 8)], PASSIVE),
        ([by("u", 1, 9), by("v", 2, 9), by("w", 3, 8.9)], PASSIVE),
        ([by("u", 1, 10), by("v", 2, 4)], PASSIVE),
        ([by("u", 1, 10), by("v", 2, 3)], DETRACTOR),
        ([by("u", 1, 10), by("v", 2, 9), by("w", 3, 8)], PROMOTER),
        # 21 / 3 in decimals, a little less as sum of the nearest floats
        ([by("u", 1, 6.0), by("v", 2, 6.3), by("w", 3, 8.7)], PASSIVE),
        # of a respondent the latest, and of one who says nothing the answer before
        ([by("u", 1, 0), by("u", 2, 10)], PROMOTER),
        ([by("u", 1, 10), by("u", 2, None), by("v", 3, None)], PROMOTER),
        # anonymous answers are respondents each
        ([answer(1, "a", 0), answer(2, "b", 10), answer(3, "c", 10)], DETRACTOR),
        # each account once
        ([by("u", 1, 9), by("v", 2, 9), of("x", by("u", 1, 3))], (1, 0, 1, 0)),
        ([by("u", 1, 3), deletion(2, "u_1"), by("v", 1, 9)], PROMOTER),
        ([by("u", 1, 3), update(2, "u_1", 9, respondent_id="u")], PROMOTER),
    ],
)
def test_account_average(steps: list[Step], expected: Groups) -> None:
    """Each account counts once, by the exact mean of its respondents' latest answers."""
    assert groups(told(*steps, nps_population="account_average"), 9) == expected


def test_the_average_moves_with_the_window() -> None:
    """In each window the mean is that of the answers inside it."""
    steps = [by("u", 0, 10), by("v", 24 * 80, 0), by("w", 24 * 85, 9, responded_at=at(24 * 100))]
    shard = told(*steps, nps_population="account_average")
    days = (0, 1, 79, 81, 91, 101, 171, 191, 366)
    found = {day: (groups(shard, 24 * day), groups(shard, 24 * day, "365d")) for day in days}
    assert found == {
        0: (NOBODY, NOBODY),
        1: (PROMOTER, PROMOTER),
        79: (PROMOTER, PROMOTER),
        81: (DETRACTOR, DETRACTOR),
        91: (DETRACTOR, DETRACTOR),
        101: (DETRACTOR, DETRACTOR),
        171: (PROMOTER, DETRACTOR),
        191: (NOBODY, DETRACTOR),
        366: (NOBODY, DETRACTOR),
    }


@pytest.mark.parametrize(
    ("population", "expected"),
    [
        ("latest", (0, 1, 0, 2)),
        ("all", (1, 1, 0, 2)),
        ("account_average", (0, 1, 0, 0)),
    ],
)
def test_without_a_score(population: str, expected: Groups) -> None:
    """Counted, they are among all but in no group; an account with any score is in its group."""
    steps = [by("u", 1, 9), by("u", 2, None), by("v", 3, 7), answer(4, "a", None)]
    assert groups(told(*steps, nps_population=population, nps_unscored="count"), 9) == expected
    left_out = groups(told(*steps, nps_population=population), 9)
    assert left_out[3] == 0
    silent = told(by("u", 1, None), nps_population=population, nps_unscored="count")
    assert groups(silent, 9) == UNSCORED


def test_scores_without_a_score() -> None:
    """NPS of 9, 9, 3 and no score: 33.33 of those with one, 25 of all."""
    steps = [by(f"u{n}", n, score) for n, score in enumerate((9, 9, 3, None))]
    at_day = START + DAY
    assert read(told(*steps).ledger, at_day)["nps", "90d"] == pytest.approx(100 / 3)
    assert read(told(*steps, nps_unscored="count").ledger, at_day)["nps", "90d"] == 25


@pytest.mark.parametrize(
    ("population", "points", "ratings"),
    [
        ("latest", [5, 2, 2, 2], [1, 1, 1, 1]),
        ("first", [5, 5, 1, 3], [1, 1, 1, 1]),
        ("all", [5, 8, 3, 6], [1, 3, 2, 3]),
    ],
)
def test_csat_population(population: str, points: list[int], ratings: list[int]) -> None:
    """Of a ticket the latest rating counts, or the first, or all, by the time of the answer."""
    steps = [
        rating(1, "a", 5, ticket_id="t"),
        rating(3, "b", 1, ticket_id="t"),
        rating(5, "c", 2, ticket_id="t"),
        deletion(7, "a"),
        rating(9, "d", 3, ticket_id="t", responded_at=at(0)),
        rating(9, "e", None, ticket_id="t"),
    ]
    shard = told(*steps, csat_population=population)
    found = [rated(shard, hour) for hour in (2, 6, 8, 10)]
    assert [hundredths // 100 for *_, hundredths in found] == points
    assert [number for _, _, number, _ in found] == ratings


def test_the_first_rating_of_a_ticket_leaves_the_window() -> None:
    """With its first rating a ticket leaves the window, though it was rated again later."""
    steps = [rating(0, "a", 5, ticket_id="t"), rating(24 * 20, "b", 1, ticket_id="t")]
    latest, first = told(*steps), told(*steps, csat_population="first")
    assert rated(latest, 24 * 31) == (0, 1, 1, 100)
    assert rated(first, 24 * 29) == (1, 0, 1, 500)
    assert rated(first, 24 * 31) == (0, 0, 0, 0)
    assert rated(first, 24 * 31, "90d") == (1, 0, 1, 500)


@pytest.mark.parametrize(
    ("scores", "settings", "expected"),
    [
        ((5, 4, 3, 2), {}, (2, 1, 4, 1400)),
        ((5, 4, 3, 2), {"csat_neutral": False}, (2, 1, 3, 1100)),
        ((3,), {"csat_neutral": False}, (0, 0, 0, 0)),
        ((5, 4, 3, 2), {"csat_thresholds": {5: 3}}, (3, 1, 4, 1400)),
        ((5, 4, 3, 2), {"csat_thresholds": {5: 5}, "csat_neutral": False}, (1, 0, 1, 500)),
    ],
)
def test_neutral(
    scores: tuple[int, ...], settings: dict[str, Any], expected: tuple[int, ...]
) -> None:
    """Neutral ratings count among all, or not at all, not in the mean either."""
    steps = [rating(n, f"r{n}", score) for n, score in enumerate(scores)]
    assert rated(told(*steps, **settings), 9) == expected


def test_a_neutral_rating_hides_the_one_before() -> None:
    """A ticket whose latest rating is neutral has none, where neutral ones do not count."""
    steps = [rating(1, "a", 5, ticket_id="t"), rating(3, "b", 3, ticket_id="t"), deletion(5, "b")]
    shard = told(*steps, csat_neutral=False)
    assert [rated(shard, hour)[2] for hour in (2, 4, 6)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("lowest", "highest", "score", "points"),
    [
        (1, 5, 4, 400),
        (0, 10, 5, 300),
        (1, 3, 2, 300),
        (1, 7, 7, 500),
        (0, 3, 1, 233),
        (-2, 2, 0, 300),
    ],
)
def test_points(lowest: int, highest: int, score: float, points: int) -> None:
    """Scores are stretched to 1-5: the lowest is 1, the highest 5."""
    shard = told(rating(1, "r", score, scale_min=lowest, scale_max=highest))
    assert rated(shard, 2)[3] == points


@pytest.mark.parametrize(
    "wrong",
    [
        {"nps_population": "account"},
        {"nps_unscored": True},
        {"csat_population": "last"},
        {"csat_neutral": "some"},
        {"surveys_apart": [""]},
        {"surveys_apart": "q1"},
        {"further_windows": {"nps_accounts": ["30d"]}},
    ],
)
def test_wrong_settings(wrong: Mapping[str, Any]) -> None:
    """What is none of the choices is refused; accounts have the windows of NPS."""
    with pytest.raises((ValidationError, ValueError)):
        Plan(Policy.model_validate(wrong), families=FAMILIES)

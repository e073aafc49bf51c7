"""Measures by survey: each rule by stories told in hours after the start."""

from typing import Any

import pytest

from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.surveys.responses import RESPONSES
from tests.aggregates.folding import ACCOUNT, DAY, START, fold, readings, story
from tests.aggregates.surveys.survey_story import (
    FAMILIES,
    PLAN,
    Step,
    answer,
    deletion,
    folded,
    rating,
    update,
)


def apart(measure: str, *steps: Step, day: int = 1, **settings: Any) -> dict[tuple[str, ...], int]:
    """Reads a measure by its labels, over its first window."""
    plan = Plan(Policy.model_validate(settings), families=FAMILIES)
    shard = fold(plan, "survey", story(steps), batch=1)
    windows = plan.measures[measure].windows[:1]
    return {
        series[1 + len(windows) :]: figure
        for series, figure in readings(shard, START + day * DAY).items()
        if series[: 1 + len(windows)] == (measure, *windows)
    }


def nps(hours: float, who: str, score: float | None, survey: str | None, **data: Any) -> Step:
    """Tells an NPS answer of a respondent to a survey."""
    named = {"respondent_id": who, "survey_id": survey, **data}
    return answer(hours, f"{who}_{hours}", score, **named)


TWO = [
    nps(1, "u", 3, "spring"),
    nps(2, "u", 9, "autumn"),
    nps(3, "v", 10, "spring"),
    nps(4, "v", 2, None),
]


def test_the_latest_within_a_survey() -> None:
    """Of each respondent the latest answer to each survey counts in it; no survey is `none`."""
    assert apart("nps_promoters", *TWO) == {(): 1}
    assert apart("nps_promoters_by_survey", *TWO) == {("spring",): 1, ("autumn",): 1}
    assert apart("nps_detractors_by_survey", *TWO) == {("spring",): 1, ("none",): 1}


@pytest.mark.parametrize(
    ("settings", "promoters", "detractors"),
    [
        ({"surveys_apart": ["spring"]}, {"spring": 1, "other": 1}, {"spring": 1, "none": 1}),
        ({"surveys_apart": ["no_such"]}, {"other": 2}, {"none": 1}),
        ({"nps_population": "all"}, {"spring": 1, "autumn": 1}, {"spring": 1, "none": 1}),
        ({"nps_population": "account_average"}, {"autumn": 1}, {"spring": 1, "none": 1}),
    ],
)
def test_settings(
    settings: dict[str, Any], promoters: dict[str, int], detractors: dict[str, int]
) -> None:
    """Only surveys that are named are told apart, if any is; others are one survey, `other`."""
    for measure, expected in (("promoters", promoters), ("detractors", detractors)):
        found = apart(f"nps_{measure}_by_survey", *TWO, **settings)
        assert found == {(survey,): number for survey, number in expected.items()}


def test_an_answer_moves() -> None:
    """An update that names another survey is an answer to that one; a deleted one is to none."""
    first = nps(1, "u", 9, "spring")
    moved = update(30, "u_1", 9, respondent_id="u", survey_id="autumn")
    measure = "nps_promoters_by_survey"
    assert apart(measure, first, moved) == {("spring",): 1}
    assert apart(measure, first, moved, day=2) == {("autumn",): 1}
    assert apart(measure, first, moved, deletion(50, "u_1"), day=3) == {}


def test_every_kind() -> None:
    """Each measure of answers has one by survey, with the same labels after the survey."""
    spring = {"survey_id": "spring"}
    steps = [
        rating(1, "a", 5, ticket_id="t", **spring),
        rating(2, "b", 2, ticket_id="t"),
        rating(3, "c", None, **spring),
        answer(4, "d", 6, survey_type="ces", **spring),
        answer(5, "e", 3, survey_type="satisfaction", **spring),
        (6, "survey.sent", {"survey_type": "nps", **spring}),
        (7, "survey.sent", {"survey_type": "nps"}),
    ]
    expected: dict[str, dict[tuple[str, ...], int]] = {
        "csat_rated": {("spring",): 1, ("none",): 1},
        "csat_positive": {("spring",): 1},
        "csat_negative": {("none",): 1},
        "csat_points": {("spring",): 50_000, ("none",): 20_000},
        "ces_answers": {("spring", "very_easy"): 1},
        "ces_points": {("spring",): 60_000},
        "satisfaction_answers": {("spring",): 2, ("none",): 1},
        "happy_answers": {("spring",): 1},
        "rated_accounts": {("spring", "neutral"): 1, ("none", "dissatisfied"): 1},
        "survey_answers": {("spring",): 4, ("none",): 1},
        "surveys_sent": {("spring",): 1, ("none",): 1},
    }
    assert {name: apart(f"{name}_by_survey", *steps) for name in expected} == expected


def test_every_measure_has_its_twin() -> None:
    """By survey is each measure of surveys, with the same kind, unit and windows."""
    measures = {
        measure.name: measure
        for family in FAMILIES
        if family.name != "usage"
        for measure in family.measures
    }
    whole = {name for name in measures if not name.endswith("_by_survey")}
    assert measures.keys() - whole == {f"{name}_by_survey" for name in whole}
    for name in whole:
        one, twin = measures[name], measures[f"{name}_by_survey"]
        assert twin.labels == ("survey", *one.labels)
        assert (twin.kind, twin.unit, twin.windows) == (one.kind, one.unit, one.windows)
        assert "surveys_apart" in PLAN.policies_of([twin.name])
        assert "surveys_apart" not in PLAN.policies_of([name])


def test_a_row_without_a_survey_is_as_small_as_before() -> None:
    """What names no survey takes no byte for it; one that does takes its id and a short name."""
    shard = folded(answer(1, "a", 9), answer(1, "b", 9, survey_id="spring"))
    rows = shard.store.of(RESPONSES.name, ACCOUNT)
    without, named = (len(RESPONSES.pack(rows[entity])) for entity in "ab")
    assert named - without == len("survey") + 1 + len("spring") + 1
    assert PLAN.kinds[RESPONSES.name].version == 3

"""KPIs of surveys: each rule by stories told in hours after the start, read by the catalogue."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.surveys.sends import SURVEY_SENDS
from tests.aggregates.folding import ACCOUNT, DAY, HOUR, START, Told, fold, retraction, story
from tests.aggregates.reading.kpi_ledger import one, read
from tests.aggregates.surveys.survey_story import (
    FAMILIES,
    PLAN,
    Step,
    answer,
    at,
    deletion,
    folded,
    rating,
)

INDEX = 'ces_answers(group="very_easy") - ces_answers(group="hard")'


def effort(hours: float, response_id: str, score: float | None, **data: Any) -> Step:
    """Tells a CES answer."""
    return answer(hours, response_id, score, **{"survey_type": "ces", **data})


def satisfaction(hours: float, response_id: str, score: float | None, **data: Any) -> Step:
    """Tells an answer about the relationship."""
    return answer(hours, response_id, score, **{"survey_type": "satisfaction", **data})


def sent(hours: float, **data: Any) -> Step:
    """Tells that a survey was sent."""
    return hours, "survey.sent", {"survey_type": "nps", "survey_id": "wave", **data}


def of(account: str, step: Step) -> Step:
    """Tells something of another account."""
    hours, kind, data = step
    return hours, kind, {**data, "account_id": account}


def kpis(hour: float, *steps: Step, **settings: Any) -> dict[str, float]:
    """Reads the KPIs over 90 days."""
    plan = Plan(Policy.model_validate(settings), families=FAMILIES)
    shard = fold(plan, "survey", story(steps), batch=1)
    found = read(shard.ledger, START + round(hour * HOUR))
    return {key[0]: value for key, value in found.items() if key[1:] == ("90d",)}


def own(formula: str) -> Catalogue:
    """Returns a catalogue of one's own, over measures that the shipped one does not read."""
    text = f'''
[[kpi]]
id = "one"
code = "+"
family = "surveys"
title = "One"
description = "One."
source = "survey_response.*"
unit = "score"
windows = ["90d"]
good = "up"
formula = "{formula}"
'''
    return load(PLAN.measures.values(), Source("own.toml", text))


def test_golden_csat() -> None:
    """X13: CSAT 5,4,3,2: 50 %, mean 3.5; 75 % with ServiceNow's threshold of 3."""
    steps = [rating(n, f"r{n}", score) for n, score in enumerate((5, 4, 3, 2))]
    assert kpis(24, *steps)["csat_ratio"] == 0.5
    assert kpis(24, *steps, csat_thresholds={5: 3})["csat_ratio"] == 0.75
    ledger = folded(*steps).ledger
    mean = own("(csat_points / 10000) / csat_rated")
    assert read(ledger, START + DAY, mean) == {("one", "90d"): pytest.approx(3.5)}
    balance = own("(csat_positive - csat_negative) / csat_rated")
    assert read(ledger, START + DAY, balance) == {("one", "90d"): pytest.approx(0.25)}


def test_golden_ces() -> None:
    """X14: CES 7,6,5,4,2: mean 4.8, easy 60 %, and the index of a catalogue of one's own 20."""
    steps = [effort(n, f"r{n}", score) for n, score in enumerate((7, 6, 5, 4, 2))]
    found = kpis(24, *steps)
    assert found["ces"] == pytest.approx(4.8)
    assert found["ces_easy_ratio"] == pytest.approx(0.6)
    index = one(f"100 * ({INDEX}) / total(ces_answers)", '["90d"]', "score")
    ledger = folded(*steps).ledger
    assert read(ledger, START + DAY, index) == {("one", "90d"): pytest.approx(20)}


@pytest.mark.parametrize(
    ("answers", "settings", "mean", "easy"),
    [
        ([(4, 1, 7)], {}, 4, 0),
        ([(None, 1, 7)], {}, None, None),
        ([(3, 1, 5), (5, 1, 5)], {}, 5.5, 0.5),
        ([(10, 0, 10), (0, 0, 10)], {}, 4, 0.5),
        ([(7, 0, 10)], {}, 5.2, 1),
        ([(5.5, 1, 7)], {}, 5.5, 1),
        ([(3, 1, 5), (6, 1, 7)], {"ces_scale": "1-7"}, 6, 1),
        ([(3, 1, 5)], {"ces_scale": "1-7"}, None, None),
        ([(1, 1, 5), (2, 1, 7)], {"ces_reversed": True}, 6.5, 1),
    ],
)
def test_effort(
    answers: Sequence[tuple[float | None, int, int]],
    settings: dict[str, Any],
    mean: float | None,
    easy: float | None,
) -> None:
    """Other scales are stretched to 1-7 or stay out; a reversed scale is turned round."""
    steps = [
        effort(1, f"r{n}", score, scale_min=lowest, scale_max=highest)
        for n, (score, lowest, highest) in enumerate(answers)
    ]
    found = kpis(2, *steps, **settings)
    expected = {} if mean is None else {"ces": mean, "ces_easy_ratio": easy}
    assert {k: v for k, v in found.items() if k.startswith("ces")} == pytest.approx(expected)


def test_each_effort_counts() -> None:
    """Every CES answer is a voice of its own; deleted ones vanish, old ones leave."""
    same = {"respondent_id": "u", "ticket_id": "t"}
    steps = [effort(1, "a", 7, **same), effort(2, "b", 3, **same), effort(3, "c", 2, **same)]
    assert kpis(4, *steps)["ces"] == pytest.approx(4)
    assert kpis(6, *steps, deletion(5, "c"))["ces"] == pytest.approx(5)
    assert kpis(24 * 90 + 1.25, *steps)["ces"] == pytest.approx(2.5)
    assert "ces" not in kpis(24 * 90 + 4, *steps)


@pytest.mark.parametrize(
    ("steps", "settings", "ratio"),
    [
        ([], {}, None),
        ([rating(1, "a", 5), satisfaction(1, "b", 3)], {}, 0.5),
        ([rating(1, "a", 5), satisfaction(1, "b", None)], {}, 1),
        ([rating(1, "a", 5, ticket_id="t"), rating(2, "b", 1, ticket_id="t")], {}, 0),
        ([satisfaction(n, f"s{n}", n, respondent_id="u") for n in (1, 2, 4, 5)], {}, 0.5),
        ([answer(1, "n", 9), effort(1, "e", 7)], {}, None),
        (
            [answer(1, "n", 9), answer(1, "m", 8), effort(1, "e", 5), effort(1, "f", 4)],
            {"satisfaction_surveys": ["nps", "ces"]},
            0.5,
        ),
        (
            [effort(1, "e", 5), effort(1, "f", 5, scale_min=1, scale_max=5)],
            {"satisfaction_surveys": ["ces"], "ces_scale": "1-7"},
            1,
        ),
        ([rating(1, "a", 5), satisfaction(1, "b", 1)], {"satisfaction_surveys": ["csat"]}, 1),
        ([rating(1, "a", 3)], {"csat_thresholds": {5: 3}}, 1),
    ],
)
def test_happiness(steps: list[Step], settings: dict[str, Any], ratio: float | None) -> None:
    """Positive by all answers of satisfaction surveys, of a ticket the latest one."""
    assert kpis(9, *steps, **settings).get("happiness_ratio") == ratio


@pytest.mark.parametrize(
    ("steps", "settings", "balance"),
    [
        ([], {}, None),
        ([rating(1, "a", 5)], {}, 1),
        ([rating(1, "a", 3)], {}, 0),
        ([rating(1, "a", 2)], {}, -1),
        ([rating(1, "a", 5), satisfaction(2, "b", 1)], {}, -1),
        ([rating(1, "a", 5), satisfaction(2, "b", None)], {}, 1),
        ([rating(1, "a", 5), satisfaction(2, "b", 1), deletion(3, "b")], {}, 1),
        ([rating(3, "a", 5, responded_at=at(1)), satisfaction(2, "b", 1)], {}, -1),
        ([rating(1, "a", 5), of("x", rating(1, "b", 4)), of("y", rating(1, "c", 1))], {}, 1 / 3),
        ([rating(1, "a", 5), of("x", rating(1, "b", 3))], {}, 0.5),
        ([rating(1, "a", 5), answer(2, "n", 0)], {}, 1),
        ([rating(1, "a", 5), answer(2, "n", 0)], {"satisfaction_surveys": ["csat", "nps"]}, -1),
        ([rating(1, "a", 2, scale_min=1, scale_max=4)], {}, -1),
        ([rating(1, "a", 2, scale_min=1, scale_max=3)], {}, 0),
        ([rating(1, "a", 4, scale_min=1, scale_max=7)], {}, 0),
        ([rating(1, "a", 25, scale_min=0, scale_max=100)], {}, -1),
        ([rating(1, "a", 3)], {"csat_thresholds": {5: 5}}, 0),
        ([rating(1, "a", 3)], {"csat_thresholds": {5: 3}}, 1),
    ],
)
def test_satisfaction_balance(
    steps: list[Step], settings: dict[str, Any], balance: float | None
) -> None:
    """Of each account the latest answer: satisfied less dissatisfied, neutral in the whole."""
    found = kpis(9, *steps, **settings).get("satisfaction_balance_ratio")
    assert found == (None if balance is None else pytest.approx(balance))


def test_an_older_answer_comes_back() -> None:
    """An answer that left the window leaves nothing behind; a deleted one gives way to it."""
    steps = [rating(0, "a", 5), satisfaction(24 * 60, "b", 1), deletion(24 * 80, "b")]
    balance = "satisfaction_balance_ratio"
    assert kpis(24, *steps)[balance] == 1
    assert kpis(24 * 70, *steps)[balance] == -1
    assert kpis(24 * 81, *steps)[balance] == 1
    assert balance not in kpis(24 * 91, *steps)


@pytest.mark.parametrize(
    ("hour", "steps", "ratio"),
    [
        (9, [], None),
        (9, [answer(1, "a", 9)], None),
        (9, [sent(0), sent(0)], 0),
        (9, [sent(0), sent(0), answer(1, "a", 9), rating(1, "b", None)], 1),
        (9, [sent(0), answer(1, "a", 9), answer(2, "a", 8), deletion(3, "a")], 0),
        (9, [sent(0), sent(1), answer(1, "a", 9, respondent_id="u")], 0.5),
        (9, [sent(0), sent(10), answer(1, "a", 9), answer(11, "b", 9)], 1),
        (24 * 91, [sent(0), sent(48), answer(49, "a", 9), answer(1, "b", 9)], 1),
    ],
)
def test_survey_response(hour: float, steps: list[Step], ratio: float | None) -> None:
    """Answers given by surveys sent, both in the window; a score is not asked for."""
    assert kpis(hour, *steps).get("survey_response_ratio") == ratio


@pytest.mark.parametrize("arrives_first", [True, False])
def test_sends_are_facts(arrives_first: bool) -> None:
    """A sending told twice is one, and one that is taken back never was."""
    facts: list[Told] = story([sent(0), sent(1), sent(2), answer(3, "a", 9)])
    taken = retraction(facts[1].id)
    told = [taken, *facts, *facts] if arrives_first else [*facts, *facts, taken]
    shard = fold(Plan(families=FAMILIES), "survey", told, batch=2)
    found = read(shard.ledger, START + DAY)
    assert found["survey_response_ratio", "90d"] == 0.5
    row = shard.store.of(SURVEY_SENDS.name, ACCOUNT)[f"test {facts[0].id}"]
    assert len(SURVEY_SENDS.pack(row)) <= 80


def test_population() -> None:
    """NPS counts the latest answer of each respondent, or every answer that stands."""
    steps = [
        answer(1, "a", 9, respondent_id="u"),
        answer(2, "b", 3, respondent_id="u"),
        answer(3, "c", 10, respondent_id="v"),
        answer(4, "d", 9, respondent_id="v"),
        deletion(5, "d"),
    ]
    assert kpis(9, *steps)["nps"] == 0
    assert kpis(9, *steps, nps_population="all")["nps"] == pytest.approx(100 / 3)


def test_touchpoints() -> None:
    """With touchpoints named only their ratings count for CSAT; of a ticket the latest of them."""
    steps = [
        rating(1, "a", 5, touchpoint="ticket", ticket_id="t"),
        rating(2, "b", 1, touchpoint="chat", ticket_id="t"),
        rating(3, "c", 1),
        rating(3, "d", 2, touchpoint="ticket"),
    ]
    assert kpis(9, *steps)["csat_ratio"] == 0
    assert kpis(9, *steps, csat_touchpoints=["ticket"])["csat_ratio"] == 0.5
    assert "csat_ratio" not in kpis(9, *steps, csat_touchpoints=["phone"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"nps_population": "some"},
        {"ces_scale": "1-5"},
        {"satisfaction_surveys": ["joy"]},
        {"csat_touchpoints": "ticket"},
    ],
)
def test_wrong_settings(wrong: Mapping[str, Any]) -> None:
    """What is none of the choices is refused."""
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)

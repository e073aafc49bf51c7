"""PostHog's surveys: who was asked, one response of several parts, and scales."""

from itertools import permutations
from typing import Any

import pytest

from events.errors import TidemarkError
from tests.events.sources.analytics.importing import SAMPLES, imported, ndjson
from tests.events.sources.analytics.test_posthog import ACME, event

NPS = {"survey": "s1", "type": "nps", "question": "q1"}


def sent(number: int = 1, minute: int = 0, /, **properties: Any) -> dict[str, Any]:
    """Returns a `survey sent` of a minute."""
    told = event("survey sent", number, **{"$survey_id": "s1", **ACME, **properties})
    return {**told, "timestamp": f"2026-03-02T10:{minute:02}:00Z"}


def responses(*records: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
    """Returns the responses of records to a survey, with the order in which they count."""
    found = imported("posthog", ndjson(records), surveys=[{**NPS, **asked}])
    assert not found.gaps
    return found.of("survey_response.created")


def test_several_parts_are_one_response() -> None:
    """A response is known by its submission; what comes later replaces what came before."""
    content = (SAMPLES / "posthog.ndjson").read_bytes()
    surveys = [{"survey": "survey_1", "question": "q_nps", "type": "nps"}]
    found = imported("posthog", content, surveys=surveys)
    told = [each for each in found.events if each["type"] == "survey_response.created"]
    assert [
        (each["data"]["response_id"], each["data"]["score"], each["sequence"]) for each in told
    ] == [("sub_1", 6, 0), ("sub_1", 9, 1), ("sub_2", 3, 1)]
    assert [each["respondent_id"] for each in found.of("survey.sent")] == ["ada", "bo", "cy"]


def test_a_part_without_the_answer_does_not_take_it_away() -> None:
    """Clients that send a part a question have the answer in one of them; else it was skipped."""
    part = {"$survey_submission_id": "r1"}
    records = [
        sent(1, 1, **part, **{"$survey_response_q1": 9, "$survey_completed": False}),
        sent(2, 2, **part, **{"$survey_response_q2": "Fine."}),
    ]
    for order in permutations(records):
        told = responses(*order)
        assert [each["score"] for each in told] == [9]
    told = responses(records[1])
    assert [(each["response_id"], "score" in each) for each in told] == [("r1", False)]


@pytest.mark.parametrize(
    ("asked", "given", "scale", "score"),
    [
        ({}, {"$survey_response_q1": "0"}, (0, 10), 0),
        ({}, {"$survey_response": 10}, (0, 10), 10),
        ({"place": 1}, {"$survey_response": 1, "$survey_response_1": 7}, (0, 10), 7),
        ({"type": "csat"}, {"$survey_response_q1": 4}, (1, 5), 4),
        ({"type": "csat", "scale": 3}, {"$survey_response_q1": 3}, (1, 3), 3),
        ({"type": "csat", "scale": 10}, {"$survey_response_q1": 10}, (1, 10), 10),
        ({"type": "ces"}, {"$survey_response_q1": 7}, (1, 7), 7),
        ({"type": "csat", "scale": 2}, {"$survey_response_q1": 1}, (1, 2), 2),
        ({"type": "csat", "scale": 2}, {"$survey_response_q1": "2"}, (1, 2), 1),
    ],
)
def test_answers_are_on_the_scale(
    asked: dict[str, Any], given: dict[str, Any], scale: tuple[int, int], score: int
) -> None:
    """The option says the scale, which the event does not; of two thumbs 1 is up, the better."""
    (told,) = responses(sent(**given), **asked)
    assert (told["scale_min"], told["scale_max"]) == scale
    assert told["score"] == score


def test_a_question_left_out_is_skipped() -> None:
    """Nothing as an answer counts as a response without a score."""
    (told,) = responses(sent(**{"$survey_response_q1": None}))
    assert "score" not in told


@pytest.mark.parametrize("value", [11, -1, "good", 9.5, True, ["9"], "1e1", "٣"])
def test_what_is_no_answer_on_the_scale_is_a_gap(value: object) -> None:
    """An answer that cannot be read is never a 0."""
    found = imported("posthog", ndjson([sent(**{"$survey_response_q1": value})]), surveys=[NPS])
    assert (found.lines, found.gaps) == ([], {"invalid_score": 1})


def test_a_survey_that_nobody_described_is_a_gap() -> None:
    """The events do not say what was asked; one without a rating can be ignored by its id."""
    records = ndjson([sent(), event("survey shown", 2, **{"$survey_id": "s1"})])
    assert imported("posthog", records).gaps == {"survey_unknown": 2}
    assert not imported("posthog", records, ignored_surveys=["s1"]).gaps


def test_who_sees_a_survey_twice_was_asked_once() -> None:
    """Unless each showing asks anew, or it is another iteration."""
    shown = {"$survey_id": "s1", **ACME}
    records = [
        {**event("survey shown", 1, **shown), "timestamp": "2026-03-02T10:00:00Z"},
        {**event("survey shown", 2, **shown), "timestamp": "2026-03-02T11:00:00Z"},
        event("survey shown", 3, **shown, **{"$survey_iteration": 2}),
    ]
    for order in permutations(records):
        found = imported("posthog", ndjson(order), surveys=[NPS])
        assert {each["id"] for each in found.events} == {"u1", "u3"}
        assert found.passed == {"survey shown again": 1}
        each_time = imported("posthog", ndjson(order), surveys=[{**NPS, "every_showing": True}])
        assert len(each_time.of("survey.sent")) == 3


def test_dismissing_says_nothing() -> None:
    """Neither a dismissed nor an abandoned survey is an answer."""
    records = [event(f"survey {how}", **ACME) for how in ("dismissed", "abandoned")]
    found = imported("posthog", ndjson(records), surveys=[NPS])
    assert (found.lines, sum(found.passed.values())) == ([], 2)


@pytest.mark.parametrize(
    ("surveys", "said"),
    [([NPS, NPS], "each is named once"), ([{**NPS, "scale": 5}], "nps is asked on 10 points")],
)
def test_surveys_that_contradict_themselves_are_refused(surveys: list[Any], said: str) -> None:
    """One question of a survey, and scales that there are."""
    with pytest.raises(TidemarkError, match=said):
        imported("posthog", b"", surveys=surveys)

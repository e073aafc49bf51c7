"""Formbricks webhooks: one answer however often it is told, and no figure of what was not asked."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.sources.formbricks import Formbricks, FormbricksOptions
from streams.cli import main
from tests.events.sources.importing import Imported, assert_accepted, figure, imported

NPS = {"survey": "sv_1", "question": "q_nps", "survey_type": "nps"}
EFFORT = {"survey": "sv_1", "question": "q_ces", "survey_type": "ces", "scale_max": 5}
ACCOUNT = {"account_attribute": "company"}


def hook(event: str, **more: Any) -> bytes:
    """A webhook's body, with all keys that the product sends."""
    response = {
        "id": "resp_1",
        "createdAt": "2026-03-16T08:40:00.000Z",
        "updatedAt": "2026-03-16T08:40:00.000Z",
        "surveyId": "sv_1",
        "displayId": "disp_1",
        "contact": {"id": "con_1", "userId": "user_3"},
        "contactAttributes": {"userId": "user_3", "company": "acme"},
        "finished": event == "responseFinished",
        "endingId": None,
        "data": {"q_nps": 9},
        "variables": {},
        "ttc": {"q_nps": 2154.7},
        "tags": [],
        "meta": {"url": "https://app.example.com/", "userAgent": {"browser": "Chrome"}},
        "singleUseId": None,
        "language": "default",
        "survey": {"title": "NPS", "type": "app", "status": "inProgress"},
    }
    body = {"webhookId": "wh_1", "event": event, "data": response | more}
    return json.dumps(body).encode() + b"\n"


def told(*bodies: bytes, **options: Any) -> Imported:
    """Runs the source over webhooks."""
    given = FormbricksOptions.model_validate({"questions": [NPS, EFFORT]} | ACCOUNT | options)
    return imported(Formbricks(given), b"".join(bodies))


def test_an_answer_is_told_as_a_state() -> None:
    """With the time of the change, the question in its id, the contact's user and the account."""
    found = told(hook("responseCreated"))
    assert found.events == [
        {
            "specversion": "1.0",
            "id": "resp_1/q_nps/2026-03-16T08:40:00.000Z",
            "source": "formbricks",
            "type": "survey_response.updated",
            "time": "2026-03-16T08:40:00.000Z",
            "data": {
                "account_id": "acme",
                "response_id": "resp_1/q_nps",
                "survey_id": "sv_1",
                "survey_type": "nps",
                "score": 9,
                "respondent_id": "user_3",
            },
        }
    ]
    assert_accepted(found.lines)


@pytest.mark.parametrize("first", ["responseCreated", "responseUpdated"])
def test_the_pair_of_events_of_one_change_is_one_answer(first: str) -> None:
    """The last page is told as updated and as finished: the same id and bytes, a duplicate."""
    pair = told(hook(first, finished=True), hook("responseFinished"))
    assert pair.lines[0] == pair.lines[1]


def test_finished_alone_is_enough() -> None:
    """A webhook that was asked for finished responses only tells the same."""
    assert told(hook("responseFinished")).lines == told(hook("responseCreated")).lines


def test_each_question_that_is_named_is_an_answer() -> None:
    """With ids of their own: a response to two questions is two answers."""
    found = told(hook("responseFinished", data={"q_nps": 0, "q_ces": 5, "q_why": "because"}))
    assert [(each["response_id"], each["score"]) for each in found.data] == [
        ("resp_1/q_nps", 0),
        ("resp_1/q_ces", 5),
    ]
    assert "scale_max" not in found.data[0]
    assert found.data[1]["scale_max"] == 5
    assert_accepted(found.lines)


@pytest.mark.parametrize("skipped", [{}, {"q_nps": ""}, {"q_nps": "dismissed"}, {"q_nps": None}])
def test_a_page_before_the_question_is_no_answer(skipped: dict[str, Any]) -> None:
    """A partial response says nothing yet: no score of 0, and no answer without a score."""
    found = told(hook("responseCreated", data={"welcome": "clicked"} | skipped))
    assert (found.lines, found.gaps, found.out.passed.total()) == ([], [], 1)


@pytest.mark.parametrize("answer", ["9", True, [9], {"a": "b"}, "very likely"])
def test_an_answer_that_is_no_number_is_a_gap(answer: object) -> None:
    """The wrong question was named, or somebody imported text."""
    found = told(hook("responseFinished", data={"q_nps": answer}))
    assert (found.reasons, found.lines) == (["no_number"], [])


def test_other_surveys_are_passed_over_by_name() -> None:
    """So that a mistyped id shows in the summary."""
    found = told(hook("responseFinished", surveyId="sv_2"), b'{"event": "testEndpoint"}\n')
    assert sorted(found.out.passed) == [
        "survey sv_2, of which no question is named",
        "testEndpoint",
    ]


@pytest.mark.parametrize(
    ("options", "more", "account", "respondent"),
    [
        ({}, {}, "acme", "user_3"),
        ({}, {"contact": {"id": "con_1"}}, "acme", "con_1"),
        ({}, {"contact": None}, "acme", None),
        ({"respondent_attribute": "userId"}, {"contact": None}, "acme", "user_3"),
        ({"accounts": (b"theirs,account_id\nacme,A1\n",)}, {}, "A1", "user_3"),
        (
            {"account_field": "acct", "respondent_field": "who"},
            {
                "contact": None,
                "contactAttributes": None,
                "data": {"q_nps": 9, "acct": " globex ", "who": "u7"},
            },
            "globex",
            "u7",
        ),
    ],
)
def test_account_and_respondent(
    options: dict[str, Any], more: dict[str, Any], account: str, respondent: str | None
) -> None:
    """By the contact's attribute, else by a hidden field; a person that is not known is nobody."""
    [data] = told(hook("responseFinished", **more), **options).data
    assert (data["account_id"], data.get("respondent_id")) == (account, respondent)


def test_an_answer_without_an_account_is_a_gap() -> None:
    """A good guess files it under the contact, as an account of one person."""
    found = told(hook("responseFinished", contactAttributes={"company": ""}))
    assert (found.reasons, found.lines) == (["account_unknown"], [])
    assert found.gaps[0].id == "resp_1"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", None),
        (b"{", "unreadable"),
        (b"\xff", "unreadable"),
        (b'{"event": "responseDeleted", "data": {}}', "unknown_event"),
        (b'{"event": "responseCreated"}', "unreadable"),
        (b'{"event": "responseCreated", "data": {"id": 1}}', "unreadable"),
    ],
)
def test_what_is_no_webhook_is_a_gap(body: bytes, reason: str | None) -> None:
    """With its reason; an empty array holds no record."""
    found = told(body)
    assert found.reasons == ([] if reason is None else [reason])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 10) | st.text(max_size=4),
    lambda inside: (
        st.lists(inside, max_size=2) | st.dictionaries(st.text(max_size=4), inside, max_size=2)
    ),
    max_leaves=4,
)
KEYS = st.sampled_from(["id", "surveyId", "updatedAt", "data", "contact", "contactAttributes"])


@given(st.dictionaries(KEYS, JSON, max_size=3), st.sampled_from(["responseCreated", "x"]))
def test_any_object_is_accounted_for(more: dict[str, Any], event: str) -> None:
    """Told, passed over or a gap, just once; and twice is the same."""
    body = hook(event, **more)
    found = told(body)
    assert found.records == 1
    assert told(body).lines == found.lines


@given(st.binary(max_size=60))
def test_any_bytes_are_accounted_for(content: bytes) -> None:
    """Nothing raises but what the outbox counts."""
    found = told(content)
    assert found.records == len(found.gaps) + len(found.lines) + found.out.passed.total()


def test_figures_of_webhooks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One person gives 9 and later 6, another 10, in eight events: NPS is 100, then 0. Who counts
    events has six promoters and two detractors, and says 50."""
    hooks = [
        hook("responseCreated", finished=False),
        hook("responseUpdated", data={"q_nps": 9, "q_why": ""}, updatedAt="2026-03-16T08:41:00Z"),
        hook("responseUpdated", data={"q_nps": 6}, updatedAt="2026-03-18T08:00:00Z"),
        hook("responseFinished", data={"q_nps": 6}, updatedAt="2026-03-18T08:00:00Z"),
    ]
    other = {"id": "resp_2", "contact": {"id": "con_2"}, "data": {"q_nps": 10}}
    hooks += [hook("responseCreated", **other), hook("responseFinished", **other)] * 2
    (tmp_path / "hooks.ndjson").write_bytes(b"".join(hooks))
    (tmp_path / "formbricks.toml").write_text(
        'account_attribute = "company"\n[[questions]]\n'
        + "".join(f'{name} = "{value}"\n' for name, value in NPS.items())
    )
    out = tmp_path / "events.ndjson"
    given = ["--options", str(tmp_path / "formbricks.toml"), "--out", str(out)]
    assert main(["import", "formbricks", *given, str(tmp_path / "hooks.ndjson")]) == 0
    assert figure(out, capsys, "2026-03-17T00:00:00Z", "nps", window="90d") == 100.0
    assert figure(out, capsys, "2026-03-19T00:00:00Z", "nps", window="90d") == 0.0

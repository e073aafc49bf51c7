"""Typeform: an answer without a known scale is a gap; a page of the API tells the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.sources.typeform import FormFileError, Typeform, TypeformOptions
from streams.cli import main
from tests.events.sources.importing import Imported, assert_accepted, figure, imported

FIELDS = {"f_nps": "nps", "f_ease": "opinion_scale", "f_stars": "rating", "f_why": "long_text"}
EASE = {"field": "f_ease", "survey_type": "ces"}
STARS = {"field": "stars_ref", "survey_type": "csat", "touchpoint": "ticket"}


def response(numbers: dict[str, Any], token: str = "tok_1", **more: Any) -> dict[str, Any]:
    """A response as both the webhook and the API have it."""
    answers = [
        {
            "field": {"id": field, "type": FIELDS[field], "ref": field.replace("f_", "") + "_ref"},
            "type": "number",
            "number": number,
        }
        for field, number in numbers.items()
    ]
    answers.append({"field": {"id": "f_why", "type": "long_text"}, "type": "text", "text": "So."})
    return {
        "token": token,
        "landed_at": "2026-03-16T08:38:00Z",
        "submitted_at": "2026-03-16T08:40:00Z",
        "hidden": {"account": "acme", "user": "user_3"},
        "answers": answers,
    } | more


def hook(numbers: dict[str, Any], **more: Any) -> bytes:
    """A webhook's body; the properties of the definition's fields are empty, as they really are."""
    fields = [{"id": name, "type": kind, "properties": {}} for name, kind in FIELDS.items()]
    told = response(numbers, **more) | {
        "form_id": "form_1",
        "calculated": {"score": 0},
        "definition": {"id": "form_1", "title": "Feedback", "fields": fields},
    }
    body = {"event_id": "ev_1", "event_type": "form_response", "form_response": told}
    return json.dumps(body).encode() + b"\n"


def form(field: str, steps: int, *, start_at_one: bool | None = None) -> bytes:
    """A form as the API returns it, with a scale inside of a group."""
    properties: dict[str, Any] = {"steps": steps}
    if start_at_one is not None:
        properties["start_at_one"] = start_at_one
    inside = {"id": field, "type": FIELDS[field], "properties": properties}
    group = {"id": "f_group", "type": "group", "properties": {"fields": [inside]}}
    return json.dumps(
        {"id": "form_1", "fields": [{"id": "f_why", "type": "long_text"}, group]}
    ).encode()


def told(*bodies: bytes, **options: Any) -> Imported:
    """Runs the source over webhooks."""
    given = {"account_field": "account", "respondent_field": "user"} | options
    return imported(Typeform(TypeformOptions.model_validate(given)), b"".join(bodies))


def test_nps_is_known_by_its_type() -> None:
    """Without a word on it: its scale is 0 to 10."""
    found = told(hook({"f_nps": 9, "f_stars": 4}))
    assert found.events == [
        {
            "specversion": "1.0",
            "id": "tok_1/f_nps",
            "source": "typeform",
            "type": "survey_response.created",
            "time": "2026-03-16T08:40:00Z",
            "data": {
                "account_id": "acme",
                "response_id": "tok_1/f_nps",
                "survey_id": "form_1",
                "survey_type": "nps",
                "scale_min": 0,
                "scale_max": 10,
                "score": 9,
                "respondent_id": "user_3",
            },
        }
    ]
    assert_accepted(found.lines)


@pytest.mark.parametrize(
    ("field", "steps", "start_at_one", "scale"),
    [
        ("f_ease", 7, True, (1, 7)),
        ("f_ease", 11, False, (0, 10)),
        ("f_ease", 5, None, (0, 4)),
        ("f_stars", 5, None, (1, 5)),
        ("f_stars", 10, None, (1, 10)),
    ],
)
def test_scales_are_those_of_the_form(
    field: str, steps: int, start_at_one: bool | None, scale: tuple[int, int]
) -> None:
    """An opinion scale starts at 0 unless it says 1; stars start at 1. A good guess is 1 to 5, on
    which the best answer of 0 to 4 is the second best."""
    found = told(
        hook({field: 4}),
        questions=[EASE, STARS],
        forms=(form(field, steps, start_at_one=start_at_one),),
    )
    assert [(each["scale_min"], each["scale_max"]) for each in found.data] == [scale]
    assert_accepted(found.lines)


def test_a_scale_that_nobody_told_is_a_gap() -> None:
    """The response does not have it; the options may."""
    assert told(hook({"f_ease": 4}), questions=[EASE]).reasons == ["scale_unknown"]
    half = told(hook({"f_ease": 4}), questions=[EASE | {"scale_max": 5}])
    assert half.reasons == ["scale_unknown"]
    [data] = told(hook({"f_ease": 4}), questions=[EASE | {"scale_min": 1, "scale_max": 5}]).data
    assert (data["scale_min"], data["scale_max"]) == (1, 5)


def test_a_field_is_named_by_id_or_ref() -> None:
    """And what it is about goes along."""
    found = told(hook({"f_stars": 5}), questions=[STARS], forms=(form("f_stars", 5),))
    assert [each["touchpoint"] for each in found.data] == ["ticket"]


def test_a_page_of_the_api_tells_the_same() -> None:
    """Its responses do not name their form; with that told, they are duplicates of webhooks."""
    page = {
        "total_items": 2,
        "page_count": 1,
        "items": [response({"f_nps": 9}), response({"f_nps": 3}, "t2")],
    }
    body = json.dumps(page, indent=1).encode()
    found = told(body, form="form_1")
    assert found.records == 2
    assert found.lines[0] == told(hook({"f_nps": 9})).lines[0]
    assert told(body).reasons == ["form_unknown"] * 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (hook({"f_nps": 9}, hidden={}), "account_unknown"),
        (hook({"f_nps": 9}, hidden=None), "account_unknown"),
        (hook({"f_nps": 9}, hidden={"account": " "}), "account_unknown"),
        (hook({"f_nps": None}), "no_number"),
        (b'{"event_type": "form_response_partial", "form_response": {}}', "unknown_event"),
        (b'{"event_type": "form_response"}', "unreadable"),
        (b"{", "unreadable"),
    ],
)
def test_what_cannot_be_told_is_a_gap(body: bytes, reason: str) -> None:
    """With its reason, and never an answer without a score or under nobody."""
    found = told(body)
    assert (found.reasons, found.lines) == ([reason], [])


def test_other_answers_say_nothing() -> None:
    """A response without a question that is named is passed over."""
    for body in (hook({"f_stars": 4}), hook({}, answers=None)):
        found = told(body)
        assert (found.gaps, found.lines, found.out.passed.total()) == ([], [], 1)


def test_a_file_that_is_no_form_is_refused() -> None:
    """Before any response is read."""
    with pytest.raises(FormFileError, match="no form"):
        told(forms=(b'{"title": "x"}',))


JSON = st.recursive(
    st.none() | st.integers(0, 10) | st.text(max_size=4),
    lambda inside: (
        st.lists(inside, max_size=2) | st.dictionaries(st.text(max_size=4), inside, max_size=2)
    ),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(["token", "hidden", "answers", "submitted_at"]), JSON))
def test_any_object_is_accounted_for(more: dict[str, Any]) -> None:
    """Told, passed over or a gap, just once; and twice is the same."""
    token = more.pop("token", "t")
    body = hook({"f_nps": 9}, token=token, **more)
    assert told(body).records == 1
    assert told(body).lines == told(body).lines


@given(st.binary(max_size=60))
def test_any_bytes_are_accounted_for(content: bytes) -> None:
    """Nothing raises but what the outbox counts."""
    found = told(content)
    assert found.records == len(found.gaps) + len(found.lines) + found.out.passed.total()


def test_figures_of_webhooks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two promoters of three answers, one detractor: 100 * (2 - 1) / 3."""
    scores = {"t1": 10, "t2": 9, "t3": 2}
    hooks = [
        hook({"f_nps": score}, token=token, hidden={"account": "acme", "user": token})
        for token, score in scores.items()
    ]
    (tmp_path / "hooks.ndjson").write_bytes(b"".join(hooks))
    out = tmp_path / "events.ndjson"
    given = ["--account-field", "account", "--respondent-field", "user", "--out", str(out)]
    assert main(["import", "typeform", *given, str(tmp_path / "hooks.ndjson")]) == 0
    value = figure(out, capsys, "2026-03-17T00:00:00Z", "nps", window="90d")
    assert value == pytest.approx(100 / 3)

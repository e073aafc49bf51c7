"""PostHog: both wire forms, exports, groups, whose an event is, and who turned out to be whom."""

import json
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events.sources.analytics.importing import SAMPLES, imported, ndjson

AT = "2026-03-02T09:30:00Z"
SURVEYS = [{"survey": "survey_1", "question": "q_nps", "type": "nps"}]
STORY = {"features": ["Report Exported", "Dashboard Opened"], "surveys": SURVEYS}
ACME = {"$groups": {"company": "acme"}}


def event(name: str, number: int = 1, who: str = "ada", /, **properties: Any) -> dict[str, Any]:
    """Returns an event as the first wire form, exports and lists have it."""
    base = {"event": name, "uuid": f"u{number}", "distinct_id": who, "timestamp": AT}
    return {**base, "properties": properties}


USE = event("Report Exported", **ACME)
USED = {"account_id": "acme", "user_id": "ada", "feature": "Report Exported"}


@pytest.mark.parametrize("form", ["posthog", "posthog-v1"])
def test_a_story_as_the_sdk_sends_it(form: str) -> None:
    """The bodies of the real SDK in both forms: groups, persons, an alias, sessions, a survey."""
    content = (SAMPLES / f"{form}.ndjson").read_bytes()
    found = imported("posthog", content, traits=["plan"], sessions="id", **STORY)
    assert [(use["user_id"], use["account_id"]) for use in found.of("feature.used")] == [
        ("device_1", "acme"),
        ("ada", "acme"),
        ("ada", "acme"),
        ("bo", "acme"),
        ("cy", "birch"),
    ]
    merged = {"account_id": "acme", "user_id": "device_1", "into_user_id": "ada"}
    assert found.of("user.merged") == [merged]
    assert found.of("account.updated")[2] == {"account_id": "birch", "plan": "free"}
    sessions = found.of("session.ended")
    assert [(s["session_id"], s["duration_s"]) for s in sessions] == [
        ("ses_0", 0),
        ("ses_1", 1200),
        ("ses_2", 0),
        ("ses_3", 0),
        ("ses_4", 1200),
    ]
    assert not found.of("user.added")
    assert found.gaps == {"account_unknown": 1}
    assert found.passed == {
        "Button Clicked": 1,
        "$pageview": 1,
        "survey shown again": 1,
        "without a person": 1,
    }


def test_both_forms_and_an_export_are_the_same() -> None:
    """Bodies, a page of the event list and lines of an export tell the same bytes."""
    content = (SAMPLES / "posthog.ndjson").read_bytes()
    first = imported("posthog", content, **STORY).lines
    assert imported("posthog", (SAMPLES / "posthog-v1.ndjson").read_bytes(), **STORY).lines == first
    events = json.loads(content)["batch"]
    assert imported("posthog", ndjson(events), **STORY).lines == first
    listed = [{**each, "id": each["uuid"], "uuid": None} for each in events]
    page = json.dumps({"next": None, "results": listed}).encode()
    assert imported("posthog", page, **STORY).lines == first
    text = [{**each, "properties": json.dumps(each["properties"])} for each in events]
    assert imported("posthog", ndjson(text), **STORY).lines == first


def test_bodies_without_ids() -> None:
    """Go captures have an empty id and aliases none: each is a fact of its own still."""
    first = {**USE, "uuid": ""}
    second = {**first, "distinct_id": "bo"}
    alias = {"event": "$create_alias", "timestamp": AT}
    merge = {**alias, "properties": {"distinct_id": "device", "alias": "ada", **ACME}}
    found = imported("posthog", ndjson([first, second, merge]), **STORY)
    assert [use["user_id"] for use in found.of("feature.used")] == ["ada", "bo"]
    merged = {"account_id": "acme", "user_id": "device", "into_user_id": "ada"}
    assert found.of("user.merged") == [merged]
    assert len({json.loads(line)["id"] for line in found.lines}) == 3


def test_one_type_of_group_is_the_account() -> None:
    """Of several groups the one of the option counts; another type says nothing."""
    groups = {"$groups": {"company": "acme", "project": 7}}
    content = ndjson(
        [
            event("Report Exported", **groups),
            event("$groupidentify", 2, **{"$group_type": "project", "$group_key": "7"}),
        ]
    )
    assert imported("posthog", content, features=["*"]).of("feature.used") == [USED]
    found = imported("posthog", content, features=["*"], group_type="project")
    assert [use["account_id"] for use in found.of("feature.used")] == ["7"]
    assert imported("posthog", content, features=["*"], group_type="team").gaps == {
        "account_unknown": 1
    }


def test_whose_a_group_call_is_says_nothing() -> None:
    """Servers send `$groupidentify` under an id that is made up: it makes no user."""
    call = event("$groupidentify", 1, "f23b0df2", **{"$group_type": "company"})
    call["properties"] |= {"$group_key": "acme", "$group_set": {"plan": "pro"}}
    found = imported("posthog", ndjson([call]), traits=["plan"], sessions="gap")
    assert found.of("account.updated") == [{"account_id": "acme", "plan": "pro"}]
    assert len(found.lines) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"options": {"process_person_profile": False}},
        {"properties": {"$process_person_profile": False, **ACME}},
    ],
    ids=["second-form", "first-form"],
)
def test_events_without_a_person_are_passed_over(fields: dict[str, Any]) -> None:
    """Their distinct_id is made up, for each event another one."""
    found = imported("posthog", ndjson([{**USE, **fields}]), features=["*"], sessions="gap")
    assert (found.lines, found.passed) == ([], {"without a person": 1})


@pytest.mark.parametrize(
    ("name", "who", "properties"),
    [
        ("$create_alias", "old", {"distinct_id": "old", "alias": "new"}),
        ("$identify", "new", {"$anon_distinct_id": "old"}),
        ("$merge_dangerously", "new", {"alias": "old"}),
    ],
)
def test_who_turned_out_to_be_whom(name: str, who: str, properties: dict[str, Any]) -> None:
    """Each of the three events has the id that goes on in another place."""
    records = [
        event(name, 1, who, **properties),
        event("Report Exported", 2, "new", **ACME),
        event("Report Exported", 3, "old", **{"$is_identified": False}),
    ]
    for order in permutations(records):
        found = imported("posthog", ndjson(order), features=["*"])
        assert found.of("user.merged") == [
            {"account_id": "acme", "user_id": "old", "into_user_id": "new"}
        ]
        assert {use["user_id"] for use in found.of("feature.used")} == {"old", "new"}


def test_an_unidentified_visitor_is_passed_over() -> None:
    """Who was never identified is nobody, even with a profile."""
    visitor = event("Report Exported", 1, "visitor", **{"$is_identified": False})
    found = imported("posthog", ndjson([visitor]), features=["*"])
    assert (found.lines, found.passed) == ([], {"of nobody who is known": 1})


def test_events_of_posthog_itself_are_no_features() -> None:
    """`*` does not stand for what begins with a dollar; a view is what the option says."""
    records = ndjson(
        [
            event("$autocapture", 1, **ACME),
            event("$pageview", 2, **ACME),
            event("$identify", 3, **ACME),
            event("Report Exported", 4, **ACME),
        ]
    )
    found = imported("posthog", records, features=["*"], pages="viewed")
    assert [use["feature"] for use in found.of("feature.used")] == ["viewed", "Report Exported"]
    assert found.passed == {"$autocapture": 1, "$identify": 1}
    assert imported("posthog", records).gaps == {"features_not_chosen": 1}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"event": None}, "event_missing"),
        ({"distinct_id": None}, "person_missing"),
        ({"timestamp": None, "offset": 2000}, "time_missing"),
        ({"timestamp": 5}, "invalid_time"),
        ({"properties": {"$groups": [1]}}, "invalid_field"),
        ({"properties": {"$groups": {"company": {}}}}, "invalid_id"),
        ({"event": "$create_alias"}, "person_missing"),
        ({"event": "survey sent"}, "survey_unknown"),
        (
            {"event": "$groupidentify", "properties": {"$group_type": "company"}},
            "account_missing",
        ),
    ],
)
def test_what_cannot_be_told_is_a_gap(fields: dict[str, Any], reason: str) -> None:
    """An event that lacks what is needed is told of with its reason."""
    found = imported("posthog", ndjson([{**USE, **fields}]), features=["*"])
    assert (found.lines, found.gaps) == ([], {reason: 1})


def test_a_browser_says_who_among_the_properties() -> None:
    """posthog-js sends arrays, with the distinct_id among the properties."""
    sent = event("Report Exported", **ACME, distinct_id="ada")
    del sent["distinct_id"]
    found = imported("posthog", json.dumps([sent]).encode(), features=["*"])
    assert found.of("feature.used") == [USED]


NAMES = st.sampled_from(["$identify", "$create_alias", "survey sent", "survey shown", "$pageview"])
KEYS = st.sampled_from(
    "event uuid distinct_id properties options $groups company alias $survey_id $survey_response "
    "$survey_submission_id $anon_distinct_id".split()
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["s", "ada", "9", "{", AT]) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=6), NAMES)
def test_any_objects_are_accounted_for(objects: list[dict[str, Any]], name: str) -> None:
    """Each record is told, passed over or a gap, just once, whatever it says."""
    surveys = [{"survey": "s", "type": "csat"}]
    content = ndjson({**event(name, **ACME), **each} for each in objects)
    options = {"features": ["*"], "sessions": "id", "surveys": surveys}
    assert imported("posthog", content, **options).lines == (
        imported("posthog", content, **options).lines
    )


@given(st.binary())
def test_any_bytes_are_accounted_for(content: bytes) -> None:
    """So are bytes of any kind."""
    imported("posthog", content)

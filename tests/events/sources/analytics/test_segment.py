"""Segment and RudderStack: accounts, members, features, merges and times."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.cli import main
from tests.events.sources.analytics.importing import SAMPLES, imported, ndjson

AT = "2026-03-02T09:30:00Z"


def message(kind: str, number: int = 1, **fields: Any) -> dict[str, Any]:
    """Returns a message as the API takes it."""
    base = {"type": kind, "messageId": f"m{number}", "userId": "ada", "timestamp": AT}
    return {**base, **fields}


TRACK = message("track", 2, event="Report Exported")
GROUP = message("group", 1, groupId="acme", traits={"plan": "pro"})
USE = {"account_id": "acme", "user_id": "ada", "feature": "Report Exported"}


@pytest.mark.parametrize("name", ["segment", "rudderstack"])
def test_a_story_as_the_sdk_sends_it(name: str) -> None:
    """The body of the real SDK: users, uses, a merge; whose account is unknown is a gap."""
    content = (SAMPLES / f"{name}.ndjson").read_bytes()
    features = ["Report Exported", "Dashboard Opened"]
    found = imported(name, content, features=features, traits=["plan"])
    assert [each["user_id"] for each in found.of("user.added")] == ["ada", "bo", "cy"]
    assert found.of("account.updated") == [
        {"account_id": "acme", "plan": "pro"},
        {"account_id": "acme", "plan": "pro"},
        {"account_id": "birch", "plan": "free"},
    ]
    assert [(use["user_id"], use["account_id"]) for use in found.of("feature.used")] == [
        ("device_1", "acme"),
        ("ada", "acme"),
        ("ada", "acme"),
        ("bo", "acme"),
        ("cy", "birch"),
    ]
    merged = {"account_id": "acme", "user_id": "device_1", "into_user_id": "ada"}
    assert found.of("user.merged") == [merged]
    assert found.passed == {"Button Clicked": 1, "page": 1}
    assert found.gaps == {"account_unknown": 1}
    assert "'dee'" in found.needs[0]


@pytest.mark.parametrize(
    "form",
    [
        lambda body: body,
        lambda body: json.dumps(json.loads(body), indent=2).encode(),
        lambda body: ndjson(json.loads(body)["batch"]),
        lambda body: json.dumps(json.loads(body)["batch"]).encode(),
    ],
    ids=["body", "pretty", "lines", "array"],
)
def test_bodies_lines_and_arrays_are_the_same(form: Any) -> None:
    """However the messages are written down, the events are the same bytes."""
    body = (SAMPLES / "segment.ndjson").read_bytes()
    assert imported("segment", form(body), features=["*"]).lines == (
        imported("segment", body, features=["*"]).lines
    )


@pytest.mark.parametrize(
    "fields",
    [{"groupId": "acme"}, {"context": {"groupId": "acme"}}, {"context": {"groupId": 7}}],
    ids=["groupId", "context", "number"],
)
def test_a_message_names_its_account(fields: dict[str, Any], tmp_path: Path) -> None:
    """The group of the message is its account, whatever group the user is said to be of."""
    (tmp_path / "map.csv").write_text("theirs,account_id\n7,acme\n")
    other = message("group", 3, groupId="birch")
    found = imported(
        "segment",
        ndjson([other, {**TRACK, **fields}]),
        features=["Report Exported"],
        accounts=str(tmp_path / "map.csv"),
    )
    assert found.of("feature.used") == [USE]


def test_features_have_to_be_chosen() -> None:
    """Names are labels: without a choice each is a gap that says it, with one others pass over."""
    records = ndjson([GROUP, TRACK])
    found = imported("segment", records)
    assert found.gaps == {"features_not_chosen": 1}
    assert "'Report Exported'" in found.needs[0]
    found = imported("segment", records, features=["Dashboard Opened"])
    assert (found.gaps, found.passed["Report Exported"]) == ({}, 1)
    assert imported("segment", records, features=["*"]).of("feature.used") == [USE]


def test_pages_are_a_feature_if_asked_for() -> None:
    """Views say nothing, or are all uses of one feature."""
    records = ndjson([GROUP, message("page", 2, name="Home"), message("screen", 3, name="Home")])
    assert imported("segment", records).passed == {"page": 1, "screen": 1}
    found = imported("segment", records, pages="viewed")
    assert [use["feature"] for use in found.of("feature.used")] == ["viewed", "viewed"]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("segment", {"traits": {"company": {"id": "acme"}}}),
        ("rudderstack", {"context": {"traits": {"company": {"id": "acme"}}}}),
    ],
)
def test_traits_may_name_the_account(name: str, fields: dict[str, Any]) -> None:
    """RudderStack has the traits of identify calls in the context; both are looked at if asked."""
    records = ndjson([message("identify", **fields), TRACK])
    assert imported(name, records, features=["*"]).gaps == {"account_unknown": 1}
    found = imported(name, records, features=["*"], account_trait="company.id")
    assert found.of("feature.used") == [USE]
    assert not found.of("user.added")


def test_traits_become_attributes_by_choice() -> None:
    """Only those that were asked for, perhaps under another name; null takes one away."""
    traits = {"industry": "bikes", "plan": None, "tags": [1], "name": "Acme"}
    records = ndjson([message("group", groupId="acme", traits=traits)])
    found = imported("segment", records, traits=["segment=industry", "plan"])
    assert found.of("account.updated") == [{"account_id": "acme", "segment": "bikes", "plan": None}]
    assert not found.notes


def test_a_trait_that_is_no_label_is_a_gap() -> None:
    """What was asked for and cannot be told is told of; whose usage is whose still holds."""
    records = ndjson([message("group", groupId="acme", traits={"tags": [1]}), TRACK])
    found = imported("segment", records, features=["*"], traits=["tags"])
    assert found.gaps == {"invalid_trait": 1}
    assert found.of("feature.used") == [USE]


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ({"timestamp": "2026-03-02T10:30:00.1239+01:00"}, "2026-03-02T09:30:00.123Z"),
        ({"timestamp": "2026-03-02T09:30:00"}, AT),
        ({"timestamp": AT, "originalTimestamp": "2021-01-01T00:00:00Z"}, AT),
        (
            {
                "originalTimestamp": "2026-03-09T09:00:00Z",
                "sentAt": "2026-03-09T09:10:00Z",
                "receivedAt": "2026-03-02T09:40:00Z",
            },
            AT,
        ),
        ({"originalTimestamp": AT, "sentAt": "2026-03-02T09:31:00Z"}, AT),
    ],
    ids=["offset", "utc", "corrected", "clock-wrong", "sender's"],
)
def test_the_time_is_corrected_if_it_can_be(times: dict[str, Any], told: str) -> None:
    """`timestamp` is right once servers had it, else received - (sent - original), or original."""
    track = {**TRACK, "groupId": "acme", "timestamp": None, **times}
    found = imported("segment", ndjson([track]), features=["*"])
    assert [each["time"] for each in found.events] == [told]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"type": "record"}, "unknown_type"),
        ({"type": ["track"]}, "unknown_type"),
        ({"userId": None}, "person_missing"),
        ({"userId": {"id": 1}}, "invalid_id"),
        ({"event": None}, "event_missing"),
        ({"timestamp": None}, "time_missing"),
        ({"timestamp": "yesterday"}, "invalid_time"),
        ({"timestamp": ""}, "invalid_time"),
        ({"timestamp": "1970-01-01T00:00:00Z"}, "invalid_time"),
        ({"timestamp": True}, "invalid_time"),
        ({"context": [1]}, "invalid_field"),
        ({"context": "{"}, "invalid_field"),
    ],
)
def test_what_cannot_be_told_is_a_gap(fields: dict[str, Any], reason: str) -> None:
    """A message that lacks what is needed is told of with its reason."""
    found = imported("segment", ndjson([{**TRACK, **fields}]), features=["*"])
    assert (found.lines, found.gaps) == ([], {reason: 1})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "invalid_json"),
        (b'{"a": "\xff"}\n', "invalid_json"),
        (b"[1]", "not_an_object"),
        (b'{"batch": 3}\n', "unknown_type"),
        (b'{"batch": [3]}\n', "not_an_object"),
    ],
)
def test_what_is_no_message_is_a_gap(content: bytes, reason: str) -> None:
    """Bytes of another kind are told of, too."""
    assert imported("segment", content).gaps == {reason: 1}


def test_messages_without_an_id_have_one_that_follows_from_them() -> None:
    """Importing twice is a duplicate, with an id of theirs or without."""
    content = ndjson([{**TRACK, "messageId": None, "groupId": "acme"}])
    first, second = (imported("segment", content, features=["*"]) for _ in range(2))
    assert first.lines == second.lines
    assert len(first.events[0]["id"]) == 32


def test_compressed_bodies_are_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """RudderStack's SDK compresses: the command reads such bodies as they are."""
    path = tmp_path / "body.gz"
    path.write_bytes(gzip.compress((SAMPLES / "rudderstack.ndjson").read_bytes()))
    assert main(["import", "rudderstack", str(path), "--features", "*", "--allow-gaps"]) == 0
    told = capfd.readouterr()
    assert told.out.count("feature.used") == 6
    assert "1 not told: account_unknown" in told.err


KEYS = st.sampled_from(
    ["type", "userId", "anonymousId", "groupId", "previousId", "context", "traits", "timestamp"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.just(AT)
JSON = st.recursive(
    SCALARS | st.sampled_from(["track", "group", "identify", "alias", "page"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(KEYS, JSON, max_size=6), max_size=6))
def test_any_objects_are_accounted_for(objects: list[dict[str, Any]]) -> None:
    """Each record is told, passed over or a gap, just once, whatever it says."""
    base = [{"type": "track", "event": "E", "userId": "ada", "timestamp": AT, **o} for o in objects]
    imported("segment", ndjson(base), features=["*"], sessions="gap", account_trait="traits")


@given(st.binary())
def test_any_bytes_are_accounted_for(content: bytes) -> None:
    """So are bytes of any kind."""
    imported("segment", content)


def test_what_waits_is_written_at_the_end(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """However much it is; what our decoder refuses of it is a gap, with its record."""
    path, report = tmp_path / "events.ndjson", tmp_path / "gaps.ndjson"
    tracks = [{**TRACK, "messageId": f"m{number}"} for number in range(2500)]
    tracks[1700]["messageId"] = "long" * 200
    path.write_bytes(ndjson([*tracks, GROUP]))
    options = ["--features", "*", "--report", str(report)]
    assert main(["import", "segment", str(path), *options]) == 1
    told = capfd.readouterr()
    assert told.out.count("feature.used") == 2499
    (gap,) = report.read_text().splitlines()
    assert json.loads(gap)["place"] == f"{path}:1701"

"""Amplitude: what SDKs send and what exports have, groups, times and sessions."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events.sources.analytics.importing import imported, ndjson

SENT = {
    "device_id": "device-1",
    "event_type": "Report Exported",
    "groups": {"company": "acme"},
    "insert_id": "i1",
    "library": "amplitude-python/1.3.0",
    "session_id": 1772443800000,
    "time": 1772443800000,
    "user_id": "user_ada",
}
EXPORTED = {
    "$insert_id": "i1",
    "uuid": "af0cdbe4",
    "device_id": "device-1",
    "event_type": "Report Exported",
    "groups": {"company": ["acme"]},
    "session_id": 1772443800000,
    "client_event_time": "2021-01-01 00:00:00.000000",
    "event_time": "2026-03-02 09:30:00.000000",
    "user_id": "user_ada",
}
USED = {"account_id": "acme", "user_id": "user_ada", "feature": "Report Exported"}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"api_key": "key", "events": [SENT]}).encode(),
        ndjson([SENT]),
        ndjson([EXPORTED]),
    ],
    ids=["body", "event", "export"],
)
def test_what_is_sent_and_what_is_exported_are_the_same(content: bytes) -> None:
    """Times of exports have no offset and are UTC; the corrected one counts."""
    found = imported("amplitude", content, features=["*"], sessions="id")
    use, session = found.events
    assert (use["id"], use["time"], use["data"]) == ("i1", "2026-03-02T09:30:00Z", USED)
    assert session["data"]["session_id"] == "1772443800000"


def test_minus_one_is_no_session() -> None:
    """Servers send -1 for events outside of sessions."""
    found = imported(
        "amplitude", ndjson([{**SENT, "session_id": -1}]), features=["*"], sessions="id"
    )
    assert len(found.lines) == 1


def test_groups_have_properties() -> None:
    """`$groupidentify` is of no person; what it sets may be attributes."""
    call = {
        "event_type": "$groupidentify",
        "insert_id": "i2",
        "time": 1772443800000,
        "groups": {"company": "acme"},
        "group_properties": {"$set": {"plan": "pro"}},
    }
    found = imported("amplitude", ndjson([call]), traits=["plan"])
    assert found.of("account.updated") == [{"account_id": "acme", "plan": "pro"}]
    other = {**call, "groups": {"team": "t1"}}
    assert not imported("amplitude", ndjson([other]), traits=["plan"]).lines


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"event_type": None}, "event_missing"),
        ({"groups": {"company": ["acme", "birch"]}}, "account_ambiguous"),
        ({"groups": None}, "account_unknown"),
        ({"user_id": None, "device_id": None}, "person_missing"),
        ({"time": None}, "time_missing"),
        ({"time": 1772443800}, "invalid_time"),
    ],
)
def test_what_cannot_be_told_is_a_gap(fields: dict[str, Any], reason: str) -> None:
    """Of several groups of one type none is the account; seconds are no ms."""
    found = imported("amplitude", ndjson([{**SENT, **fields}]), features=["*"])
    assert (found.lines, found.gaps) == ([], {reason: 1})


def test_own_events_and_devices_are_passed_over() -> None:
    """Amplitude's own events are no features, and a device that logged in nowhere is nobody."""
    records = ndjson(
        [
            {**SENT, "event_type": "session_start"},
            {**SENT, "event_type": "$identify", "insert_id": "i2"},
            {**SENT, "event_type": "[Amplitude] Page Viewed", "insert_id": "i3"},
            {**SENT, "user_id": None, "insert_id": "i4"},
        ]
    )
    found = imported("amplitude", records, features=["*"])
    assert (found.lines, sum(found.passed.values())) == ([], 4)
    viewed = imported("amplitude", records, features=["*"], pages="viewed")
    assert [use["feature"] for use in viewed.of("feature.used")] == ["viewed"]


KEYS = st.sampled_from([*SENT, "event_time", "group_properties", "$set", "company"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=6))
def test_any_objects_are_accounted_for(objects: list[dict[str, Any]]) -> None:
    """Each record is told, passed over or a gap, just once, whatever it says."""
    imported("amplitude", ndjson({**SENT, **each} for each in objects), features=["*"])

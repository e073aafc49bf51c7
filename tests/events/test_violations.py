"""What is said of records that are wrong: by field, in our words, without a value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import Decoder
from tests.events.examples import ITEM, MINIMAL, encode, record_of
from tests.events.test_codec import NAMES_OF, VALUES, changed, fields_of

SAYINGS = (
    *("is missing", "must be", "must not be", "must have", "must lie", "must come", "needs"),
    "is out of the range of numbers",
)
"""How each sentence about a field begins."""


@pytest.mark.parametrize("topic", NAMES_OF)
@given(data=st.data())
def test_every_violation_is_said(topic: str, data: st.DataObject) -> None:
    """Whatever is wrong with whichever fields, it is said in one of our sentences."""
    name = data.draw(st.sampled_from(NAMES_OF[topic]))
    change = st.just("drop") | st.tuples(VALUES)
    changes = st.lists(st.tuples(st.sampled_from(fields_of(name)), change), max_size=4)
    record = changed(name, data.draw(changes))
    try:
        value = encode(record)
    except (UnicodeEncodeError, ValueError):
        return
    for reject in Decoder().decode([value]).rejects:
        paths = [violation.path for violation in reject.violations]
        assert len(set(paths)) == len(paths)
        for violation in reject.violations:
            assert violation.says.removeprefix(_subject(violation.says)).startswith(SAYINGS)


def _subject(says: str) -> str:
    """The names of fields that a sentence about a whole object begins with."""
    at = min(says.find(f" {saying}") for saying in SAYINGS if f" {saying}" in f" {says}")
    return says[: at + 1] if at > 0 else ""


@pytest.mark.parametrize(
    ("name", "fields", "says"),
    [
        ("seats.set", {"seats": "7"}, "data.seats: must be a whole number"),
        ("seats.set", {"seats": 1.5}, "data.seats: must be a whole number"),
        ("seats.set", {"seats": -1}, "data.seats: must be at least 0"),
        ("seats.set", {"seats": 10**12}, "data.seats: must be at most 1000000000"),
        ("seats.set", {"livemode": 1}, "data.livemode: must be true or false"),
        ("seats.set", {"account_id": ""}, "data.account_id: must not be empty"),
        ("seats.set", {"account_id": "x" * 513}, "data.account_id: must have at most 512 chara"),
        ("seats.set", {"effective_at": 1}, "data.effective_at: must be an RFC 3339 timestamp in "),
        ("seats.set", {"effective_at": "x"}, "data.effective_at: must be an RFC 3339 timestamp w"),
        ("session.ended", {"duration_s": "1"}, "data.duration_s: must be a number"),
        ("session.ended", {"duration_s": None}, "data.duration_s: must be a number"),
        ("subscription.created", {"items": {}}, "data.items: must be a list"),
        ("subscription.created", {"items": [1]}, "data.items.0: must be an object"),
        (
            "subscription.created",
            {"items": [ITEM | {"interval": "quarter"}]},
            "data.items.0.interval: must be one of day, week, month, year",
        ),
        (
            "subscription.created",
            {"items": [ITEM, ITEM | {"currency": "EURO"}]},
            "data.items.1.currency: must be a currency's three letters, such as USD",
        ),
        (
            "subscription.created",
            {"discounts": [{"duration": "once"}]},
            "data.discounts.0: needs exactly one of percent_off and amount_off",
        ),
        (
            "subscription.created",
            {"discounts": [{"duration": "once", "percent_off": "1"}]},
            "data.discounts.0.percent_off: must be a number from 0 to 100",
        ),
        ("survey_response.created", {"survey_type": "poll"}, "data.survey_type: must be one of np"),
        ("survey_response.created", {"score": 99}, "data: score must lie within the scale"),
    ],
)
def test_details_are_in_our_words(name: str, fields: dict[str, Any], says: str) -> None:
    """What must be is said of a field by its place, and of nothing that follows from it."""
    [reject] = Decoder().decode([encode(record_of(name, MINIMAL[name] | fields))]).rejects
    assert reject.detail.startswith(says)
    assert ";" not in reject.detail
    [violation] = reject.violations
    assert str(violation) == reject.detail


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("specversion", "0.3", "specversion: must be 1.0"),
        ("sequence", True, "sequence: must be text or must be a whole number"),
        ("sequence", -1, "sequence: must be at least 0"),
        ("type", 1, "type: must be text"),
        ("data", [], "data: must be an object"),
        ("time", "1999-12-31T00:00:00Z", "time: must lie in the years 2000 to 2099"),
    ],
)
def test_details_of_the_envelope(field: str, value: object, says: str) -> None:
    """Of a field that may be of several kinds, all of them are said."""
    record = record_of("seats.set", MINIMAL["seats.set"]) | {field: value}
    [reject] = Decoder().decode([encode(record)]).rejects
    assert reject.detail == says


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b'{"a" 1}', "no JSON from byte 6 on"),
        (b'{"a": 1', "the end is missing"),
        (b'{"a": "\xff"}', "not all of it is UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"id,source,type", "no JSON from byte 1 on"),
    ],
)
def test_details_of_what_is_no_json(value: bytes, says: str) -> None:
    """The byte from which on it is none is counted from 1, as editors do."""
    [reject] = Decoder().decode([value]).rejects
    assert (reject.reason, reject.detail) == ("invalid_json", says)

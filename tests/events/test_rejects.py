"""Rejects: every reason, what it says, and what is ignored instead."""

import json
from typing import Any, cast

import pytest

from events import Decoder, Upcasts
from events.codec import DETAIL_CHARS_MAX, RECORD_BYTES_MAX
from events.usage import SeatsSet
from tests.events.examples import ITEM, MINIMAL, encode, full_record, record_of

USE = MINIMAL["feature.used"]
STATE = MINIMAL["subscription.created"]


def reason_of(value: bytes | None, decoder: Decoder | None = None) -> str:
    """Reason of the one record that must be rejected; its bytes are kept."""
    batch = (decoder or Decoder()).decode([value])
    (reject,) = batch.rejects
    assert (batch.events, batch.uses, batch.sessions, batch.ignored) == ([], [], [], {})
    assert (reject.index, reject.raw) == (0, value or b"")
    return reject.reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "empty"),
        (b" ", "invalid_json"),
        (b"{", "invalid_json"),
        (b"\xff", "invalid_json"),
        (b"\xef\xbb\xbf{}", "invalid_json"),
        (b"NaN", "invalid_json"),
        (b'{"type": NaN}', "invalid_json"),
        (b'{"x": Infinity}', "invalid_json"),
        (b'{"x": "\\ud800"}', "invalid_json"),
        (b'{"x": "\xff"}', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b"null", "not_an_object"),
        (b"[]", "not_an_object"),
        (b'"feature.used"', "not_an_object"),
        (b"{}", "invalid_envelope"),
        (b'{"type": ""}', "invalid_envelope"),
        (b'{"type": 1}', "invalid_envelope"),
        (b'{"type": "feature.used"}', "invalid_envelope"),
        (b'{"type": "feature.used", "data": []}', "invalid_envelope"),
        (b" " * (RECORD_BYTES_MAX + 1), "too_large"),
    ],
)
def test_not_an_event(value: bytes | None, reason: str) -> None:
    """What is no JSON object with a type and data is rejected for that."""
    assert reason_of(value) == reason


@pytest.mark.parametrize("name", ["feature.used", "session.ended", "seats.set"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("specversion", None),
        ("specversion", "0.3"),
        ("specversion", 1.0),
        ("id", None),
        ("id", ""),
        ("id", 7),
        ("id", "x" * 513),
        ("source", ""),
        ("time", None),
        ("time", ""),
        ("time", "2026-03-14T09:26:53"),
        ("time", 1_773_480_413),
        ("subject", ""),
        ("subject", 7),
        ("sequence", 1.5),
        ("sequence", -1),
        ("sequence", True),
        ("sequence", 2**63),
        ("dataschema", 1),
        ("datacontenttype", 1),
    ],
)
def test_envelope(name: str, field: str, value: object) -> None:
    """The envelope is checked alike on the fast and on the general way."""
    assert reason_of(encode(record_of(name, MINIMAL[name]) | {field: value})) == "invalid_envelope"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("feature.used", {"user_id": ""}),
        ("feature.used", {"user_id": 7}),
        ("feature.used", {"account_id": None}),
        ("feature.used", {"feature": "x" * 513}),
        ("feature.used", {"count": 0}),
        ("feature.used", {"count": -1}),
        ("feature.used", {"count": 1.5}),
        ("feature.used", {"count": "1"}),
        ("feature.used", {"count": True}),
        ("feature.used", {"count": None}),
        ("feature.used", {"livemode": 1}),
        ("feature.used", {"effective_at": "yesterday"}),
        ("subscription.created", {"status": "gone"}),
        ("subscription.created", {"items": None}),
        ("subscription.created", {"items": [ITEM | {"amount": -1}]}),
        ("subscription.created", {"items": [ITEM | {"amount": 49.5}]}),
        ("subscription.created", {"items": [ITEM | {"amount": "49"}]}),
        ("subscription.created", {"items": [ITEM | {"amount": 10**30}]}),
        ("subscription.created", {"items": [ITEM | {"quantity": -1}]}),
        ("subscription.created", {"items": [ITEM | {"interval": "quarter"}]}),
        ("subscription.created", {"items": [ITEM | {"interval_count": 0}]}),
        ("subscription.created", {"items": [ITEM | {"currency": "EURO"}]}),
        ("subscription.created", {"items": [ITEM | {"currency": "€€€"}]}),
        ("subscription.created", {"discounts": [{"duration": "forever"}]}),
        (
            "subscription.created",
            {"discounts": [{"duration": "once", "percent_off": 1, "amount_off": 1}]},
        ),
        ("subscription.created", {"discounts": [{"duration": "once", "percent_off": 100.1}]}),
        ("subscription.created", {"discounts": [{"duration": "once", "percent_off": -1}]}),
        ("subscription.created", {"discounts": [{"duration": "once", "percent_off": "1"}]}),
        ("subscription.created", {"discounts": [{"duration": "once", "percent_off": True}]}),
        ("session.ended", {"duration_s": -1}),
        ("session.ended", {"duration_s": "1"}),
        ("session.ended", {"duration_s": True}),
        ("session.ended", {"duration_s": None}),
        ("session.ended", {"duration_s": 315_360_000.5}),
        ("session.ended", {"session_id": ""}),
        ("session.ended", {"started_at": "yesterday"}),
        ("session.ended", {"duration_s": 10**400}),
        ("seats.set", {"seats": -1}),
        ("survey_response.created", {"survey_type": "poll"}),
        ("survey_response.created", {"score": "9"}),
        ("survey_response.created", {"score": 10**400}),
        ("survey_response.created", {"scale_max": 10**400}),
        ("ticket.comment_added", {"author_role": "robot"}),
        ("ticket.major_declared", {"affected_account_ids": [""]}),
        ("cost.recorded", {"period_start": "2026-03-14T00:00:00Z"}),
        (
            "cost.recorded",
            {"period_start": "2026-03-14T00:00:00Z", "period_end": "2026-03-14T00:00:00Z"},
        ),
        ("health.override_set", {"score": 100.5}),
    ],
)
def test_data(name: str, fields: dict[str, Any]) -> None:
    """Bounds, enumerations and kinds of the data hold, without coercion."""
    assert reason_of(encode(record_of(name, MINIMAL[name] | fields))) == "invalid_data"


@pytest.mark.parametrize("number", ["1e400", "-1e400"])
def test_numbers_out_of_range(number: str) -> None:
    """A number that only infinity could hold is refused where read, ignored where unknown."""
    text = json.dumps(record_of("health.override_set", MINIMAL["health.override_set"]))
    assert reason_of(text.replace('"score": 0', f'"score": {number}').encode()) == "invalid_data"
    for name in ("health.override_set", "feature.used", "session.ended"):
        other = json.dumps(record_of(name, MINIMAL[name], unknown=0))
        value = other.replace('"unknown": 0', f'"unknown": {number}').encode()
        assert Decoder().decode([value]).rejects == []


@pytest.mark.parametrize("name", ["feature.used", "session.ended", "seats.set"])
@pytest.mark.parametrize("text", ["1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z"])
def test_timestamp_out_of_band(name: str, text: str) -> None:
    """A timestamp outside of the sanity band has a reason of its own, wherever it stands."""
    data = MINIMAL[name]
    for record in (
        record_of(name, data, time=text),
        record_of(name, data | {"effective_at": text}),
    ):
        assert reason_of(encode(record)) == "timestamp_out_of_band"
    for name, field in (("subscription.created", "trial_end"), ("session.ended", "started_at")):
        record = record_of(name, MINIMAL[name] | {field: text})
        assert reason_of(encode(record)) == "timestamp_out_of_band"


def test_no_key() -> None:
    """A fact of no account, no subject and no id of its own has no place to go."""
    cost = {"category": "acquisition", "amount": 1, "currency": "USD"}
    assert reason_of(encode(record_of("cost.recorded", cost))) == "no_key"
    assert reason_of(encode(record_of("event.retracted", {"retracts": "e"}))) == "no_key"
    assert reason_of(encode(record_of("time.logged", {"seconds": 1}))) == "no_key"


def test_not_retractable() -> None:
    """A usage event cannot be retracted, whether named so or sent to its topic."""
    data = {"account_id": "a", "retracts": "e"}
    named = encode(record_of("event.retracted", data | {"retracts_type": "user.added"}))
    assert reason_of(named) == "not_retractable"
    unnamed = encode(record_of("event.retracted", data))
    assert reason_of(unnamed, Decoder(topic="usage")) == "not_retractable"
    assert len(Decoder(topic="ticket").decode([unnamed]).events) == 1


@pytest.mark.parametrize("name", ["feature.used", "session.ended", "seats.set", "event.retracted"])
def test_wrong_topic(name: str) -> None:
    """A decoder of one topic refuses what belongs to another."""
    data = MINIMAL[name] | ({"retracts_type": "survey.sent"} if name.startswith("event") else {})
    assert reason_of(encode(record_of(name, data)), Decoder(topic="ticket")) == "wrong_topic"


@pytest.mark.parametrize("name", ["feature.used", "session.ended", "seats.set"])
@pytest.mark.parametrize("version", ["2", "0", "x", "", "-1", "1.0"])
def test_unknown_schema_version(name: str, version: str) -> None:
    """A version newer than the code, or none, is refused and not guessed at."""
    value = encode(record_of(name, MINIMAL[name], dataschema=f"{name}/{version}"))
    assert reason_of(value) == "unknown_schema_version"


@pytest.mark.parametrize("schema", ["{}/1", "https://example.com/schemas/{}/1", "com.example.{}/1"])
@pytest.mark.parametrize("name", ["feature.used", "session.ended", "seats.set"])
def test_known_schema_version(name: str, schema: str) -> None:
    """The current version is accepted, at the end of a URI too."""
    value = encode(record_of(name, MINIMAL[name], dataschema=schema.format(name)))
    assert Decoder().decode([value]).rejects == []


def test_upcast() -> None:
    """An older event is lifted step by step; one without a schema is of version 1."""
    upcasts = Upcasts(
        {
            ("seats.set", 1): lambda data: data | {"seats": data["licences"] * 10},
            ("seats.set", 2): lambda data: data | {"seats": data["seats"] + 1},
        }
    )
    decoder = Decoder(upcasts=upcasts)
    old = {"account_id": "a", "licences": 2}
    for dataschema in (None, "seats.set/1"):
        record = record_of("seats.set", old, dataschema=dataschema)
        (event,) = decoder.decode([encode(record)]).events
        assert cast(SeatsSet, event.data).seats == 21
    new = record_of("seats.set", {"account_id": "a", "seats": 2}, dataschema="seats.set/3")
    (event,) = decoder.decode([encode(new)]).events
    assert cast(SeatsSet, event.data).seats == 2
    assert reason_of(encode(new | {"dataschema": "seats.set/4"}), decoder) == (
        "unknown_schema_version"
    )


def test_size_limit_is_settable() -> None:
    """The limit is inclusive and holds for the fast way as well."""
    value = encode(record_of("feature.used", USE))
    assert len(Decoder(record_bytes_max=len(value)).decode([value]).uses) == 1
    assert reason_of(value, Decoder(record_bytes_max=len(value) - 1)) == "too_large"


def test_details_hold_no_values() -> None:
    """A detail names fields and rules, is short, and never repeats what was sent."""
    secret = "hunter2"  # no real one
    data: dict[str, object] = {
        name: {"secret": secret} for name in full_record("subscription.created")["data"]
    }
    (reject,) = Decoder().decode([encode(record_of("subscription.created", data))]).rejects
    assert "data.account_id: must be text" in reject.detail
    assert secret not in reject.detail
    assert len(reject.detail) <= DETAIL_CHARS_MAX


@pytest.mark.parametrize("name", ["feature.used", "session.ended", "seats.set"])
def test_test_mode_is_ignored(name: str) -> None:
    """Events that are not live are counted, not folded."""
    batch = Decoder().decode([encode(record_of(name, MINIMAL[name] | {"livemode": False}))])
    assert (batch.uses, batch.sessions, batch.events, batch.rejects) == ([], [], [], [])
    assert batch.ignored == {"test_mode": 1}


def test_unknown_is_ignored_and_counted() -> None:
    """Unknown types count as records, unknown fields one by one, at every depth."""
    state = STATE | {"colour": 1, "items": [ITEM | {"tax": 1}, ITEM | {"tax": 1, "x": 2}]}
    values = [
        encode({"type": "weather.rained"}),
        encode(record_of("subscription.created", state, traceparent="x")),
    ]
    batch = Decoder().decode(values)
    assert (len(batch.events), batch.rejects) == (1, [])
    assert batch.ignored == {"unknown_type": 1, "unknown_field": 5}


def test_a_detail_names_three_errors() -> None:
    """A record that is wrong everywhere is a line in a log, not a page."""
    record = record_of(
        "seats.set", {"account_id": 1, "seats": "x", "livemode": 2, "effective_at": 3}
    )
    [reject] = Decoder().decode([encode(record)]).rejects
    assert reject.reason == "invalid_data"
    assert len(reject.detail.split("; ")) == 3

"""Dialects: schemas of a producer's own are let in where a setting names them, and nowhere else."""

from typing import Any
from unittest.mock import patch

import pytest

from events import EVENT_TYPES, Batch, Decoder, Event, HotEvent, Upcasts
from events.dialect import Dialect
from events.fields import TEXT_CHARS_MAX
from tests.events.examples import MINIMAL, encode, full_record, record_of

BEGIN = "https://a.example/v1.0+x(/"
"""A beginning that means something else as a pattern."""
OWN = Dialect(dataschema_prefixes=(BEGIN, "urn:acme:"))
with patch("events.quick.QUICK_BYTES_MAX", 0):
    GENERAL = Decoder(OWN)  # every record goes to the models


def taken(batch: Batch) -> list[Event | HotEvent[Any]]:
    """All events of a batch."""
    return [*batch.events, *batch.uses, *batch.sessions]


@pytest.mark.parametrize("name", EVENT_TYPES)
@pytest.mark.parametrize("schema", [BEGIN, f"{BEGIN}usage.json", "urn:acme:seats.set/9"])
def test_own_schemas_are_let_in_by_their_beginning(name: str, schema: str) -> None:
    """An event under such a schema is the same as one that names none, whatever the schema ends
    in; the models, which have the last word, need not be asked."""
    unnamed = encode(full_record(name) | {"dataschema": None})
    named = encode(full_record(name) | {"dataschema": schema})
    decoder = Decoder(OWN)
    with patch("events.codec.Decoder._decode_into") as general:
        batch = decoder.decode([named])
    assert general.call_count == 0
    [event] = taken(GENERAL.decode([named]))
    assert taken(batch)[0].data == event.data == taken(decoder.decode([unnamed]))[0].data
    assert batch.events == GENERAL.decode([named]).events
    [reject] = Decoder().decode([named]).rejects
    assert reject.reason == "unknown_schema_version"
    assert "dataschema_prefixes" in reject.detail or schema.endswith("/9")


@pytest.mark.parametrize("name", ["feature.used", "seats.set"])
@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("https://a.example/v1.0+x", "unknown_schema_version"),
        ("https://a.example/v100+x(/", "unknown_schema_version"),
        (f"x{BEGIN}", "unknown_schema_version"),
        ("{name}/2", "unknown_schema_version"),
        ("{name}/1\n", "unknown_schema_version"),
        ("", "unknown_schema_version"),
        (BEGIN + "x" * TEXT_CHARS_MAX, "invalid_envelope"),
        (7, "invalid_envelope"),
    ],
)
def test_no_others_are_let_in(name: str, schema: Any, reason: str) -> None:
    """A schema that begins otherwise, or is no id, is refused as ever, both ways."""
    if isinstance(schema, str):
        schema = schema.replace("{name}", name)
    value = encode(record_of(name, MINIMAL[name], dataschema=schema))
    for decoder in (Decoder(OWN), GENERAL):
        assert [reject.reason for reject in decoder.decode([value]).rejects] == [reason]


@pytest.mark.parametrize("name", ["feature.used", "seats.set"])
@pytest.mark.parametrize("schema", ["{}/1", "https://b.example/{}/1", "com.example.{}/1", None])
def test_our_own_schemas_stay(name: str, schema: str | None) -> None:
    """What named a version of ours, or nothing, is read as before, with and without prefix."""
    told = None if schema is None else schema.format(name)
    dialect = Dialect("com.example.", OWN.dataschema_prefixes)
    for kind in (name, f"com.example.{name}"):
        value = encode(record_of(kind, MINIMAL[name], dataschema=told))
        assert len(taken(Decoder(dialect).decode([value]))) == 1


def test_own_schemas_are_of_the_first_version() -> None:
    """Data under them is lifted as that of events without a schema."""
    upcasts = Upcasts({("seats.set", 1): lambda data: data | {"seats": data["licences"]}})
    record = record_of("seats.set", {"account_id": "a", "licences": 3}, dataschema=f"{BEGIN}2")
    [event] = Decoder(OWN, upcasts=upcasts).decode([encode(record)]).events
    assert getattr(event.data, "seats", None) == 3

"""The JSON Schemas: one for each type, in agreement with what the decoder accepts."""

import json
from pathlib import Path
from typing import Any

import pytest

from events import EVENT_TYPES, Decoder, schema_of, write_schemas
from tests.events.examples import MINIMAL, encode, full_record, record_of

NAMES = sorted(EVENT_TYPES)


@pytest.mark.parametrize("name", NAMES)
def test_head(name: str) -> None:
    """A schema names its dialect, its version and what the event means."""
    schema = schema_of(EVENT_TYPES[name])
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"{name}/1"
    assert schema["title"] == name
    assert schema["description"].startswith(
        (EVENT_TYPES[name].model.__doc__ or "?").splitlines()[0]
    )
    assert schema["properties"]["type"]["const"] == name
    time = schema["properties"]["time"]
    assert (time["type"], time["format"]) == ("string", "date-time")


@pytest.mark.parametrize("name", NAMES)
def test_every_field_says_what_it_means(name: str) -> None:
    """Attributes, fields and the fields of their parts have a description, each on one line."""
    schema = schema_of(EVENT_TYPES[name])
    assert schema["description"].endswith(".")
    for part in (schema, *schema["$defs"].values()):
        for field, found in part["properties"].items():
            meaning = found.get("description", "")
            assert meaning.endswith("."), (field, meaning)
            assert "\n" not in meaning


@pytest.mark.parametrize("name", NAMES)
def test_fields(name: str) -> None:
    """Every field of the model is in the schema, and nothing further is forbidden."""
    schema = schema_of(EVENT_TYPES[name])
    model = EVENT_TYPES[name].model
    data = schema["$defs"][model.__name__]
    assert set(data["properties"]) == set(model.model_fields)
    assert "additionalProperties" not in json.dumps(schema)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_change_nothing(name: str) -> None:
    """With the schema's defaults filled in, as generated code does, a record is the same event."""
    data = schema_of(EVENT_TYPES[name])["$defs"][EVENT_TYPES[name].model.__name__]
    defaults = {
        field: said["default"] for field, said in data["properties"].items() if "default" in said
    }
    record = record_of(name, MINIMAL[name])
    filled = record_of(name, defaults | MINIMAL[name])
    told, told_filled = (Decoder().decode([encode(each)]) for each in (record, filled))
    assert not told.rejects
    assert told_filled == told


def test_files(tmp_path: Path) -> None:
    """One file a type, the same bytes each time, nothing else touched."""
    other = tmp_path / "schemas" / "readme.txt"
    other.parent.mkdir()
    other.write_text("mine")
    written = write_schemas(other.parent)
    assert [path.name for path in written] == [f"{name}.json" for name in NAMES]
    first = {path.name: path.read_bytes() for path in written}
    write_schemas(other.parent)
    assert {path.name: path.read_bytes() for path in written} == first
    assert other.read_text() == "mine"
    assert json.loads(first["feature.used.json"]) == schema_of(EVENT_TYPES["feature.used"])


def test_examples_validate() -> None:
    """What the decoder accepts, the schema accepts; the entity may be the subject."""
    jsonschema: Any = pytest.importorskip("jsonschema")
    for name in NAMES:
        validator = jsonschema.Draft202012Validator(schema_of(EVENT_TYPES[name]))
        validator.check_schema(validator.schema)
        validator.validate(full_record(name))
        (example,) = validator.schema["examples"]
        validator.validate(example)
        validator.validate(record_of(name, MINIMAL[name]))
        entity = EVENT_TYPES[name].model.ENTITY
        if entity is not None:
            data = {key: value for key, value in MINIMAL[name].items() if key != entity}
            validator.validate(record_of(name, data, subject="s"))
        assert not validator.is_valid(record_of(name, MINIMAL[name]) | {"specversion": "0.3"})
        assert not validator.is_valid(record_of(name, MINIMAL[name] | {"livemode": 1}))

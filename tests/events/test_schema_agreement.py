"""Schemas and decoder agree on which records are events, by generated values."""

from functools import cache
from math import isfinite
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from events import EVENT_TYPES, TOPICS, Decoder, schema_of
from tests.events.examples import ITEM, MINIMAL, encode, record_of
from tests.events.test_codec import FAST, GENERAL, NAMES_OF, RECORDS, VALUES, changed, fields_of

UNSAID: Final = frozenset(
    {
        *("type", "dataschema", "retracts_type"),  # looked up
        *("score", "scale_min", "scale_max", "survey_type"),  # compared with each other
        *("period_start", "period_end", "percent_off", "amount_off"),
        "currency",  # this validator reads a pattern's `$` as before a line break too
    }
)
"""Fields of which the decoder asks more than a schema can say, beside instants."""

FINITE = VALUES.filter(lambda value: not isinstance(value, float) or isfinite(value))
"""Any value that JSON can have."""

NUMBERS = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**53), 2**53).map(float)
    | st.sampled_from([0.0, -0.0, 1.0, 2.0, 1e1, 1e18, 1.5, -1.0, 1e9, 2e9, 1e300])
)


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of a type's schema."""
    return Draft202012Validator(schema_of(EVENT_TYPES[name]))


def instants_of(name: str) -> set[str]:
    """Fields of a type, at any depth, whose text must be an instant."""
    schema = schema_of(EVENT_TYPES[name])
    return {
        field
        for part in (schema, *schema["$defs"].values())
        for field, said in part["properties"].items()
        if "date-time" in str(said)
    }


def assert_agreement(name: str, record: dict[str, Any]) -> None:
    """Schema, quick way and models all take a record, or none does."""
    value = encode(record)
    takes = validator(name).is_valid(record)
    assert [d.decode([value]).rejects == [] for d in (FAST, GENERAL)] == [takes] * 2


@pytest.mark.parametrize("topic", TOPICS)
@given(data=st.data(), value=NUMBERS | FINITE)
def test_a_field_of_any_value(topic: str, data: st.DataObject, value: Any) -> None:
    """One field at a time: whole-valued numbers count as integers on both sides."""
    name = data.draw(st.sampled_from(NAMES_OF[topic]))
    left = UNSAID | instants_of(name)
    field = data.draw(st.sampled_from([each for each in fields_of(name) if each[1] not in left]))
    assert_agreement(name, changed(name, [(field, [value])]))


@pytest.mark.parametrize("text", ["2.0", "2e0", "0.2e1", "20E-1", "2"])
def test_a_whole_number_however_it_is_written(text: str) -> None:
    """It is the integer that it is worth, of any field that is one, and in any figure."""
    for name, field in (("feature.used", "count"), ("seats.set", "seats")):
        value = encode(record_of(name, MINIMAL[name] | {field: 2}))
        told = b'"%s": 2' % field.encode()
        assert value.count(told) == 1
        batch = Decoder().decode([value.replace(told, told[:-1] + text.encode())])
        events: list[Any] = [*batch.events, *batch.uses]
        [event] = events
        found = getattr(event.data, field)
        assert (found, type(found)) == (2, int)


def test_whole_numbers_of_parts_and_envelope() -> None:
    """Amounts of items and the sequence are whole numbers too."""
    fields = MINIMAL["subscription.created"] | {"items": [ITEM | {"amount": 4900.0}]}
    record = record_of("subscription.created", fields, sequence=3.0)
    [event] = Decoder().decode([encode(record)]).events
    items: Any = event.data
    assert repr(items.items[0].amount) == "4900"
    assert event.sequence == Decoder().decode([encode(record | {"sequence": 3})]).events[0].sequence


def test_records_are_those_of_all_types() -> None:
    """No type is left out of the comparison."""
    assert set(RECORDS) == set(EVENT_TYPES)

"""What producers wrap events in on Kafka: taken off, with the record that each is of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import Decoder
from events.dialect import Dialect
from streams.kafka.wire import decode, plain


@dataclass
class Fetched:
    """A fetched record."""

    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    key: bytes | None = b"acme"
    offset: int = 0
    timestamp: int | None = None


def event(name: str, seats: int = 3) -> dict[str, Any]:
    """An event in our form."""
    data = {"account_id": "acme", "seats": seats}
    told = {"specversion": "1.0", "id": name, "source": "test", "type": "seats.set", "data": data}
    return told | {"time": "2026-03-01T00:00:00Z"}


def text(value: object) -> bytes:
    """JSON."""
    return json.dumps(value).encode()


def binary(told: dict[str, Any]) -> Fetched:
    """In CloudEvents' binary mode, as the Kafka protocol binding has it."""
    headers = [
        (f"ce_{name}", str(value).encode()) for name, value in told.items() if name != "data"
    ]
    return Fetched(text(told["data"]), [*headers, ("content-type", b"application/json")])


def prefixed(value: bytes) -> Fetched:
    """Behind the zero byte and the number of a schema registry."""
    return Fetched(b"\0\0\0\0\x11" + value)


ticket = {
    "specversion": "1.0",
    "id": "t1",
    "source": "desk",
    "type": "ticket.created",
    "time": "2026-03-01T00:00:00Z",
    "data": {"account_id": "acme", "ticket_id": "1", "type": "incident"},
}

FORMS = {
    "binary": binary(event("b")),
    "prefixed": prefixed(text(event("p"))),
    "batch": Fetched(text([event("x"), event("y")])),
    "prefixed batch": prefixed(text([event("x"), event("y")])),
    "header of a registry": Fetched(text(event("h")), [("__value_schema_id", b"\x01" + bytes(16))]),
}
IDS = {"binary": "b", "prefixed": "p", "batch": "xy", "prefixed batch": "xy"}
IDS["header of a registry"] = "h"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_each_form_is_an_event(form: str, place: int) -> None:
    """Wherever it lies among usual records, and whose record each event is."""
    records = [Fetched(text(event("1"))), Fetched(text(event("2")))]
    records.insert(place, FORMS[form])
    decoded = decode(Decoder(), records)
    assert not decoded.batch.rejects
    assert not decoded.batch.ignored
    found = [(each.id, decoded.owner(each.index)) for each in decoded.batch.events]
    usual = [("1", int(place == 0)), ("2", 1 + int(place < 2))]
    assert sorted(found) == sorted([*usual, *((name, place) for name in IDS[form])])
    events, places = plain(records)
    assert Decoder().decode(events).events == decoded.batch.events
    assert [decoded.owner(index) for index in range(len(events))] == list(places)


def test_own_schemas_in_binary_mode() -> None:
    """The header `ce_dataschema` is the attribute: let in by a dialect, else refused by name."""
    record = binary(event("1") | {"dataschema": "https://a.example/seats.json"})
    dialect = Dialect(dataschema_prefixes=("https://a.example/",))
    assert [each.id for each in decode(Decoder(dialect), [record]).batch.events] == ["1"]
    [reject] = decode(Decoder(), [record]).batch.rejects
    assert reject.reason == "unknown_schema_version"


def test_data_with_a_type_of_its_own() -> None:
    """A ticket in binary mode has data that looks like an event of an unknown type: amid others it
    is not counted as one."""
    records = [Fetched(text(event("1"))), binary(ticket), Fetched(text(event("2")))]
    decoded = decode(Decoder(), records)
    assert [each.type for each in decoded.batch.events] == [
        "seats.set",
        "ticket.created",
        "seats.set",
    ]
    assert not decoded.batch.ignored


def test_what_is_none_of_the_forms_is_rejected_as_it_came() -> None:
    """Avro and Protobuf behind the prefix, a broken batch, data that is no JSON: each is a letter
    with the bytes of its record, and those beside it are read."""
    odd = [
        prefixed(b"\x02\x08acme\x06"),
        prefixed(b"\x00\x0a\x04acme"),
        Fetched(b"[1, 2"),
        Fetched(b"[]"),
        Fetched(b"[{}, 2]"),
        Fetched(b"no json", binary(event("b")).headers),
    ]
    decoded = decode(Decoder(), [Fetched(text(event("1"))), *odd, FORMS["batch"]])
    assert [each.id for each in decoded.batch.events] == ["1", "x", "y"]
    raws = {decoded.owner(each.index): each.raw for each in decoded.batch.rejects}
    assert raws == {place: each.value for place, each in enumerate(odd, 1)}


def test_an_event_of_a_batch_that_is_wrong_is_a_letter_alone() -> None:
    """The others of its record are folded."""
    batch = Fetched(text([event("x"), event("y", seats=-1), event("z")]))
    decoded = decode(Decoder(), [batch])
    assert [each.id for each in decoded.batch.events] == ["x", "z"]
    [reject] = decoded.batch.rejects
    assert json.loads(reject.raw)["id"] == "y"
    assert decoded.owner(reject.index) == 0


@given(
    st.lists(
        st.builds(
            Fetched,
            st.none() | st.binary(max_size=30) | st.sampled_from([text(event("1")), b"\0", b"["]),
            st.lists(
                st.tuples(st.sampled_from(["ce_id", "ce_type", "x"]), st.none() | st.binary()),
                max_size=3,
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_records_are_all_accounted_for(records: list[Fetched]) -> None:
    """Each is an event, a letter, or ignored by name; nothing raises."""
    decoded = decode(Decoder(), records)
    seen = [each.index for each in decoded.batch.events]
    seen += [each.index for each in decoded.batch.rejects]
    counted = len(seen) + decoded.batch.ignored.total()
    assert counted >= len(decoded.values) >= len(records)
    assert {decoded.owner(index) for index in seen} <= set(range(len(records)))

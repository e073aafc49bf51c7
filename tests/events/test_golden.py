"""Stored events of every schema version decode as they always did."""

import json
from pathlib import Path

import msgspec

from events import EVENT_TYPES, UPCASTS, Decoder, Event, HotEvent
from tests.conftest import Golden
from tests.events.examples import encode, full_record

STORED = Path(__file__).parent / "golden" / "events.ndjson"


def decoded(record: object) -> dict[str, object]:
    """What the one event of a record holds, as JSON."""
    batch = Decoder().decode([encode(record)])
    assert batch.rejects == []
    found: list[Event | HotEvent] = [*batch.events, *batch.uses, *batch.sessions]
    (event,) = found
    if not isinstance(event, Event):
        fields: dict[str, object] = msgspec.to_builtins(event)
        return {name: value for name, value in fields.items() if name != "index"}
    plain = {name: getattr(event, name) for name in event.__struct_fields__ if name != "index"}
    return plain | {"data": event.data.model_dump(mode="json")}


def test_events_of_every_version(golden: Golden) -> None:
    """A record once stored is never rewritten; a new type or version adds a line."""
    records = {}
    if STORED.exists():
        for line in STORED.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            records[entry["schema"]] = entry["record"]
    for name in EVENT_TYPES:
        schema = f"{name}/{UPCASTS.current_version(name)}"
        records.setdefault(schema, full_record(name))
    lines = [
        json.dumps({"schema": schema, "record": record, "decoded": decoded(record)})
        for schema, record in sorted(records.items())
    ]
    golden("events.ndjson", "\n".join(lines) + "\n")

"""Stored events of every schema version decode as they always did."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from events import EVENT_TYPES, UPCASTS, Decoder, Envelope, Event
from events.subscription import Discount, SubscriptionItem
from tests.conftest import Golden
from tests.events.examples import encode, full_record

PARTS: Final[dict[str, type[BaseModel]]] = {"items": SubscriptionItem, "discounts": Discount}
"""The lists whose entries are models."""

STORED = Path(__file__).parent / "golden" / "events.ndjson"


def decoded(record: object) -> dict[str, object]:
    """What the one event of a record holds, as JSON."""
    batch = Decoder().decode([encode(record)])
    assert batch.rejects == []
    found: list[Any] = [*batch.events, *batch.uses, *batch.sessions]
    (event,) = found
    data = model_of(EVENT_TYPES[event.type].model, event.data).model_dump(mode="json")
    if isinstance(event, Event):
        names = [name for name in event.__struct_fields__ if name not in ("index", "told", "own")]
        return {name: getattr(event, name) for name in names} | {"data": data}
    told = {name: getattr(event, name) for name in Envelope.model_fields}
    first = {name: data[name] for name in ("account_id", "user_id")}
    return told | {"data": first | data, "effective_ms": event.effective_ms}


def model_of(model: type[BaseModel], data: object) -> BaseModel:
    """The model with the fields of decoded data, which is written as JSON by it."""
    fields = {name: getattr(data, name) for name in model.model_fields}
    for name in PARTS.keys() & fields.keys():
        fields[name] = [model_of(PARTS[name], part) for part in fields[name]]
    return model.model_construct(**fields)


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

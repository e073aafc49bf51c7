"""Records as producers' libraries put them on Kafka: run by the environment of the SDKs.

Writes one JSON object a line: form, key, headers and value, the bytes in base64.
"""

import base64
import json
import sys
from datetime import UTC, datetime
from typing import Any

from cloudevents.core.bindings import kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

DATA = {"account_id": "acme", "seats": 3}
ATTRIBUTES = {
    "specversion": "1.0",
    "id": "é-1",
    "source": "crm",
    "type": "seats.set",
    "time": datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC),
}


def packed(value: bytes | None) -> str | None:
    """Bytes as text; nothing stays nothing."""
    return None if value is None else base64.b64encode(value).decode()


def tell(form: str, value: Any, headers: Any = (), key: Any = None) -> None:
    """Writes a record."""
    key = key.encode() if isinstance(key, str) else key
    pairs = [[name, packed(text)] for name, text in dict(headers).items()]
    told = {"form": form, "key": packed(key), "headers": pairs, "value": packed(value)}
    sys.stdout.write(json.dumps(told) + "\n")


def main() -> None:
    """Tells one event in each form."""
    written = JSONFormat()
    for name, more in (("", {}), (" with a key", {"partitionkey": "acme"})):
        event = CloudEvent({**ATTRIBUTES, "datacontenttype": "application/json", **more}, DATA)
        for form, to in (("binary", kafka.to_binary), ("structured", kafka.to_structured)):
            message = to(event, written)
            tell(f"cloudevents {form}{name}", message.value, message.headers, message.key)
    text = CloudEvent({**ATTRIBUTES, "datacontenttype": "application/json"}, json.dumps(DATA))
    message = kafka.to_structured(text, written)
    tell("cloudevents structured, data as text", message.value, message.headers)
    whole = {**ATTRIBUTES, "time": "2026-03-01T12:30:15.250Z", "data": DATA}
    schema = json.dumps({"title": "Event", "type": "object"})
    serialize = JSONSerializer(schema, SchemaRegistryClient.new_client({"url": "mock://here"}))
    context = SerializationContext("tidemark.usage", MessageField.VALUE)
    tell("confluent json schema", serialize(whole, context), key="acme")


main()

"""Foreign records are told by their shape."""

from typing import Any

import pytest

from events import EVENT_TYPES
from events.checking import foreign_source
from tests.events.examples import MINIMAL, full_record, record_of

STRIPE = {"id": "evt_1", "object": "event", "type": "invoice.paid", "data": {"object": {}}}
TRACK: dict[str, Any] = {"type": "track", "event": "Opened", "userId": "u", "messageId": "m"}
CAPTURE = {"event": "opened", "distinct_id": "u", "properties": {}}
CHANGE = {"before": None, "after": {"id": 1}, "source": {"db": "app"}, "op": "c", "ts_ms": 1}


@pytest.mark.parametrize(
    ("record", "source"),
    [
        (STRIPE, "stripe"),
        ({"id": "evt_2", "object": "v2.core.event", "type": "v1.customer.updated"}, "stripe"),
        ({"version": "0", "detail-type": "invoice.paid", "detail": STRIPE}, "stripe"),
        ({"specversion": "1.0", "type": "invoice.paid", "data": STRIPE}, "stripe"),
        ({"type": "zen:event-type:ticket.created", "detail": {}, "event": {}}, "zendesk"),
        (TRACK, "segment"),
        ({"batch": [TRACK], "sentAt": "2026-01-01T00:00:00Z"}, "segment"),
        ({"path": "/v1/batch", "body": {"batch": [TRACK]}}, "segment"),
        (TRACK | {"channel": "server"}, "rudderstack"),
        (CAPTURE, "posthog"),
        ({"api_key": "k", "batch": [CAPTURE]}, "posthog"),
        ({"event_type": "Opened", "user_id": "user_1"}, "amplitude"),
        ({"api_key": "k", "events": [{"event_type": "x", "device_id": "d"}]}, "amplitude"),
        (CHANGE, "debezium"),
        ({"schema": {"type": "struct"}, "payload": CHANGE}, "debezium"),
        ({"type": "io.debezium.connector.postgresql.DataChangeEvent"}, "debezium"),
        ({"type": "RECORD", "stream": "subs", "record": {"id": 1}}, "singer"),
        ({"type": "STATE", "value": {"bookmarks": {}}}, "singer"),
        ({"type": "SCHEMA", "stream": "subs", "schema": {}}, "singer"),
        ({"type": "RECORD", "record": {"stream": "s", "data": {}, "emitted_at": 1}}, "airbyte"),
        ({"type": "STATE", "state": {"type": "STREAM"}}, "airbyte"),
        ({"type": "LOG", "log": {"level": "INFO"}}, "airbyte"),
        ({"type": "weather.rained"}, None),
        ({}, None),
        ([STRIPE], None),
        ("track", None),
    ],
)
def test_source(record: object, source: str | None) -> None:
    """Each by what only its records have, in the wrappers in which they travel too."""
    assert foreign_source(record) == source


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_ours_are_not_foreign(name: str) -> None:
    """No event of ours is taken for somebody else's."""
    assert foreign_source(full_record(name)) is None
    assert foreign_source(record_of(name, MINIMAL[name])) is None


def test_depth_is_bounded() -> None:
    """What is wrapped again and again is not followed."""
    record: dict[str, Any] = STRIPE
    for _ in range(10_000):
        record = {"data": record}
    assert foreign_source(record) is None

"""Whose records these are, where they are no events of ours: told by their shape alone."""

from collections.abc import Callable, Mapping
from typing import Any, Final

_Shape = Mapping[str, Any]

TITLES: Final = {
    "stripe": "Stripe events",
    "zendesk": "Zendesk events",
    "segment": "Segment calls",
    "rudderstack": "RudderStack calls",
    "posthog": "PostHog events",
    "amplitude": "Amplitude events",
    "debezium": "Debezium changes",
    "singer": "Singer messages",
    "airbyte": "Airbyte messages",
}
"""What the records of each source are called."""

_WRAPPERS: Final = ("batch", "events", "body", "payload", "detail", "data")
"""Fields in which gateways and clients put records, one or several."""

_DEPTH: Final = 2
"""Wrappers within each other: a logged request has a body, and that a batch."""

_CALLS: Final = frozenset({"track", "identify", "group", "page", "screen", "alias"})
_SINGER: Final = frozenset({"RECORD", "SCHEMA", "STATE", "ACTIVATE_VERSION", "BATCH"})
_AIRBYTE: Final = frozenset({"RECORD", "STATE", "LOG", "TRACE", "CATALOG", "SPEC", "CONTROL"})


def foreign_source(record: object) -> str | None:
    """Returns the source whose record it is, one of ``TITLES``; None if that is not known.

    A body with a batch is what its first record is.

    >>> foreign_source({"object": "event", "type": "invoice.paid", "data": {"object": {}}})
    'stripe'
    >>> foreign_source({"specversion": "1.0", "type": "invoice.paid", "data": {}}) is None
    True
    """
    return _source_of(record, _DEPTH)


def _source_of(record: object, depth: int) -> str | None:
    if not isinstance(record, Mapping):
        return None
    found = next((name for name, is_of in _SHAPES.items() if is_of(record)), None)
    for name in _WRAPPERS if depth and found is None else ():
        inner = record.get(name)
        one = inner[0] if isinstance(inner, list) and inner else inner
        found = found or _source_of(one, depth - 1)
    return found


def _kind(record: _Shape) -> str:
    kind = record.get("type")
    return kind if isinstance(kind, str) else ""


def _is_stripe(record: _Shape) -> bool:
    return record.get("object") in ("event", "v2.core.event") and "type" in record


def _is_zendesk(record: _Shape) -> bool:
    return _kind(record).startswith("zen:event-type:") or "zendesk_event_version" in record


def _is_call(record: _Shape) -> bool:
    return _kind(record) in _CALLS and bool({"messageId", "anonymousId"} & record.keys())


def _is_rudderstack(record: _Shape) -> bool:
    return _is_call(record) and bool({"channel", "rudderId"} & record.keys())


def _is_posthog(record: _Shape) -> bool:
    return "distinct_id" in record and "event" in record


def _is_amplitude(record: _Shape) -> bool:
    return "event_type" in record and bool({"user_id", "device_id"} & record.keys())


def _is_debezium(record: _Shape) -> bool:
    if _kind(record).startswith("io.debezium."):
        return True
    inner = record.get("payload")
    change = inner if isinstance(inner, Mapping) and "schema" in record else record
    return "op" in change and "source" in change and bool({"before", "after"} & change.keys())


def _is_singer(record: _Shape) -> bool:
    kind = _kind(record)
    return kind in _SINGER and ("value" if kind == "STATE" else "stream") in record


def _is_airbyte(record: _Shape) -> bool:
    kind = _kind(record)
    return kind in _AIRBYTE and isinstance(record.get(kind.lower()), Mapping)


_SHAPES: Final[dict[str, Callable[[_Shape], bool]]] = {
    "stripe": _is_stripe,
    "zendesk": _is_zendesk,
    "rudderstack": _is_rudderstack,
    "segment": _is_call,
    "posthog": _is_posthog,
    "amplitude": _is_amplitude,
    "debezium": _is_debezium,
    "singer": _is_singer,
    "airbyte": _is_airbyte,
}
"""How each is told, the narrower shape first."""

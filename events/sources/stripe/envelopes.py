"""What events come in: lists of the API, AWS EventBridge, Azure Event Grid; and what is none."""

from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec

from events.errors import UNREADABLE
from events.sources.records import Record, parts
from events.sources.source import GapError


class _Page(msgspec.Struct):
    object: Literal["list"]
    data: list[msgspec.Raw]


class _Wrapped(msgspec.Struct):
    """EventBridge has the event as ``detail``, Event Grid as ``data`` of a CloudEvent."""

    object: Any = None
    type: Any = None
    id: Any = None
    detail: msgspec.Raw = msgspec.Raw()
    data: msgspec.Raw = msgspec.Raw()
    specversion: Any = None


_page: Final = msgspec.json.Decoder(_Page).decode
_wrapped: Final = msgspec.json.Decoder(_Wrapped).decode
BEGINS_WITH_ID: Final = b'{"id"'
"""How a list never begins, and an event nearly always: it saves to read it all."""


def events_in(record: Record) -> Iterator[Record]:
    """Yields the events of a list of the API, or the record itself."""
    try:
        page = _page(record.raw)
    except UNREADABLE:
        yield record
    else:
        yield from parts(record, page.data)


def unwrapped(raw: bytes) -> bytes | None:
    """Returns the event in an envelope, or None for an event by itself.

    Raises:
        GapError: If it is no event with its object.
    """
    try:
        found = _wrapped(raw)
    except msgspec.ValidationError as error:
        raise GapError("not_an_object", "JSON objects, one an event") from error
    except UNREADABLE as error:
        raise GapError("unreadable", "JSON in UTF-8") from error
    if found.object == "event":
        return None
    if found.object == "v2.core.event":
        raise GapError(
            "thin_event",
            "an event destination with snapshot payloads: a thin event does not say what changed",
            found.id if isinstance(found.id, str) else None,
        )
    inner = bytes(found.detail) or (bytes(found.data) if found.specversion is not None else b"")
    if inner.startswith(b"{"):
        return inner
    if isinstance(found.object, str):
        raise GapError(
            "not_an_event",
            "events: an object by itself does not say since when it is so; lists of prices, "
            "coupons, discounts, customers and invoice payments are given by options",
        )
    raise GapError("not_an_event", "events of Stripe")


def kind_of(raw: bytes) -> tuple[str, str | None]:
    """Returns type and id of an event whose object is none that is read here.

    Raises:
        GapError: If it has no type.
    """
    found = _wrapped(raw)
    event_id = found.id if isinstance(found.id, str) else None
    if not isinstance(found.type, str):
        raise GapError("not_an_event", "events of Stripe", event_id)
    return found.type, event_id

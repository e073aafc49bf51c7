"""What is posted to ``/v1/events``: one event, a batch, lines, or CloudEvents in binary mode."""

from collections.abc import Mapping, Sized
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from events.dialect import BYTE_ORDER_MARK
from events.errors import UNREADABLE, TidemarkError

_ATTRIBUTE: Final = "ce-"
"""Before the attributes of an event in binary mode, in the names of headers."""

EVENTS_MAX: Final = 40_000
"""In a body: an event has some hundred bytes at least, and what is none is to take no longer."""

_raws: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode


class PostedError(TidemarkError):
    """A body holds no events; the message says why."""


_OF_NO_OTHER: Final = ("same-origin", "none")
"""What a browser says of a request that no page of another site made."""


def is_of_another_site(headers: Mapping[str, str]) -> bool:
    """Returns whether a page of another site has somebody's browser send this.

    A browser lets any page post text to any address that it reaches, loopback among them. It says
    so in ``Sec-Fetch-Site`` or at least in ``Origin``; what is no browser sends neither.
    """
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if site is not None:
        return site not in _OF_NO_OTHER
    return origin is not None and origin.partition("://")[2] != headers.get("Host")


def events_of(headers: Mapping[str, str], body: bytes) -> list[bytes]:
    """Cuts a body into events, each a line of JSON; whether they are well-formed is not looked at.

    An object is one event, an array a batch (``application/cloudevents-batch+json``), several lines
    are one event each. Headers ``ce-...`` are the attributes of an event whose data is the body.

    Raises:
        PostedError: If it is neither, or holds too many.
    """
    events = _cut(headers, body.removeprefix(BYTE_ORDER_MARK))
    _check_number(events)
    return events


def _check_number(events: Sized) -> None:
    if len(events) > EVENTS_MAX:
        raise PostedError(f"a body has at most {EVENTS_MAX} events: send fewer at a time")


def _cut(headers: Mapping[str, str], body: bytes) -> list[bytes]:
    if not body.strip():
        raise PostedError("the body is empty")
    attributes = {
        name.lower().removeprefix(_ATTRIBUTE): unquote(value)
        for name, value in headers.items()
        if name.lower().startswith(_ATTRIBUTE)
    }
    if attributes:
        return [_binary(attributes, body)]
    if body.lstrip()[:1] == b"[":
        try:
            raws = _raws(body)
        except UNREADABLE as error:
            raise PostedError("it is no JSON array") from error
        _check_number(raws)  # before each is looked at: millions fit a body
        return [_line(bytes(raw)) for raw in raws]
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except UNREADABLE:
        return [line for line in body.split(b"\n") if not line.isspace() and line]
    return [_line(body)]


def _line(event: bytes) -> bytes:
    """Returns an event without line breaks, its numbers as they were written."""
    return msgspec.json.format(event, indent=-1) if b"\n" in event else event


def _binary(attributes: dict[str, Any], body: bytes) -> bytes:
    try:
        data = msgspec.json.decode(body, type=msgspec.Raw)
    except UNREADABLE as error:
        raise PostedError("headers ce-... say that the body is data, and it is no JSON") from error
    try:
        return msgspec.json.encode({**attributes, "data": data})
    except UnicodeEncodeError as error:
        raise PostedError("headers ce-... are not all UTF-8") from error

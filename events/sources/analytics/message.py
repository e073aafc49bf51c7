"""A message of a product analytics tool: untyped JSON, read field by field or told as a gap."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import IO, Any, Final

import msgspec

from events.errors import UNREADABLE
from events.instant import BAND_END_MS, BAND_START_MS, parse_instant
from events.sources.records import Record, json_records, parts
from events.sources.source import GapError

_DIGEST_BYTES: Final = 16
_DATE_CHARS: Final = 10
_OFFSET_CHARS: Final = 6

Message = dict[str, Any]

_decode: Final = msgspec.json.Decoder().decode
_raws: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_list: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode


def messages(name: str, file: IO[bytes], *fields: str) -> Iterator[Record]:
    """Yields the messages of a file: what lists in some fields of objects hold, else the objects.

    Args:
        name: What the file is called.
        file: Its bytes, from the beginning.
        fields: Names of the fields that may have the list.
    """
    for record in json_records(name, file):
        held = _held(record, fields)
        if held is None:
            yield record
        else:
            yield from parts(record, held)


def _held(record: Record, fields: tuple[str, ...]) -> list[msgspec.Raw] | None:
    """Returns the messages that a body holds, or None if it is a message itself."""
    if not any(b'"%s"' % field.encode() in record.raw for field in fields):
        return None
    try:
        body = _raws(record.raw)
        return next((_list(body[field]) for field in fields if field in body), None)
    except UNREADABLE:
        return None


def message_of(record: Record) -> Message:
    """Returns the message that a record is.

    Raises:
        GapError: If it is no JSON object.
    """
    try:
        message = _decode(record.raw)
    except UNREADABLE as error:
        raise GapError("invalid_json", "JSON in UTF-8") from error
    if not isinstance(message, dict):
        raise GapError("not_an_object", "a JSON object for each message")
    return message


def section(message: Message, field: str) -> Message:
    """Returns the object in a field; an empty one if there is none.

    Raises:
        GapError: If something else is there.
    """
    value = message.get(field)
    if value is None:
        return {}
    if isinstance(value, str) and value[:1] == "{":
        # Exports to databases and CSV have objects as text.
        try:
            value = _decode(value)
        except UNREADABLE:
            value = None
    if not isinstance(value, dict):
        raise GapError("invalid_field", f"an object as `{field}`")
    return value


def identifier(value: object, field: str) -> str | None:
    """Returns an id as text; None if there is none, or an empty one.

    Raises:
        GapError: If it is neither text nor a whole number.

    >>> identifier("user_3", "userId"), identifier(3, "userId"), identifier("", "userId")
    ('user_3', '3', None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise GapError("invalid_id", f"text or a whole number as `{field}`")


def instant_ms(value: object, field: str) -> int:
    """Returns an instant in ms since the epoch, written as RFC 3339 or as a whole number of ms.

    All four tools document their times as UTC; so one without an offset is.

    Raises:
        GapError: If it is something else, or not of the years 2000 to 2099.

    >>> instant_ms("2026-02-01 00:00:00.5", "event_time")
    1769904000500
    """
    if isinstance(value, int) and not isinstance(value, bool) and value < BAND_END_MS:
        if value >= BAND_START_MS:
            return value
    elif isinstance(value, str):
        text = value[:_DATE_CHARS] + "T" + value[_DATE_CHARS + 1 :]
        if text[-1:] not in ("Z", "z") and text[-_OFFSET_CHARS : -_OFFSET_CHARS + 1] not in (
            "+",
            "-",
        ):
            text += "Z"
        try:
            return parse_instant(text)
        except ValueError:
            pass
    raise GapError("invalid_time", f"a time of the years 2000 to 2099 as `{field}`")


def digest(*texts: str | bytes) -> str:
    """Returns a short name for what has none: the same for the same texts."""
    found = blake2b(digest_size=_DIGEST_BYTES)
    for text in texts:
        content = text.encode() if isinstance(text, str) else text
        found.update(b"%d:" % len(content) + content)
    return found.hexdigest()


def message_id(record: Record, value: object, field: str) -> str:
    """Returns the id of a message: its own, else one that follows from its bytes."""
    return identifier(value, field) or digest(record.raw)

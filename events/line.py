"""The topic of one NDJSON line, found without validating it."""

import msgspec

from events.registry import topic_of


class _Retracted(msgspec.Struct, frozen=True, gc=False):
    retracts_type: str | None = None


class _TypeOnly(msgspec.Struct, frozen=True, gc=False):
    type: str
    data: _Retracted = _Retracted()


_decode = msgspec.json.Decoder(_TypeOnly).decode


def decode_line_topic(line: bytes, type_prefix: str = "") -> str | None:
    """Find which topic an event belongs to.

    Args:
        line: One event as JSON.
        type_prefix: Taken off the types where present.

    Returns:
        Short name of the topic, or None if the line does not say. A retraction without
        `retracts_type` may concern any of `RETRACTION_TOPICS`.

    >>> decode_line_topic(b'{"type": "ticket.created"}')
    'ticket'
    """
    try:
        found = _decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    retracted = found.data.retracts_type
    name = found.type.removeprefix(type_prefix)
    if retracted is None:
        return topic_of(name)
    return topic_of(name, {"retracts_type": retracted.removeprefix(type_prefix)})

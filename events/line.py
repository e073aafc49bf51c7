"""The topic of one NDJSON line, found without validating it."""

import msgspec

from events.dialect import PLAIN, Dialect
from events.registry import topic_of


class _Retracted(msgspec.Struct, frozen=True, gc=False):
    retracts_type: str | None = None


class _TypeOnly(msgspec.Struct, frozen=True, gc=False):
    type: str
    data: _Retracted = _Retracted()


_decode = msgspec.json.Decoder(_TypeOnly).decode


def decode_line_topic(line: bytes, dialect: Dialect = PLAIN) -> str | None:
    """Find which topic an event belongs to.

    Args:
        line: One event as JSON.
        dialect: How producers write events.

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
    name = dialect.name_of(found.type)
    if retracted is None:
        return topic_of(name)
    return topic_of(name, {"retracts_type": dialect.name_of(retracted)})

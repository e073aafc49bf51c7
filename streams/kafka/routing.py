"""Where lines of a file go: each event to its topic, keyed by account, so that joins stay local.

A line without a topic or a key is a bad one, with its reason: nothing is lost. What else is wrong
inside an event is for the worker to find, as with any other producer, unless the number of bad
lines is to be bounded: then all of an event is looked at before it is sent.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from events import EVENT_RETRACTED, EVENT_TYPES, RETRACTION_TOPICS, Decoder, topic_of
from events.dialect import PLAIN, Dialect
from events.errors import no_json


class Routed(NamedTuple):
    """A line that is sent: short name of the topic, key, and the line."""

    topic: str
    key: str
    line: bytes


class Bad(NamedTuple):
    """A line that is no event, or has no place to go.

    Attributes:
        number: Its number in the file.
        line: The line.
        reason: A slug to count by.
        detail: What is wrong, in words.
    """

    number: int
    line: bytes
    reason: str
    detail: str


class _Data(msgspec.Struct, frozen=True, gc=False):
    account_id: str | None = None
    into_account_id: str | None = None
    retracts_type: str | None = None


class _Routing(msgspec.Struct, frozen=True, gc=False):
    type: str
    subject: str | None = None
    data: _Data = _Data()


_decode = msgspec.json.Decoder(_Routing).decode


class Router:
    """Says where lines go, until too many are bad.

    Attributes:
        stopped_at: Number of the bad line that was one too many; None while there are fewer.
    """

    def __init__(self, dialect: Dialect = PLAIN, bad_lines_max: int | None = None) -> None:
        """Takes how lines are looked at.

        Args:
            dialect: How producers write events.
            bad_lines_max: After so many bad lines no more are routed; None to look at no more of a
                line than where it goes.
        """
        self.stopped_at: int | None = None
        self._dialect = dialect
        self._bad_lines_max = bad_lines_max
        self._bad_lines = 0
        self._decoder = None if bad_lines_max is None else Decoder(dialect)

    def route(self, lines: Sequence[bytes], numbers: Sequence[int]) -> Iterator[Routed | Bad]:
        """Yields what becomes of lines: one is told of under each topic and key that it goes to.

        Args:
            lines: One event each.
            numbers: Their numbers in the file.
        """
        rejects = [] if self._decoder is None else self._decoder.decode(lines).rejects
        refused = {reject.index: reject for reject in rejects}
        for index, (number, line) in enumerate(zip(numbers, lines, strict=True)):
            bad = refused.get(index)
            if bad is None:
                routed = list(self._routes(number, line.strip()))
            else:
                routed = [Bad(number, line.strip(), bad.reason, bad.detail)]
            yield from routed
            self._bad_lines += isinstance(routed[0], Bad)
            if self._bad_lines_max is not None and self._bad_lines >= self._bad_lines_max:
                self.stopped_at = number
                return

    def _routes(self, number: int, line: bytes) -> Iterator[Routed | Bad]:
        try:
            event = _decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            yield Bad(number, line, *_unplaced(error))
            return
        name = self._dialect.name_of(event.type)
        topics = _topics_of(name, event.data, self._dialect)
        keys = _keys_of(name, event, line)
        if not topics:
            yield Bad(number, line, "unknown_type", "no topic takes events of this type")
        elif not keys:
            yield Bad(number, line, "no_key", "needs data.account_id or subject")
        for topic in topics:
            for key in keys:
                yield Routed(topic, key, line)


def _unplaced(error: Exception) -> tuple[str, str]:
    """Returns reason and detail of a line of which no type or account can be read."""
    if isinstance(error, msgspec.ValidationError):
        return "invalid_envelope", "type must be text and data an object, with ids that are text"
    return "invalid_json", no_json(error)


def _topics_of(name: str, data: _Data, dialect: Dialect) -> tuple[str, ...]:
    if name != EVENT_RETRACTED:
        topic = topic_of(name)
    elif data.retracts_type is None:
        return RETRACTION_TOPICS
    else:
        topic = topic_of(name, {"retracts_type": dialect.name_of(data.retracts_type)})
    return (topic,) if topic else ()


def _keys_of(name: str, event: _Routing, line: bytes) -> tuple[str, ...]:
    """Returns the keys of an event: an account's merge travels under both accounts."""
    key = event.data.account_id or event.subject
    if key is None and name in EVENT_TYPES and EVENT_TYPES[name].model.ENTITY is not None:
        own = msgspec.json.decode(line).get("data", {}).get(EVENT_TYPES[name].model.ENTITY)
        key = own if isinstance(own, str) else None
    into = event.data.into_account_id
    return tuple(dict.fromkeys(found for found in (key, into) if found))

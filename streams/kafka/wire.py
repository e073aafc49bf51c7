"""Forms in which producers wrap events on Kafka, taken off before an event is decoded.

- CloudEvents in binary mode: attributes are headers ``ce_...``, the value is the data.
- The prefix of a schema registry before JSON: a zero byte and a schema's number, or the number in a
  header, which needs nothing.
- A CloudEvents batch: an array of events in one record.

Usual records are events as they are, and are not looked at a second time: only when the first or
the last of a run is wrapped, or one could not be read, is each looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec

from events import Batch, Decoder
from events.codec import UNKNOWN_TYPE
from events.errors import UNREADABLE
from streams.kafka.runs import Record

_ATTRIBUTE: Final = "ce_"
_REGISTRY: Final = b"\0"
_PREFIX_BYTES: Final = 5
"""Of a schema registry: a zero byte and the number of a schema."""

_raws: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class Decoded:
    """What records hold.

    Attributes:
        batch: Their events; an ``index`` in it is a place in ``values``.
        values: The events as they were decoded.
        owners: Place of the record that each is of; None where each is one.
    """

    batch: Batch
    values: Sequence[bytes | None]
    owners: Sequence[int] | None = None

    def owner(self, index: int) -> int:
        """Returns the place of the record that an event is of."""
        return index if self.owners is None else self.owners[index]


def decode(decoder: Decoder, records: Sequence[Record]) -> Decoded:
    """Decodes records, whatever they are wrapped in; there is one at least."""
    if not (_is_wrapped(records[0]) or _is_wrapped(records[-1])):
        values = [record.value for record in records]
        batch = decoder.decode(values)
        unread = (records[reject.index] for reject in batch.rejects)
        # Data in binary mode may have a type of its own, and look like an event of another kind.
        suspects: Iterable[Record] = records if batch.ignored[UNKNOWN_TYPE] else unread
        if not any(map(_is_wrapped, suspects)):
            return Decoded(batch, values)
    taken: list[bytes | None] = []
    owners: list[int] = []
    for place, record in enumerate(records):
        events = _events(record)
        taken += events
        owners += [place] * len(events)
    return Decoded(decoder.decode(taken), taken, owners)


def plain(records: Sequence[Record]) -> tuple[list[bytes], Sequence[int]]:
    """Returns the events of records, whatever they are wrapped in, without tombstones.

    Returns:
        The events, and the place of the record that each is of.
    """
    values = [record.value for record in records]
    if None not in values and not any(map(_is_wrapped, records)):
        return cast(list[bytes], values), range(len(values))
    found = [
        (value, place)
        for place, record in enumerate(records)
        for value in _events(record)
        if value is not None
    ]
    return [value for value, _ in found], [place for _, place in found]


def _is_wrapped(record: Record) -> bool:
    value = record.value
    if not value:
        return False
    if value[:1] in (_REGISTRY, b"["):
        return True
    headers = record.headers  # most have none
    return bool(headers) and any(name.startswith(_ATTRIBUTE) for name, _ in headers)


def _events(record: Record) -> Sequence[bytes | None]:
    """Returns the events that a record holds; what is none of the forms stays as it is."""
    value = record.value
    if value and value[:1] == _REGISTRY and value[_PREFIX_BYTES : _PREFIX_BYTES + 1] in b"{[":
        value = value[_PREFIX_BYTES:]
    try:
        if attributes := _attributes(record):
            return [msgspec.json.encode({**attributes, "data": msgspec.Raw(_checked(value))})]
        if value and value[:1] == b"[":
            raws = [bytes(raw) for raw in _raws(value)]
            if raws and all(raw[:1] == b"{" for raw in raws):
                return raws
    except UNREADABLE:
        pass
    return [value]


def _attributes(record: Record) -> dict[str, Any]:
    return {
        name.removeprefix(_ATTRIBUTE): value.decode()
        for name, value in record.headers
        if name.startswith(_ATTRIBUTE) and value is not None
    }


def _checked(value: bytes | None) -> bytes:
    """Returns JSON that can be put into JSON."""
    msgspec.json.decode(value or b"", type=msgspec.Raw)
    return value or b""

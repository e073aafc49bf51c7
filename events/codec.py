"""Bytes to events, a batch at a time; a bad record becomes a reject and never an exception.

Two ways lead to the same result. Every record can be read by the pydantic models, which have the
last word. The hot types, most of all traffic, are first tried by typed msgspec decoders that accept
a subset of what the models accept; whatever they refuse goes to the models. They do not count
unknown fields, since that would cost more than the decoding: `unknown_field` covers the records
that the models read.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from pydantic import ValidationError

from events.envelope import Envelope, EventData
from events.errors import TidemarkError
from events.event import Batch, Event, Reject, sort_key_of
from events.fields import TIMESTAMP_OUT_OF_BAND
from events.hot import HOT_TYPES, HotEvent, HotType
from events.instants import parse_instants
from events.registry import EVENT_RETRACTED, EVENT_TYPES, USAGE, EventType, topic_of
from events.unknown_fields import count_unknown_fields
from events.upcasts import UPCASTS, UnknownSchemaVersionError, Upcasts

RECORD_BYTES_MAX: Final = 1_048_576
"""Kafka's own default limit for a record; more is no event but a payload gone astray."""

HOT_BYTES_MAX: Final = 4096
"""Longest record for the fast decoders, some ten times a usual one.

Below it no number can be too long to be read (Python's limit is 4,300 digits), so both ways agree
on what lies in unknown fields.
"""

DETAIL_CHARS_MAX: Final = 300
"""Length of a reject's detail: a log line, not a document. The record itself is kept whole."""

DETAIL_ERRORS_MAX: Final = 3
"""Errors named in a reject's detail."""

UNKNOWN_TYPE: Final = "unknown_type"
UNKNOWN_FIELD: Final = "unknown_field"
TEST_MODE: Final = "test_mode"

_HOT: Final = {hot.name: hot for hot in HOT_TYPES}


class RejectedError(TidemarkError):
    """A record is no event; caught by the decoder."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail[:DETAIL_CHARS_MAX]


class Decoder:
    """Decodes batches of records of one topic, or of all."""

    def __init__(
        self,
        type_prefix: str = "",
        *,
        topic: str | None = None,
        record_bytes_max: int = RECORD_BYTES_MAX,
        upcasts: Upcasts = UPCASTS,
    ) -> None:
        """Set what the decoder takes off, lets in and lifts.

        Args:
            type_prefix: Taken off the types where present, such as `com.example.`.
            topic: Short name of the topic that is read; None for a mixed file.
            record_bytes_max: Longer records are rejected.
            upcasts: Steps between schema versions.
        """
        self._prefix = type_prefix
        self._topic = topic
        self._bytes_max = record_bytes_max
        self._upcasts = upcasts
        # Any JSON value; numbers out of a float's range become infinite, which the models refuse
        # where they look and ignore where they do not.
        self._any = msgspec.json.Decoder(float_hook=float)
        # How a hot type's name stands in a record, what decodes it, and where it goes.
        self._hot = [
            (f'"{type_prefix}{hot.name}"'.encode(), hot.decoder(type_prefix), hot.sink)
            for hot in HOT_TYPES
            if topic in (None, EVENT_TYPES[hot.name].topic)
            and upcasts.current_version(hot.name) == 1
        ]
        self._hot_bytes_max = min(HOT_BYTES_MAX, record_bytes_max) if self._hot else 0

    def decode(self, values: Sequence[bytes | None]) -> Batch:
        """Decode a run of records.

        Args:
            values: Record values as read; None is a tombstone and is rejected.

        Returns:
            What they hold, each kind in the order of the records.
        """
        batch = Batch()
        routes = [(mark, decode, getattr(batch, sink).append) for mark, decode, sink in self._hot]
        bytes_max = self._hot_bytes_max
        for index, value in enumerate(values):
            if not value or len(value) > bytes_max:
                self._decode_into(batch, index, value)
                continue
            # Looking for a name costs less than the exception of a wrong guess, and `find` half of
            # what `in` does.
            for route in routes:
                if value.find(route[0]) >= 0:
                    break
            else:
                self._decode_into(batch, index, value)
                continue
            _, decode, keep = route
            try:
                if not value.isascii():
                    value.decode()
                event = decode(value)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                self._decode_into(batch, index, value)
                continue
            event.index = index
            keep(event)
        for hot in HOT_TYPES:
            self._complete(batch, hot, values)
        return batch

    def _complete(self, batch: Batch, hot: HotType, values: Sequence[bytes | None]) -> None:
        """Set what the fast decoder leaves open in events of one type; take out what is none."""
        events: list[HotEvent] = getattr(batch, hot.sink)
        wrong, tests = [], []
        for event, time_ms in zip(events, parse_instants([e.time for e in events]), strict=True):
            data, effective_ms = event.data, time_ms
            if data.effective_at is not None and time_ms is not None:
                (effective_ms,) = parse_instants([data.effective_at])
            if effective_ms is None:
                wrong.append(event.index)
            elif data.livemode:
                event.effective_ms = effective_ms
            else:
                tests.append(event.index)
        if self._prefix:
            for event in events:
                event.type = hot.name
        if wrong or tests:
            out = {*wrong, *tests}
            events[:] = [event for event in events if event.index not in out]
            batch.ignored.update([TEST_MODE] * len(tests))
            for index in wrong:  # the models say what is wrong
                self._decode_into(batch, index, values[index])
            batch.rejects.sort(key=lambda reject: reject.index)

    def _decode_into(self, batch: Batch, index: int, value: bytes | None) -> None:
        try:
            record = self._parse(value)
            kind = self._kind_of(record)
            if kind is None:
                batch.ignored[UNKNOWN_TYPE] += 1
                return
            data = self._normalise(record, kind)
            if data.get("livemode") is False:
                batch.ignored[TEST_MODE] += 1
                return
            envelope = _validate(kind, record)
            self._check_topic(kind, envelope.data)
            hot = _HOT.get(kind.name)
            if hot is not None:
                getattr(batch, hot.sink).append(hot.event_of(record, envelope, index))
            else:
                batch.events.append(_event_of(kind.name, envelope, index))
            unknown = count_unknown_fields(record, kind.model)
            if unknown:
                batch.ignored[UNKNOWN_FIELD] += unknown
        except RejectedError as rejected:
            batch.rejects.append(Reject(index, rejected.reason, rejected.detail, value or b""))

    def _parse(self, value: bytes | None) -> dict[str, Any]:
        if not value:
            raise RejectedError("empty", "no value")
        if len(value) > self._bytes_max:
            raise RejectedError("too_large", f"{len(value)} bytes, at most {self._bytes_max}")
        try:
            record = self._any.decode(value)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise RejectedError("invalid_json", str(error)) from error
        if not isinstance(record, dict):
            raise RejectedError("not_an_object", "an event is a JSON object")
        return record

    def _kind_of(self, record: dict[str, Any]) -> EventType | None:
        """Find the type, and leave it in the record without the prefix; None if unknown."""
        name = record.get("type")
        if not isinstance(name, str) or not name:
            raise RejectedError("invalid_envelope", "type: Input should be a non-empty string")
        record["type"] = name = name.removeprefix(self._prefix)
        return EVENT_TYPES.get(name)

    def _normalise(self, record: dict[str, Any], kind: EventType) -> dict[str, Any]:
        """Bring the data to the current schema, its entity's id filled in from the subject."""
        data = record.get("data")
        if not isinstance(data, dict):
            raise RejectedError("invalid_envelope", "data: Input should be an object")
        dataschema = record.get("dataschema")
        if dataschema is None or isinstance(dataschema, str):
            try:
                data = self._upcasts.apply(kind.name, dataschema, data)
            except UnknownSchemaVersionError as error:
                raise RejectedError("unknown_schema_version", f"dataschema: {error}") from error
        entity = kind.model.ENTITY
        if entity is not None and data.get(entity) is None and record.get("subject") is not None:
            data[entity] = record["subject"]
        if kind.name == EVENT_RETRACTED and isinstance(data.get("retracts_type"), str):
            data["retracts_type"] = data["retracts_type"].removeprefix(self._prefix)
        record["data"] = data
        return data

    def _check_topic(self, kind: EventType, data: EventData) -> None:
        topic = kind.topic
        if kind.name == EVENT_RETRACTED:
            topic = topic_of(kind.name, data.model_dump(include={"retracts_type"}))
            if USAGE in (topic, self._topic):
                raise RejectedError("not_retractable", "a usage event cannot be retracted")
        if self._topic is not None and topic not in (None, self._topic):
            raise RejectedError("wrong_topic", f"type: belongs to {topic}")


def _validate(kind: EventType, record: dict[str, Any]) -> Envelope[str, EventData]:
    try:
        return kind.validate(record)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        if all(each["type"] == TIMESTAMP_OUT_OF_BAND for each in errors):
            reason = TIMESTAMP_OUT_OF_BAND
        elif any(each["loc"][:1] == ("data",) for each in errors):
            reason = "invalid_data"
        else:
            reason = "invalid_envelope"
        detail = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            for each in errors[:DETAIL_ERRORS_MAX]
        )
        raise RejectedError(reason, detail) from error


def _event_of(name: str, envelope: Envelope[str, EventData], index: int) -> Event:
    data = envelope.data
    key = data.account_id or envelope.subject or data.own_key()
    if key is None:
        raise RejectedError("no_key", "needs data.account_id or subject")
    return Event(
        type=name,
        id=envelope.id,
        source=envelope.source,
        time_ms=envelope.time,
        effective_ms=envelope.time if data.effective_at is None else data.effective_at,
        sequence=sort_key_of(envelope.sequence),
        key=key,
        account_id=data.account_id,
        subject=envelope.subject,
        data=data,
        index=index,
    )

"""Bytes to events, a batch at a time; a bad record becomes a reject and never an exception.

Two ways lead to the same result. Every record can be read by the pydantic models, which have the
last word. All are first tried by structs made from the models (``events.quick``), which accept a
subset of what the models accept; whatever they refuse goes to the models. Of the hot types alone
they let unknown fields pass, which counting would make dear: `unknown_field` covers all others.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, Final, cast

import msgspec
from msgspec.structs import force_setattr
from pydantic import ValidationError

from events.dialect import PLAIN, Dialect
from events.envelope import AnyEnvelope, EventData
from events.errors import TidemarkError, no_json
from events.event import NONE_OWN, Batch, Reject, event_of, key_of
from events.fields import TIMESTAMP_OUT_OF_BAND
from events.forms import form_of
from events.found import Found, alike, finished, found_of
from events.hot import complete, hot_of
from events.quick import QuickReader
from events.records import HOT_TYPES, HotEvent, record_of
from events.registry import EVENT_RETRACTED, EVENT_TYPES, USAGE, EventType, topic_of
from events.retraction import EventRetracted
from events.unknown_fields import unknown_fields
from events.upcasts import UPCASTS, UnknownSchemaVersionError, Upcasts
from events.violations import Violation, not_of, violations_of

RECORD_BYTES_MAX: Final = 1_048_576
"""Kafka's own default limit for a record; more is no event but a payload gone astray."""

DETAIL_CHARS_MAX: Final = 300
"""Length of a reject's detail: a log line, not a document. The record itself is kept whole."""

DETAIL_ERRORS_MAX: Final = 3
"""Errors named in a reject's detail."""

_INDEX: Final = attrgetter("index")

UNKNOWN_TYPE: Final = "unknown_type"
UNKNOWN_FIELD: Final = "unknown_field"
TEST_MODE: Final = "test_mode"
TOMBSTONE: Final = "tombstone"


class RejectedError(TidemarkError):
    """A record is no event; caught by the decoder."""

    def __init__(self, reason: str, *said: str | Violation) -> None:
        super().__init__(reason, *said)
        self.reason = reason
        self.detail = "; ".join(map(str, said[:DETAIL_ERRORS_MAX]))[:DETAIL_CHARS_MAX]
        self.violations = tuple(each for each in said if isinstance(each, Violation))


class Decoder:
    """Decodes batches of records of one topic, or of all."""

    def __init__(
        self,
        dialect: Dialect = PLAIN,
        *,
        topic: str | None = None,
        record_bytes_max: int = RECORD_BYTES_MAX,
        upcasts: Upcasts = UPCASTS,
    ) -> None:
        """Set what the decoder takes off, lets in and lifts.

        Args:
            dialect: How producers write events.
            topic: Short name of the topic that is read; None for a mixed file.
            record_bytes_max: Longer records are rejected.
            upcasts: Steps between schema versions.
        """
        self._dialect = dialect
        self._topic = topic
        self._bytes_max = record_bytes_max
        self._upcasts = upcasts
        self._quick = QuickReader(dialect, topic, record_bytes_max, upcasts)
        # Any JSON value; numbers out of a float's range become infinite, which the models refuse
        # where they look and ignore where they do not.
        self._any = msgspec.json.Decoder(float_hook=float)

    def decode(self, values: Sequence[bytes | None]) -> Batch:
        """Decode a run of records.

        Args:
            values: Record values as read; None is a tombstone, which is ignored.

        Returns:
            What they hold, each kind in the order of the records.
        """
        batch, found = Batch(), found_of(self._quick.read(values))
        hot = {record_of(name, self._dialect): sink for name, sink in HOT_TYPES.items()}
        self._build(batch, [each for each in found if type(each[0]) not in hot], values)
        for struct, sink in hot.items():
            own = [each for each in found if type(each[0]) is struct]
            self._complete(batch, struct.kind, own, getattr(batch, sink), values)
        return batch

    def rejects(self, values: Sequence[bytes | None]) -> list[Reject]:
        """Return the rejects of `decode`, a fifth sooner: no events are made."""
        batch = Batch()
        for group in alike(found_of(self._quick.read(values))):
            for index in self._doubtful(group):
                self._decode_into(batch, index, values[index])
        batch.rejects.sort(key=_INDEX)
        return batch.rejects

    def _doubtful(self, found: Sequence[Found]) -> Iterable[int]:
        """Return the places of those among records of one type that are left to the models."""
        if found[0][0] is None:
            return [index for _, _, index in found]
        kind: EventType = found[0][0].kind
        if kind.name in HOT_TYPES:
            return complete(found, kind.model)[0]
        _, wrong = finished(found)
        return [
            index
            for place, (record, time_ms, index) in enumerate(found)
            if time_ms is None
            or place in wrong
            or key_of(record, record.data) is None
            or not self._belongs(kind, record.data)
            if record.data.livemode is not False
        ]

    def _complete(
        self,
        batch: Batch,
        kind: EventType,
        found: Sequence[Found],
        sink: list[HotEvent[Any]],
        values: Sequence[bytes | None],
    ) -> None:
        """Take the events of a hot type, completed; what is none is left to the models."""
        wrong, tests = complete(found, kind.model)
        for index in wrong:
            self._decode_into(batch, index, values[index])
        if wrong or tests:
            batch.ignored.update([TEST_MODE] * len(tests))
            found = [each for each in found if each[2] not in wrong and each[2] not in tests]
        is_sorted = not sink and not wrong
        sink += [event for event, _, _ in found]
        if not is_sorted:
            sink.sort(key=_INDEX)
            batch.rejects.sort(key=_INDEX)

    def _build(self, batch: Batch, found: Sequence[Found], values: Sequence[bytes | None]) -> None:
        """Make the events of records of other types; what is none is left to the models."""
        for group in alike(found):
            self._build_alike(batch, group, values)
        batch.events.sort(key=_INDEX)
        batch.rejects.sort(key=_INDEX)

    def _build_alike(
        self, batch: Batch, found: Sequence[Found], values: Sequence[bytes | None]
    ) -> None:
        """Make the events of records of one type."""
        if found[0][0] is None:
            for _, _, index in found:
                self._decode_into(batch, index, values[index])
            return
        kind: EventType = found[0][0].kind
        told, wrong = finished(found)
        keep = batch.events.append
        for place, (record, time_ms, index) in enumerate(found):
            if record.data.livemode is False:
                batch.ignored[TEST_MODE] += 1
                continue
            event = None
            if time_ms is not None and place not in wrong and self._belongs(kind, record.data):
                event = event_of(record, record.data, told[place], time_ms, index)
            if event is None:
                self._decode_into(batch, index, values[index])
            else:
                keep(event)

    def _belongs(self, kind: EventType, data: Any) -> bool:
        """Returns whether an event belongs to the topic; of a retraction, it takes the prefix off.

        What belongs to one topic alone was only read if it is this one.
        """
        if kind.topic is not None:
            return True
        if data.retracts_type is not None:
            force_setattr(data, "retracts_type", self._dialect.name_of(data.retracts_type))
        try:
            self._check_topic(kind, data)
        except RejectedError:
            return False
        return True

    def _decode_into(self, batch: Batch, index: int, value: bytes | None) -> None:
        if value is None:
            batch.ignored[TOMBSTONE] += 1
            return
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
            sink = HOT_TYPES.get(kind.name)
            if sink is not None:
                struct = record_of(kind.name, self._dialect)
                getattr(batch, sink).append(hot_of(struct, record, envelope, index))
            else:
                read, form = envelope.data, form_of(kind.model)
                data, told, own = form.of(read), form.told(read), read.model_extra or NONE_OWN
                event = event_of(envelope, data, told, envelope.time, index, own)
                if event is None:
                    raise RejectedError("no_key", "needs data.account_id or subject")
                batch.events.append(event)
            unknown = len(unknown_fields(record, kind.model))
            if unknown:
                batch.ignored[UNKNOWN_FIELD] += unknown
        except RejectedError as rejected:
            reason, detail = rejected.reason, rejected.detail
            batch.rejects.append(Reject(index, reason, detail, value or b"", rejected.violations))

    def _parse(self, value: bytes) -> dict[str, Any]:
        if not value:
            raise RejectedError("empty", "no value")
        if len(value) > self._bytes_max:
            raise RejectedError("too_large", f"{len(value)} bytes, at most {self._bytes_max}")
        try:
            record = self._any.decode(value)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise RejectedError("invalid_json", no_json(error)) from error
        if not isinstance(record, dict):
            raise RejectedError("not_an_object", "an event is a JSON object")
        return record

    def _kind_of(self, record: dict[str, Any]) -> EventType | None:
        """Find the type, and leave it in the record without the prefix; None if unknown."""
        name = record.get("type")
        if not isinstance(name, str) or not name:
            raise RejectedError("invalid_envelope", not_of(record, "type", "text"))
        record["type"] = name = self._dialect.name_of(name)
        return EVENT_TYPES.get(name)

    def _normalise(self, record: dict[str, Any], kind: EventType) -> dict[str, Any]:
        """Bring the data to the current schema, its entity's id filled in from the subject."""
        data = record.get("data")
        if not isinstance(data, dict):
            raise RejectedError("invalid_envelope", not_of(record, "data", "an object"))
        dataschema = record.get("dataschema")
        if dataschema is None or isinstance(dataschema, str):
            schema = self._dialect.schema_of(dataschema)
            try:
                data = self._upcasts.apply(kind.name, schema, data)
            except UnknownSchemaVersionError as error:
                raise RejectedError("unknown_schema_version", f"dataschema: {error}") from error
        entity = kind.model.ENTITY
        if entity is not None and data.get(entity) is None and record.get("subject") is not None:
            data[entity] = record["subject"]
        if kind.name == EVENT_RETRACTED and isinstance(data.get("retracts_type"), str):
            data["retracts_type"] = self._dialect.name_of(data["retracts_type"])
        record["data"] = data
        return data

    def _check_topic(self, kind: EventType, data: EventData) -> None:
        topic = kind.topic
        if kind.name == EVENT_RETRACTED:
            topic = topic_of(kind.name, {"retracts_type": cast(EventRetracted, data).retracts_type})
            if USAGE in (topic, self._topic):
                raise RejectedError("not_retractable", "a usage event cannot be retracted")
        if self._topic is not None and topic not in (None, self._topic):
            raise RejectedError("wrong_topic", f"type: belongs to {topic}")


def _validate(kind: EventType, record: dict[str, Any]) -> "AnyEnvelope":
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
        raise RejectedError(reason, *violations_of(error, kind.envelope)) from error

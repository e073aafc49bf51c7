"""Bytes to events, a batch at a time; a bad record becomes a reject and never an exception.

Two ways lead to the same result. Every record can be read by the pydantic models, which have the
last word. `feature.used`, most of all traffic, is first tried by a typed msgspec decoder that
accepts a subset of what the models accept; whatever it refuses goes to the models. It does not
count unknown fields, since that would cost more than the decoding: `unknown_field` covers the
records that the models read.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal, cast

import msgspec
from pydantic import ValidationError

from events.envelope import Envelope, Fact
from events.event import (
    FEATURE_USED,
    FEATURE_USED_SCHEMA,
    Batch,
    Event,
    FeatureUse,
    Reject,
    UseData,
    sort_key_of,
)
from events.fields import TIMESTAMP_OUT_OF_BAND
from events.instant import parse_instant
from events.registry import EVENT_RETRACTED, EVENT_TYPES, USAGE, EventType, topic_of
from events.unknown_fields import count_unknown_fields
from events.upcasts import UPCASTS, UnknownSchemaVersionError, Upcasts
from events.usage import FeatureUsed

RECORD_BYTES_MAX: Final = 1_048_576
"""Kafka's own default limit for a record; more is no event but a payload gone astray."""

USE_BYTES_MAX: Final = 4096
"""Longest record for the fast decoder, some ten times a usual one.

Below it no number can be too long to be read (Python's limit is 4,300 digits), so both decoders
agree on what lies in unknown fields.
"""

DETAIL_CHARS_MAX: Final = 300
"""Length of a reject's detail: a log line, not a document. The record itself is kept whole."""

DETAIL_ERRORS_MAX: Final = 3
"""Errors named in a reject's detail."""

UNKNOWN_TYPE: Final = "unknown_type"
UNKNOWN_FIELD: Final = "unknown_field"
TEST_MODE: Final = "test_mode"


class RejectedError(Exception):
    """A record is no event; caught by the decoder."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep the slug to count by and the text to show."""
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
        self._use = msgspec.json.Decoder(_use_struct(type_prefix))
        fast = topic in (None, USAGE) and upcasts.current_version(FEATURE_USED) == 1
        self._use_bytes_max = min(USE_BYTES_MAX, record_bytes_max) if fast else 0

    def decode(self, values: Sequence[bytes | None]) -> Batch:
        """Decode a run of records.

        Args:
            values: Record values as read; None is a tombstone and is rejected.

        Returns:
            What they hold, each kind in the order of the records.
        """
        batch = Batch()
        uses = batch.uses
        decode_use = self._use.decode
        use_bytes_max = self._use_bytes_max
        # Uses come in runs. After one, the next is tried at once; after anything else the name is
        # looked for first, which costs less than an exception but more than nothing.
        mark = f'{self._prefix}{FEATURE_USED}"'.encode()
        likely = True
        for index, value in enumerate(values):
            if value and len(value) <= use_bytes_max and (likely or mark in value):
                try:
                    if not value.isascii():
                        value.decode()
                    use = decode_use(value)
                    data = use.data
                    effective_at = data.effective_at
                    use.effective_ms = parse_instant(use.time)
                    if effective_at is not None and effective_at != use.time:
                        use.effective_ms = parse_instant(effective_at)
                except (msgspec.MsgspecError, ValueError, RecursionError):
                    likely = False
                    self._decode_into(batch, index, value)
                    continue
                likely = True
                if data.livemode:
                    uses.append(use)
                else:
                    batch.ignored[TEST_MODE] += 1
            else:
                self._decode_into(batch, index, value)
        if self._prefix:
            for use in uses:
                use.type = FEATURE_USED
        return batch

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
            if kind.name == FEATURE_USED:
                batch.uses.append(_use_of(record, envelope))
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

    def _check_topic(self, kind: EventType, data: Fact) -> None:
        topic = kind.topic
        if kind.name == EVENT_RETRACTED:
            topic = topic_of(kind.name, data.model_dump(include={"retracts_type"}))
            if USAGE in (topic, self._topic):
                raise RejectedError("not_retractable", "a usage event cannot be retracted")
        if self._topic is not None and topic not in (None, self._topic):
            raise RejectedError("wrong_topic", f"type: belongs to {topic}")


def _use_struct(type_prefix: str) -> type[FeatureUse]:
    """Return the struct that accepts the prefixed type name."""
    if not type_prefix:
        return FeatureUse
    name = Literal[type_prefix + FEATURE_USED]  # type: ignore[valid-type]
    prefixed: Any = msgspec.defstruct(
        "PrefixedFeatureUse", [("type", name)], bases=(FeatureUse,), gc=False, kw_only=True
    )
    return cast(type[FeatureUse], prefixed)


def _validate(kind: EventType, record: dict[str, Any]) -> Envelope[str, Fact]:
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


def _event_of(name: str, envelope: Envelope[str, Fact], index: int) -> Event:
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


def _use_of(record: dict[str, Any], envelope: Envelope[str, Fact]) -> FeatureUse:
    """Make of a record that the models accepted what the fast decoder would have made."""
    data = envelope.data
    assert isinstance(data, FeatureUsed)
    return FeatureUse(
        specversion=envelope.specversion,
        id=envelope.id,
        source=envelope.source,
        type=FEATURE_USED,
        time=record["time"],
        subject=envelope.subject,
        sequence=envelope.sequence,
        dataschema=None if envelope.dataschema is None else FEATURE_USED_SCHEMA,
        datacontenttype=envelope.datacontenttype,
        data=UseData(
            account_id=data.account_id,
            user_id=data.user_id,
            feature=data.feature,
            count=data.count,
            effective_at=record["data"].get("effective_at"),
        ),
        effective_ms=envelope.time if data.effective_at is None else data.effective_at,
    )

"""Dead letters: records that do not decode and events that cannot be folded, with the reason.

Owns the record format of the dead-letter topic. A letter lies in the partition of the same number
as the record it is about, under the same key. A crash may write one twice: (topic, partition,
offset) tells.
"""

import base64
from typing import Final, NamedTuple

import msgspec

from streams.kafka.runs import Record, Run
from streams.ports import Rejected

RAW_BYTES_MAX: Final = 11 * 2**20
"""Of a record's raw bytes: in base64 they must fit the topic's 16 MiB. The whole record stays in
its topic."""

_DETAIL_CHARS_MAX: Final = 2_000
"""A validation message of a hostile record can be as long as the record."""


class DeadLetter(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record of the dead-letter topic.

    Attributes:
        topic: Kafka topic of the bad record.
        partition: Its partition.
        offset: Its offset.
        reason: A slug, such as ``not-json``, ``invalid`` or ``conflict``.
        detail: What is wrong, in words.
        raw: The record's value, in base64.
        at_ms: When it was rejected, in ms of the epoch.
        truncated: Whether ``raw`` is only the head of it.
    """

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    raw: str
    at_ms: int
    truncated: bool = False


_decoder: Final = msgspec.json.Decoder(DeadLetter)


class Origin(NamedTuple):
    """Where a bad record lies: a topic, partition and offset, or a file, -1 and a line number."""

    topic: str
    partition: int
    offset: int


def letter_of(run: Run, rejected: Rejected, at_ms: int) -> tuple[bytes | None, bytes]:
    """Writes the dead letter of one record of a run.

    Returns:
        The letter's key and value.
    """
    record: Record = run.records[rejected.index]
    origin = Origin(run.topic, run.partition, record.offset)
    raw = record.value or b""
    return record.key, letter_about(origin, rejected.reason, rejected.detail, raw, at_ms)


def letter_about(origin: Origin, reason: str, detail: str, raw: bytes, at_ms: int) -> bytes:
    """Writes the dead letter of a record that lies anywhere; gives the letter's value."""
    letter = DeadLetter(
        topic=origin.topic,
        partition=origin.partition,
        offset=origin.offset,
        reason=reason,
        detail=detail[:_DETAIL_CHARS_MAX],
        raw=base64.b64encode(raw[:RAW_BYTES_MAX]).decode("ascii"),
        at_ms=at_ms,
        truncated=len(raw) > RAW_BYTES_MAX,
    )
    return msgspec.json.encode(letter)


def read_letter(value: bytes) -> tuple[DeadLetter, bytes]:
    """Reads a dead letter.

    Returns:
        The letter, and the raw bytes of the record it is about.

    Raises:
        msgspec.DecodeError: If it is none.
    """
    letter = _decoder.decode(value)
    return letter, base64.b64decode(letter.raw)

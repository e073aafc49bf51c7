"""Dead letters: records that do not decode and events that cannot be folded, with the reason.

Owns the record format of the dead-letter topic. A letter lies in the partition of the same number
as the record it is about, under the same key. A crash may write one twice, with the same topic,
partition and offset.
"""

from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from aggregates.rows.history import Refusal
from events import Reject
from events.log import Letter
from streams.kafka.runs import Run

RAW_BYTES_MAX: Final = 11 * 2**20
"""Of a record's raw bytes: in base64 they must fit the topic's 16 MiB. The whole record stays in
its topic."""

_DIGEST_BYTES: Final = 6
"""Of a record, in place of its offset: a whole number in every reader of JSON."""

_DETAIL_CHARS_MAX: Final = 2_000
"""A validation message of a hostile record can be as long as the record."""


class Origin(NamedTuple):
    """Where a bad record lies: a topic, partition and offset, or a file, -1 and a line number.

    Of what was posted to a webhook it is the path, -1, and a digest of the record.
    """

    topic: str
    partition: int
    offset: int


def letter_origin(letter: Letter) -> Origin:
    """Returns the origin of a record that lies nowhere, told from others by what it says."""
    digest = blake2b(letter.record, digest_size=_DIGEST_BYTES).digest()
    return Origin(letter.origin, -1, int.from_bytes(digest))


class DeadLetter(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record of the dead-letter topic.

    Attributes:
        topic: Kafka topic of the bad record.
        partition: Its partition.
        offset: Its offset.
        reason: A slug, such as ``not-json``, ``invalid`` or ``conflict``.
        detail: What is wrong, in words.
        raw: The record's value; base64 in JSON.
        at_ms: When it was rejected, in ms of the epoch.
        truncated: Whether ``raw`` is only the head of it.
    """

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    raw: bytes
    at_ms: int
    truncated: bool = False

    @property
    def origin(self) -> Origin:
        """Where the bad record lies."""
        return Origin(self.topic, self.partition, self.offset)


_decoder: Final = msgspec.json.Decoder(DeadLetter)


def dead_letter_of(
    run: Run, place: int, bad: Reject | Refusal, event: bytes | None, at_ms: int
) -> tuple[bytes | None, bytes]:
    """Returns the key and the value of a dead letter.

    Args:
        run: Where the record was read.
        place: Its place in the run.
        bad: What is wrong.
        event: What was decoded: the record's value, or what it wraps.
        at_ms: When, in ms of the epoch.
    """
    record = run.records[place]
    origin = Origin(run.topic, run.partition, record.offset)
    return record.key, pack_dead_letter(origin, bad.reason, bad.detail, event or b"", at_ms)


def pack_dead_letter(origin: Origin, reason: str, detail: str, raw: bytes, at_ms: int) -> bytes:
    """Returns the value of the dead letter of a record that lies anywhere."""
    detail, head = detail[:_DETAIL_CHARS_MAX], raw[:RAW_BYTES_MAX]
    return msgspec.json.encode(
        DeadLetter(*origin, reason, detail, head, at_ms, truncated=len(head) < len(raw))
    )


def unpack_dead_letter(value: bytes) -> DeadLetter:
    """Reads a dead letter.

    Raises:
        UNREADABLE: One of these, if it is none.
    """
    return _decoder.decode(value)

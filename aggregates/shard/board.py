"""The board: where workers leave each partition's packed cells and an exporter picks them up.

Owns the protocol that the memory and the Redis board share, their answers, and a partition's status
with its codec. A board is a cache: losing it costs a few seconds of staleness, never a number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar

import msgspec

from events.errors import UNREADABLE, TidemarkError

PARTITIONS_MAX: Final = 4096
"""Partitions a board takes; far above any sensible topic, it bounds what one bad claim can make
readers do."""

Value = TypeVar("Value")

Position = tuple[int, int]
"""A partition's (generation, sequence): equal positions mean equal chunks."""


class BoardUnavailableError(TidemarkError):
    """The board cannot be reached; whether it took the last publish is unknown.

    A writer tries again with a new sequence and the same changes: replacing a chunk twice changes
    nothing.
    """


class BoardTakenError(TidemarkError):
    """The board is another installation's, which publishes to it."""


class PublishResult(StrEnum):
    """A board's answer to a publish."""

    OK = "ok"
    """Taken."""
    STALE = "stale"
    """Refused: the generation is fenced off by a newer claim, or the sequence is not newer."""
    UNKNOWN = "unknown"
    """Refused: the board does not hold what the changes build on. Publish all chunks."""


@dataclass(frozen=True, slots=True)
class PartitionView:
    """One partition, as read from the board.

    Attributes:
        generation: Claim under which the chunks were published.
        sequence: The writer's count of publishes within the generation.
        age_s: Seconds since the last publish, by the board's clock.
        status: The writer's status, as published.
        full: Whether ``changes`` are all chunks that hold cells, rather than those that changed.
        changes: Packed cells by packed chunk key; empty cells mean that the chunk is empty now.
    """

    generation: int
    sequence: int
    age_s: float
    status: bytes
    full: bool
    changes: Mapping[bytes, bytes]

    @property
    def position(self) -> Position:
        """Where the next read begins to return later changes only."""
        return self.generation, self.sequence


@dataclass(frozen=True, slots=True)
class BoardView:
    """A read of the whole board; each partition is consistent in itself.

    Attributes:
        partitions: How many partitions exist; 0 when nobody has said so.
        views: The partitions that have chunks on the board.
        audit: What the last audit left (``aggregates.shard.audit``); empty without one.
    """

    partitions: int
    views: Mapping[int, PartitionView]
    audit: bytes = b""


class Board(Protocol):
    """Hand-over between workers and exporters; any thread may call, calls block for a bounded time.

    Every method raises ``BoardUnavailableError`` when the board cannot be reached.
    """

    def claim(self, partition: int, partitions: int) -> int:
        """Opens a new, higher generation of a partition; notes how many partitions there are.

        Chunks of the former generation stay readable until the new one has published in full.

        Raises:
            ValueError: If the partition is not one of that many.
            BoardTakenError: If another installation publishes to the board.
        """

    def publish(
        self,
        partition: int,
        generation: int,
        sequence: int,
        changes: Mapping[bytes, bytes],
        full: bool,
        status: bytes,
    ) -> PublishResult:
        """Replaces the named chunks, or with ``full`` all, of a partition; all or nothing.

        Without ``full`` only a board takes it that holds the publish with the sequence before: what
        a writer was told is there may have been lost since.
        """

    def release(self, partition: int, generation: int) -> None:
        """Fences a generation off, by its own holder; its chunks stay readable and age."""

    def read(self, since: Mapping[int, Position]) -> BoardView:
        """Reads what changed after given positions; all chunks where there is no usable one."""

    def keep_audit(self, note: bytes) -> None:
        """Keeps what an audit found, in place of what the one before did."""


def check_partition(partition: int, partitions: int) -> None:
    """Refuses a claim that makes no sense.

    Raises:
        ValueError: If the partition is not one of that many, or there are too many.
    """
    if not 0 <= partition < partitions <= PARTITIONS_MAX:
        raise ValueError(f"partition {partition} of {partitions} (at most {PARTITIONS_MAX})")


class TopicStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a partition has read one topic.

    What is not known is left out of the JSON: older exporters cannot read a null lag.

    Attributes:
        offset: Next offset to read.
        lag: Records behind the end of the topic's partition; None while the end is unknown.
        last_event_ms: Latest event time seen, in ms of the epoch; None before the first event.
    """

    offset: int = 0
    lag: int | None = None
    last_event_ms: int | None = None


class PartitionStatus(msgspec.Struct, frozen=True):
    """What a worker says about a partition when it publishes.

    Attributes:
        owner: Name of the worker.
        installation: Id of the Kafka cluster; empty without one.
        generation: The worker's generation, for people to compare.
        ready: Whether the state is restored, so that the partition's cells are whole.
        topics: Progress by topic.
        events: Events by topic and outcome, since the worker took the partition.
        restatements: Changes of the ledger in what had been shown of the past, since then.
        restated_micros: By how much money, by measure; see ``aggregates.shard.restated``.
        flush_s: Duration of the last checkpoint flush; None before the first.
        restore_s: Duration of the restore on taking the partition; None if there was none.
        broker_age_s: Seconds since Kafka last answered the worker, as of the publish; None without
            Kafka.
        deferred: Units whose events are folded and whose figures still are those of before, such as
            the health of an account.
        moved_waiting: Rows of merged accounts for other partitions that are not sent yet.
        moved_end: End of the log of those that were sent.
        moved_heard: How far the owner has read such logs, by partition.
        fingerprint: Digest of what the cells depend on (``aggregates.shard.fingerprint``); empty if
            the worker does not say.
        settings: Those of it that somebody set, as JSON by name, to tell a difference by.
        rejected: Records that were not folded, by topic and reason, since the worker took the
            partition; these and the next as ``aggregates.shard.left_out`` has them.
        ignored: What was not heeded, by topic and reason, since then.
        examples: Of records that were not folded, by topic and reason: where the last one lies.
        waits_for: What keeps the partition from being ready, in words; empty if nobody says so.
        stored_ms: Of rows that were read from what workers have stored, who count the events: when
            the latest checkpoint was written, in ms of the epoch, 0 before the first. None of a
            worker's own rows.
    """

    owner: str = ""
    generation: int = 0
    ready: bool = False
    topics: dict[str, TopicStatus] = {}
    events: dict[str, dict[str, int]] = {}
    restatements: int = 0
    flush_s: float | None = None
    restore_s: float | None = None
    broker_age_s: float | None = None
    deferred: int = 0
    moved_waiting: int = 0
    moved_end: int = 0
    moved_heard: tuple[int, ...] = ()
    fingerprint: str = ""
    settings: Mapping[str, str] = {}
    installation: str = ""
    restated_micros: Mapping[str, int] = {}
    rejected: dict[str, dict[str, int]] = {}
    ignored: dict[str, dict[str, int]] = {}
    examples: dict[str, dict[str, str]] = {}
    waits_for: str = ""
    stored_ms: int | None = None


_status_decoder = msgspec.json.Decoder(PartitionStatus)


def events_by_topic(counts: Iterable[tuple[tuple[str, str], int]]) -> dict[str, dict[str, int]]:
    """Nests counts by (topic, outcome) as a status has them; equal keys add up, zeros are left out.

    >>> events_by_topic([(("usage", "folded"), 2), (("usage", "folded"), 1), (("ticket", "x"), 0)])
    {'usage': {'folded': 3}}
    """
    nested: dict[str, dict[str, int]] = {}
    for (topic, outcome), count in counts:
        if count:
            by_outcome = nested.setdefault(topic, {})
            by_outcome[outcome] = by_outcome.get(outcome, 0) + count
    return nested


def by_topic(found: Mapping[tuple[str, str], Value]) -> dict[str, dict[str, Value]]:
    """Nests what is known by (topic, reason) as a status has it.

    >>> by_topic({("usage", "no_key"): 2})
    {'usage': {'no_key': 2}}
    """
    nested: dict[str, dict[str, Value]] = {}
    for (topic, reason), value in found.items():
        nested.setdefault(topic, {})[reason] = value
    return nested


def encode_status(status: PartitionStatus) -> bytes:
    """Encodes a status as JSON.

    >>> encode_status(PartitionStatus(owner="w1", ready=True))[:44]
    b'{"owner":"w1","generation":0,"ready":true,"t'
    """
    return msgspec.json.encode(status)


def decode_status(raw: bytes) -> PartitionStatus | None:
    """Decodes a status; None if there is none or it does not decode. Unknown fields are ignored.

    >>> decode_status(b'{"owner": "w1", "ready": true, "later": 1}').owner
    'w1'
    >>> decode_status(b"") is None
    True
    """
    try:
        return _status_decoder.decode(raw)
    except UNREADABLE:
        return None

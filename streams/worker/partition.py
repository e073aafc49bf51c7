"""What a worker holds of one partition number: a shard, and how far each topic got."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from faust.types import TP, EventT

from aggregates.shard.left_out import LeftOut
from aggregates.shard.shard import Shard
from events import TOPICS
from streams.clock import monotonic_s
from streams.kafka.topics import Topics

DEFERRED_MAX: Final = 256
"""Units of deferred kinds, such as the health of an account, settled at once: half a millisecond or
so each, so that a flush stays short however many have changed; the others have their turn soon."""

BEHIND_DEFERRED_MAX: Final = 16
"""The same while the worker is behind: its figures are not those of now anyway."""

BEHIND: Final = 10_000
"""Records of a topic that can be read, from which on the worker is behind."""

UNSETTLED_MAX: Final = 10_000
"""Units of rows that may wait to be settled until figures are shown: what they were before takes
room, and settling them takes a second or so, for which all else stands still."""


@dataclass(slots=True)
class Lane:
    """One event topic's part of a partition, with the changelog of its table.

    Attributes:
        name: The topic's short name.
        source: The topic's partition.
        changelog: The changelog's partition.
        next: Next source offset to fold.
        stored: Where a restore would read on; what the last acknowledged marker says.
        whole_from: Source offset up to which restored rows may be of different moments, since a
            checkpoint was cut short: some hold what others do not.
        log_end: Up to where the source can be read, as last heard; None before the first answer.
        log_high: End of what lies there, records of open transactions with it, as last heard.
        changelog_end: Offset that our next changelog record gets; None when a failed send leaves it
            open.
        changelog_start: Where the changelog's log begins.
        rewound_s: When the source was last rewound because a run was missing; None if it joins.
    """

    name: str
    source: TP
    changelog: TP
    next: int = 0
    stored: int = 0
    whole_from: int = 0
    log_end: int | None = None
    log_high: int = 0
    changelog_end: int | None = None
    changelog_start: int = 0
    rewound_s: float | None = None

    @property
    def lag(self) -> int | None:
        """Records behind the end of the log, or None while that is unknown."""
        return self.lag_of(self.next)

    def lag_of(self, offset: int) -> int | None:
        """Returns the same of what has read up to an offset."""
        return None if self.log_end is None else max(self.log_end, self.log_high, offset) - offset

    @property
    def readable(self) -> int:
        """How many records there are to fold: some that wait may be of an open transaction."""
        return 0 if self.log_end is None else max(self.log_end - self.next, 0)


@dataclass(slots=True)
class Partition:
    """The state of one partition number.

    Attributes:
        number: The partition's number, in all topics.
        shard: Its rows and ledger.
        lanes: Its topics by short name.
        moved: Where its moved rows are written (``streams.worker.moved_rows``).
        generation: The consumer group's generation that assigned it.
        epoch: Written into each changelog record; higher than that of any owner before.
        ready: Whether it is restored and may be folded into, written and published.
        pending: Events of folded runs that are not acknowledged, in order.
        pending_records: How many records those hold.
        dead_letters: Keys and values of dead letters that are not written.
        left_out: What never reached the shard, or was refused there.
        moved_under_way: Moved rows that are being written.
        moved_end: End of what was written of them.
        heard: How far the worker has read the moved rows of each partition.
        answered_s: When the broker last answered, by the clock that never goes back.
        restore_s: How long the restore took; None before it is done.
        flush_s: How long the last checkpoint took; None before the first.
    """

    number: int
    shard: Shard
    lanes: dict[str, Lane]
    moved: TP
    generation: int = 0
    epoch: int = 0
    ready: bool = False
    pending: list[EventT[Any]] = field(default_factory=list)
    pending_records: int = 0
    dead_letters: list[tuple[bytes | None, bytes]] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)
    moved_under_way: int = 0
    moved_end: int = 0
    heard: Mapping[int, int] = field(default_factory=dict)
    answered_s: float = field(default_factory=monotonic_s)
    restore_s: float | None = None
    flush_s: float | None = None

    @property
    def moved_heard(self) -> tuple[int, ...]:
        """How far the worker has read the moved rows of each partition, by its number."""
        return tuple(offset for _, offset in sorted(self.heard.items()))

    @property
    def is_behind(self) -> bool:
        """Whether there is so much to be folded that figures are not those of now anyway."""
        return any(lane.readable > BEHIND for lane in self.lanes.values())

    def settle(self) -> None:
        """Brings the ledger up to date, but for units of deferred kinds beyond what is allowed."""
        self.shard.settle(BEHIND_DEFERRED_MAX if self.is_behind else DEFERRED_MAX)

    def send(self) -> None:
        """Sends rows on to where they are read; the ledger waits for somebody to whom it is shown.

        A unit that changes again and again is settled once then, unless too many wait.
        """
        if self.shard.unsettled > UNSETTLED_MAX:
            self.settle()
        else:
            self.shard.send()

    @property
    def is_whole(self) -> bool:
        """Whether the rows are those of the events read so far, neither less nor more."""
        return self.ready and all(lane.next >= lane.whole_from for lane in self.lanes.values())

    @property
    def pending_bytes(self) -> int:
        """Bytes of the dead letters that are not written."""
        return sum(len(value) for _, value in self.dead_letters)

    @property
    def worth_storing(self) -> bool:
        """Whether anything was folded since the last marker, or rows wait to be moved."""
        new = any(lane.next != lane.stored for lane in self.lanes.values())
        return new or bool(self.pending) or self.shard.handover.moved_waiting > 0


def new_partition(number: int, shard: Shard, topics: Topics) -> Partition:
    """Makes the empty state of a partition number."""
    lanes = {
        name: Lane(name, TP(topics.source(name), number), TP(topics.changelog(name), number))
        for name in TOPICS
    }
    return Partition(number, shard, lanes, TP(topics.moved, number))

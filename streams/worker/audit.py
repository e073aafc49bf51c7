"""The audit: folds the log once more, from its beginning, and compares with what is published.

One partition after the other, up to the offsets that its published cells stand for. Everything
comes from the event topics, topic after topic, and is computed once at the end from all rows:
without changelogs, without what was computed before, without a flush in between. Rows of accounts
that were merged into those of another partition are taken from the topic of moved rows, as far as
the partition had heard them, and are compared with their own partition's in its turn. So no two
partitions need to stand still, nor at the same time.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import sleep

from aiokafka import TopicPartition
from faust.types import TP

from aggregates.ledger.difference import Difference, cells_of, differences
from aggregates.rows.kind import RowKey
from aggregates.shard.audit import Compared
from aggregates.shard.board import PartitionStatus
from aggregates.shard.moves import guest_key
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from events import TOPICS, Decoder
from events.errors import UNREADABLE, TidemarkError
from streams.clock import monotonic_s
from streams.kafka.placement import partition_of, placed
from streams.kafka.register import Begins
from streams.kafka.topics import Topics
from streams.source import ACCEPT_MISSING, SourceError
from streams.worker.audit_logs import EventLog, LogReader, MovedRead
from streams.worker.moved_rows import MovedLog


class AuditError(TidemarkError):
    """The board cannot be compared with the log."""


@dataclass(frozen=True, slots=True)
class Published:
    """A partition as it was on the board.

    Attributes:
        status: What its worker said with it.
        chunks: Its packed cells by packed chunk key.
    """

    status: PartitionStatus
    chunks: Mapping[bytes, bytes]

    def end(self, topic: str) -> int:
        """Returns the offset of a topic that the cells stand for: the next one to be read."""
        progress = self.status.topics.get(topic)
        return 0 if progress is None else progress.offset


@dataclass(frozen=True, slots=True)
class Audited:
    """What was found of a partition.

    Attributes:
        partition: Its number.
        compared: What was compared, and how much of it differs.
        cells: The first cells that differ.
        rows: The first moved rows that differ, as guests of the account they are read under.
        left_out: Measures that were not compared, since units that they are of wait to be computed.
    """

    partition: int
    compared: Compared
    cells: Sequence[Difference]
    rows: Sequence[RowKey]
    left_out: frozenset[str]


class Pace:
    """Holds up whoever is faster than so many records a second."""

    def __init__(self, records_a_s: float) -> None:
        self._records_a_s = records_a_s
        self._records = 0
        self._since_s = monotonic_s()

    def note(self, records: int) -> None:
        """Notes records, and returns when they are due."""
        self._records += records
        early_s = self._since_s + self._records / self._records_a_s - monotonic_s()
        if early_s > 0:
            sleep(early_s)


class Audit:
    """Compares published partitions with the log."""

    def __init__(
        self,
        plan: Plan,
        topics: Topics,
        decoders: Mapping[str, Decoder],
        took: Callable[[int], None] = lambda records: None,
        *,
        shown_max: int = 20,
        begins: Begins | None = None,
        accept_missing: bool = False,
    ) -> None:
        """Takes what to fold by.

        Args:
            plan: Families and policy, those of the published tables.
            topics: Names of the event topics and of the tables.
            decoders: By short name of the topic.
            took: Called with how many records were folded; may wait.
            shown_max: Cells and rows of a partition that differ and are kept one by one.
            begins: Where logs begin that an erasure has cut; nothing before is read.
            accept_missing: Whether to go on where the head of the log is gone.
        """
        self._plan = plan
        self._topics = topics
        self._decoders = decoders
        self._took = took
        self._shown_max = shown_max
        self._begins = begins or {}
        self._accept_missing = accept_missing

    async def run(
        self, reader: LogReader, published: Mapping[int, Published]
    ) -> AsyncIterator[Audited]:
        """Audits partitions, all that there are, one after the other.

        Raises:
            SourceError: If the log does not hold what the board stands for.
            WorkerError: If nothing of it comes for too long.
        """
        moved = {number: self._moved(number, published) for number in published}
        await self._check(reader, published, moved.values())
        try:
            await reader.read([log for log in moved.values() if log.end])
            for number in sorted(published):
                yield await self._partition(reader, number, published[number], moved)
        except UNREADABLE as error:
            raise AuditError(f"{self._topics.moved}: a record cannot be read: {error}") from error

    async def _check(
        self,
        reader: LogReader,
        published: Mapping[int, Published],
        moved: Iterable[MovedRead],
    ) -> None:
        """Refuses a log that is not whole, or ends before what is published."""
        ends = {
            TP(self._topics.source(name), number): each.end(name)
            for number, each in published.items()
            for name in TOPICS
        }
        ends |= {log.tp: log.end for log in moved}
        starts, there = await reader.bounds(ends)
        short = [f"{_named(tp)} ends at {there[tp]}" for tp, end in ends.items() if there[tp] < end]
        if short:
            raise SourceError(
                f"the board stands for more than there is: {', '.join(short)}; "
                "was a topic made anew, or is the board another cluster's?"
            )
        headless = [
            f"{_named(tp)} begins at {starts[tp]}" for tp in ends if starts[tp] > self._begin(tp)
        ]
        if headless and not self._accept_missing:
            raise SourceError(
                f"records are gone: {', '.join(headless)}. What was computed of them would look "
                f"wrong; {ACCEPT_MISSING} compares with the rest"
            )

    def _begin(self, tp: TP) -> int:
        return self._begins.get(TopicPartition(*tp), 0)

    def _moved(self, number: int, published: Mapping[int, Published]) -> MovedRead:
        tp = TP(self._topics.moved, number)
        count = len(published)
        heard = {reader: _heard(each, number) for reader, each in published.items()}

        def heard_upto(key: bytes) -> int:
            return heard[partition_of(guest_key(key).account, count)]

        sent_end = published[number].status.moved_end
        end = max(sent_end, *heard.values())
        return MovedRead(tp, MovedLog(tp, end=sent_end), MovedLog(tp), heard_upto, end)

    async def _partition(
        self,
        reader: LogReader,
        number: int,
        published: Published,
        moved: Mapping[int, MovedRead],
    ) -> Audited:
        holds = placed(number, len(moved))
        shard = Shard(self._plan, number, bulk=True, holds=holds)
        records = 0
        for name in reversed(TOPICS):
            tp, end = TP(self._topics.source(name), number), published.end(name)
            log = EventLog(name, tp, end, shard, self._decoders[name], self._took, self._begin(tp))
            if end:
                await reader.read([log])
            records += log.records
        for read in moved.values():
            for key, said in read.heard.rows.items():
                if said.row and holds(guest_key(key).account):
                    shard.handover.receive(key, said.row)
        shard.rebuild()
        return self._compared(number, published, shard, records, moved[number].sent)

    def _compared(
        self, number: int, published: Published, shard: Shard, records: int, sent: MovedLog
    ) -> Audited:
        left_out = self._deferred if published.status.deferred else frozenset()
        held, right = (
            {key: each for key, each in cells.items() if key[0][0] not in left_out}
            for cells in (cells_of(published.chunks), shard.ledger.cells)
        )
        different = differences(held, right)
        shown = list(islice(different, self._shown_max))
        wrong = len(shown) + sum(1 for _ in different)
        count = sum(len(held.get(key, {}).keys() | right.get(key, {})) for key in held | right)
        own = {row.key: row.value for row in shard.handover.take_moved()}
        rows = list(_different_rows(sent, own))
        wrong_rows = max(len(rows) - published.status.moved_waiting, 0)
        compared = Compared(records, count, len(own.keys() | sent.rows), wrong + wrong_rows)
        named = [guest_key(key) for key in rows[: self._shown_max]] if wrong_rows else []
        return Audited(number, compared, shown, named, left_out)

    @property
    def _deferred(self) -> frozenset[str]:
        """Names of the measures of units that a worker may compute later."""
        return frozenset(
            measure.name
            for kind in self._plan.deferred
            for family in self._plan.families[kind]
            for measure in family.measures
        )


def _heard(published: Published, number: int) -> int:
    """Returns how far a partition's worker had read the moved rows of another one."""
    heard = published.status.moved_heard
    return heard[number] if number < len(heard) else 0


def _different_rows(sent: MovedLog, own: Mapping[bytes, bytes]) -> Iterator[bytes]:
    for key in sorted(sent.rows.keys() | own.keys()):
        said = sent.rows.get(key)
        if (b"" if said is None else said.row) != own.get(key, b""):
            yield key


def _named(tp: TP) -> str:
    return f"{tp.topic}[{tp.partition}]"

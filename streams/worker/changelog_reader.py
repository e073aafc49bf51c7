"""Reading changelog partitions from one offset to another, in runs, outside the consumer group.

Every wait is bounded, and an end is an end because the broker said so: a log may end with offsets
that hold no record (compaction, transaction markers), for which waiting would be for ever.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol, Self

from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException
from faust.types import TP

from streams.clock import monotonic_s
from streams.kafka.cluster import Cluster
from streams.kafka.reading import reading
from streams.kafka.runs import Record, keep_parsed
from streams.worker.error import WorkerError

POLL_S: Final = 0.5
"""Longest wait for changelog records before looking at the clock."""

EMPTY_S: Final = 3.0
"""A log whose end the broker confirms, without a record for this long, has a hole up to its end."""

RECORDS_MAX: Final = 20_000
"""Changelog records taken between two turns of the event loop."""

FETCH_BYTES: Final = 4 * 2**20
"""Of one partition at once: nothing else is done meanwhile, so larger than for events."""

FETCH_WAIT_MS: Final = 20
"""How long the broker may hold a fetch that finds nothing."""

RETRY_MS: Final = 20
"""aiokafka waits this long for each topic that it asks about for the first time: 0.1 s by default,
ten topics a restore."""


class Log(Protocol):
    """What is read of one partition, from its start to its end.

    Attributes:
        start: Offset from which it is read.
        end: End of its log when the reading began.
    """

    start: int
    end: int

    @property
    def tp(self) -> TP:
        """The partition."""

    def apply(self, records: Iterable[Record]) -> None:
        """Takes records in order."""


class DamagedLogError(WorkerError):
    """A log cannot be read: its disk gave other bytes than were written.

    Attributes:
        tp: The partition.
    """

    def __init__(self, read: Iterable[Any], error: CorruptRecordException) -> None:
        # The client says which partition it is in words only.
        named = [tp for tp in read if f"{tp!r}" in str(error)]
        self.tp = TP(*named[0]) if named else None
        where = str(error) if self.tp is None else f"{self.tp.topic}[{self.tp.partition}]"
        super().__init__("changelog-damaged", f"{where} holds other bytes than were written")


class ChangelogReader:
    """A consumer of single partitions, for one restore; use it as an asynchronous context.

    ``limit_s`` is the time without an answer, or without a record, that ends in failure;
    ``progress`` is called whenever something was read.
    """

    def __init__(self, cluster: Cluster, limit_s: float, progress: Callable[[], None]) -> None:
        self._progress = progress
        self._limit_s = limit_s
        self._reading = reading(
            cluster,
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            retry_backoff_ms=RETRY_MS,
        )

    async def __aenter__(self) -> Self:
        async with asyncio.timeout(self._limit_s):
            self._consumer = await self._reading.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._reading.__aexit__(*error)

    async def bounds(self, tps: Iterable[Any]) -> tuple[Mapping[Any, int], Mapping[Any, int]]:
        """Asks where partitions' logs begin, and which offsets their next records get."""
        plain = [TopicPartition(tp.topic, tp.partition) for tp in tps]
        async with asyncio.timeout(self._limit_s):
            starts = await self._consumer.beginning_offsets(plain)
        async with asyncio.timeout(self._limit_s):
            return starts, await self._consumer.end_offsets(plain)

    async def read(self, logs: Sequence[Log]) -> None:
        """Reads each changelog partition from its start to its end.

        Raises:
            DamagedLogError: If a record is not as it was written; what was read is not whole then.
            WorkerError: If nothing comes for too long.
        """
        left = {TopicPartition(*each.tp): each for each in logs}
        if not left:
            return
        self._consumer.assign(list(left))
        for tp, each in left.items():
            self._consumer.seek(tp, each.start)
        heard_s = monotonic_s()
        while left:
            keep_parsed(self._consumer._fetcher, left)  # noqa: SLF001 (see streams.kafka.runs)
            try:
                batches = await self._consumer.getmany(
                    *left, timeout_ms=int(POLL_S * 1000), max_records=RECORDS_MAX
                )
            except CorruptRecordException as error:
                raise DamagedLogError(left, error) from error
            for tp, records in batches.items():
                left[tp].apply(records)
            if batches:
                heard_s = monotonic_s()
                self._progress()
            silent_s = monotonic_s() - heard_s
            await self._drop_finished(left, holes=silent_s > EMPTY_S)
            if silent_s > self._limit_s:
                names = ", ".join(f"{tp.topic}[{tp.partition}]" for tp in left)
                raise WorkerError("restore-stalled", f"nothing more of {names}")

    async def _drop_finished(self, left: dict[Any, Log], *, holes: bool) -> None:
        for tp, each in list(left.items()):
            at = await self._consumer.position(tp)
            heard = self._consumer.last_stable_offset(tp)
            if at >= each.end or (holes and heard is not None and heard >= each.end):
                del left[tp]
                self._consumer.pause(tp)

"""A broker that is a dictionary, and what a process reads and writes it with."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol, Self

from aiokafka.errors import KafkaTimeoutError
from faust.types import TP

from streams.kafka.batches import KeyValue
from streams.worker.changelog_reader import Log
from tests.simulation.logs import Kept, Logs

BATCH_RECORDS: Final = 3
"""Records of a batch: few, so that a checkpoint is of several."""


class Process(Protocol):
    """A process, as far as its client of the broker knows it."""

    async def point(self) -> None:
        """A place where it may be held up, overtaken or killed."""

    def start(self, coroutine: Any) -> asyncio.Task[Any]:
        """Runs something beside, for as long as the process lives."""


@dataclass
class Broker(Logs):
    """Logs of which writes may time out.

    Attributes:
        failing: Of how many batches from now on the writer hears that they timed out, each with
            whether it was stored nevertheless.
    """

    failing: list[bool] = field(default_factory=list)

    def stretch(self, tp: TP, start: int, end: int) -> list[Kept]:
        """Returns the records between two offsets."""
        return [record for record in self.logs[tp] if start <= record.offset < end]


class Batch:
    """Records on their way."""

    def __init__(self) -> None:
        self.records: list[KeyValue] = []

    def append(self, *, timestamp: int | None, key: bytes | None, value: bytes) -> object | None:
        """Takes a record, or None if it is full."""
        if len(self.records) == BATCH_RECORDS:
            return None
        self.records.append((key, value))
        return self

    def close(self) -> None:
        """Takes no more."""

    def record_count(self) -> int:
        """Returns how many it holds."""
        return len(self.records)


class Stored(NamedTuple):
    """The broker's answer to a batch."""

    offset: int


class Producer:
    """A process's producer: batches of one partition are stored in order, each in its own time."""

    def __init__(self, broker: Broker, process: Process) -> None:
        self._broker = broker
        self._process = process
        self._last: dict[TP, asyncio.Task[Any]] = {}

    def create_batch(self) -> Batch:
        """Makes an empty batch."""
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Any:
        """Sends a batch; what is returned ends when the broker has answered."""
        tp = TP(topic, partition)
        answer: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        sending = self._send(batch, tp, self._last.get(tp), answer)
        self._last[tp] = self._process.start(sending)
        return answer

    async def _send(
        self,
        batch: Batch,
        tp: TP,
        before: asyncio.Task[Any] | None,
        answer: asyncio.Future[Stored],
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        await self._process.point()
        broker = self._broker
        fails = bool(broker.failing)
        offset = broker.ends[tp]
        if not fails or broker.failing.pop():
            for key, value in batch.records:
                broker.append(tp, key, value)
        await self._process.point()
        if answer.cancelled():
            return
        if fails:
            answer.set_exception(KafkaTimeoutError("no answer in time"))
            answer.exception()  # whoever waits may be gone
        else:
            answer.set_result(Stored(offset))


class Reader:
    """A process's reader of changelogs."""

    def __init__(self, broker: Broker, process: Process) -> None:
        self._broker = broker
        self._process = process

    async def __aenter__(self) -> Self:
        await self._process.point()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def bounds(self, tps: Iterable[TP]) -> tuple[Mapping[TP, int], Mapping[TP, int]]:
        """Each log begins at 0."""
        wanted = list(tps)
        await self._process.point()
        return dict.fromkeys(wanted, 0), {tp: self._broker.ends[tp] for tp in wanted}

    async def read(self, logs: Sequence[Log]) -> None:
        """Reads from start to end; half-way much may happen."""
        for place, log in enumerate(logs):
            if place in (0, len(logs) // 2):
                await self._process.point()
            log.apply(self._broker.stretch(log.tp, log.start, log.end))

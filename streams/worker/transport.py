"""The batching transport: Faust's aiokafka driver, handing over whole runs of records.

Stock Faust spends several asyncio tasks on each record. Here a message is a run
(``streams.kafka.runs``): its value is the run, its offset the last one the run covers. One
acknowledgement a run, one queue slot a run.

Positions belong to the state, not to the group: a partition is read from where its restored rows
end. So all partitions are paused in aiokafka itself when they are assigned, and opened at their
positions once they are restored. Committed offsets are for others to see how far we are.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, ClassVar, cast

import aiokafka
from faust import Schema
from faust.events import Event
from faust.transport.drivers.aiokafka import (
    Consumer,
    ConsumerRebalanceListener,
    Producer,
    Transport,
)
from faust.types import TP, AppT, ConsumerMessage, Message
from faust.types.transports import ConsumerT, ProducerT

from streams.kafka.runs import Run
from streams.worker.consumer_thread import RETRY_MS, RunConsumerThread, RunListener
from streams.worker.owner import cluster_of, owner_of


class NoOffsets(defaultdict[TP, int | None]):
    """In place of Faust's last read offsets, by which it drops what comes again after a seek back.

    Whether a run joins is the state's to say.
    """

    def __init__(self) -> None:
        super().__init__(lambda: None)

    def __setitem__(self, tp: TP, offset: int | None) -> None:
        """Forgets it."""


class RunConsumer(Consumer):
    """Faust's consumer, with runs for messages and without its bookkeeping of single offsets."""

    RebalanceListener: ClassVar[type[ConsumerRebalanceListener]] = RunListener
    _thread: RunConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_offset = NoOffsets()

    def _new_consumer_thread(self) -> RunConsumerThread:
        return RunConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109
        """Yields one message for each run that was fetched.

        A run that is not handed over, because the flow stopped or the group changed in between, is
        read again from the state's position after the rebalance; should one be lost otherwise, the
        next does not join on to it, which the folding sees.
        """
        fetched, _ = await self._wait_next_records(timeout)
        # Not before: a wait may begin in one generation and fetch in the next.
        generation = self.app.consumer_generation_id
        runs = cast("Mapping[TP, Run]", fetched or {})
        for tp, run in runs.items():
            if (
                self.should_stop
                or not self.flow_active
                or self.app.consumer_generation_id != generation
            ):
                return
            yield tp, self._to_run_message(tp, run)

    def _to_run_message(self, tp: TP, run: Run) -> ConsumerMessage:
        return ConsumerMessage(
            run.topic,
            run.partition,
            run.end - 1,
            cast(float, None),
            0,
            None,
            None,
            cast(bytes, run),
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Joins the group, unless Faust is being stopped and has not all its tables yet.

        It would subscribe to the event topics only, and the whole group would be assigned event
        and changelog partitions that do not fit each other.
        """
        wanted = set(topics)
        if self.app.should_stop or not self.app.tables.changelog_topics <= wanted:
            self.log.warning("Not joining the group with part of the topics: %s", sorted(wanted))
            return
        await super().subscribe(wanted)

    async def perform_seek(self) -> None:
        """Opens every restored partition where its state ends, not where the group committed."""
        await self.read_from(owner_of(self.app).positions())

    def check_group(self) -> None:
        """Fails if the consumer group refuses us.

        Raises:
            RefusedError: With the right that is missing.
        """
        self._thread.check()

    async def read_from(self, positions: Mapping[TP, int]) -> None:
        """Reads partitions on from these offsets."""
        for tp, offset in positions.items():
            # What the state holds is done with, whoever folded it; so the next commit says so, and
            # nothing that was acknowledged before can move it back.
            self._acked[tp] = [offset - 1] if offset else []
            self._acked_index[tp] = set(self._acked[tp])
        await self._thread.open(positions)

    def _new_offset(self, tp: TP) -> int | None:
        # Runs are acknowledged in order, each whole: the highest is all there is to know.
        acked = self._acked[tp]
        if not acked:
            return None
        highest = max(acked)
        acked[:] = [highest]
        self._acked_index[tp] = {highest}
        return highest + 1

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: a full agent holds the drain up, for a run's time, and nothing can be lost."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing, as above."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Holes between offsets mean nothing: a run knows what it covers."""

    async def _commit_offsets(
        self, offsets: Mapping[TP, int], start_new_transaction: bool = True
    ) -> bool:
        # Faust's own notes the commit as done even if it failed.
        assigned = self.assignment()
        ours = {tp: offset for tp, offset in offsets.items() if tp in assigned}
        if not ours or not await self._commit(ours):
            return False
        self._committed_offset.update(ours)
        return True

    async def verify_all_partitions_active(self) -> None:
        """Left to the worker's own watchdog: Faust's reads another thread's state, and errs."""


class RunProducer(Producer):
    """Faust's producer with idempotence: a retry neither doubles nor reorders records."""

    def _settings_auth(self) -> Mapping[str, Any]:
        return cluster_of(self.app).options

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True, "retry_backoff_ms": RETRY_MS}

    @property
    def client(self) -> aiokafka.AIOKafkaProducer:
        """The started aiokafka producer."""
        return self._ensure_producer()


class RunTransport(Transport):
    """Names the consumer and producer above."""

    Consumer: ClassVar[type[ConsumerT]] = RunConsumer
    Producer: ClassVar[type[ProducerT]] = RunProducer


class RunSchema(Schema[bytes, bytes]):
    """Hands a run to the agent as it is; events are decoded a run at a time by the worker."""

    def compile(self, app: AppT, **_: Any) -> Any:
        """Returns the function that makes a Faust event of a message."""

        async def decode(message: Message, *, propagate: bool = False) -> Event:
            del propagate  # nothing here can fail
            return Event(app, None, message.value, None, message)

        return decode

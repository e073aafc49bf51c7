"""The thread that talks to the broker: fetches, heartbeats, commits, and what it does differently.

The only module but ``streams.kafka.runs`` that reaches into aiokafka, which has no public way to
take fetched records as they are, to hear of heartbeats, or to set the fetch wait through Faust. A
test notices when any of it changes.
"""

# ruff: noqa: SLF001

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, cast

import aiokafka
from aiokafka import TopicPartition
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import (
    AIOKafkaConsumerThread,
    ConsumerRebalanceListener,
    Transport,
)
from faust.types import TP

from streams.kafka.reading import ISOLATION
from streams.kafka.refusal import READ, asking
from streams.kafka.runs import Run, keep_parsed
from streams.worker.owner import cluster_of, owner_of

FETCH_WAIT_MS = 20
"""How long the broker may hold an empty fetch. Faust's 1,500 ms let one drained partition hold up
all others of a broker, for one fetch asks for all of them; below some 10 ms an idle worker does
nothing but ask."""

FETCH_BYTES_MAX = 32 * 2**20
"""Bytes of one fetch over all partitions: bounds what is buffered per round."""

PREFETCH_BACKOFF_S = 0.0
"""aiokafka waits this long for a buffered partition to be drained before it fetches others of the
same broker. Its 0.1 s starves the quiet partitions of a busy broker; memory is bounded by one fetch
a partition in any case."""

RETRY_MS = 250
"""Between two tries while the broker does not answer; aiokafka's 100 ms log 200 lines a second."""


class RunListener(ConsumerRebalanceListener):
    """Pauses every partition when it is assigned: nothing is fetched before it is restored."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called by aiokafka, in the consumer's thread, after the group has answered."""
        thread = cast("RunConsumerThread", self._thread)
        thread.hold(assigned)
        await super().on_partitions_assigned(assigned)


class RunConsumerThread(AIOKafkaConsumerThread):
    """The thread that talks to the broker: fetches, heartbeats, commits."""

    async def on_start(self) -> None:
        """Starts the consumer and lets its heartbeats renew the lease."""
        await super().on_start()
        consumer = self._ensure_consumer()
        consumer._fetcher._prefetch_backoff = PREFETCH_BACKOFF_S
        coordinator = consumer._coordinator
        coordinator._do_heartbeat = owner_of(self.app).lease.renewing(coordinator._do_heartbeat)

    def check(self) -> None:
        """Fails if the group's coordinator refuses us: aiokafka waits for somebody to ask.

        Raises:
            RefusedError: With the right that is missing.
        """
        coordinator = self._consumer and self._consumer._coordinator  # none before it has started
        pending = coordinator and coordinator._pending_exception
        if pending:
            with asking(READ):
                raise pending

    def hold(self, assigned: Iterable[TopicPartition]) -> None:
        """Pauses newly assigned partitions, and starts the lease on them."""
        owner_of(self.app).lease.renew()
        consumer = self._ensure_consumer()
        consumer.pause(*(TopicPartition(tp.topic, tp.partition) for tp in assigned))

    async def open(self, positions: Mapping[TP, int]) -> None:
        """Reads on from these offsets."""
        await self.call_thread(self._open, positions)

    async def _open(self, positions: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        for tp, offset in positions.items():
            partition = TopicPartition(tp.topic, tp.partition)
            if partition in assigned:
                consumer.seek(partition, offset)
                consumer.resume(partition)

    def _create_worker_consumer(self, transport: Transport) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        self._assignor = self.app.assignor
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset=conf.consumer_auto_offset_reset,
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int((conf.broker_max_poll_interval or 0) * 1000.0),
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_bytes=FETCH_BYTES_MAX,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=int(conf.broker_request_timeout * 1000.0),
            check_crcs=conf.broker_check_crcs,
            isolation_level=ISOLATION,
            retry_backoff_ms=RETRY_MS,
            session_timeout_ms=int(conf.broker_session_timeout * 1000.0),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000.0),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000.0),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            connections_max_idle_ms=conf.consumer_connections_max_idle_ms,
            **cluster_of(self.app).options,
        )

    async def _fetch_records(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 (Faust's signature)
        max_records: int | None = None,
    ) -> Any:
        if not self.consumer.flow_active or not active_partitions:
            return {}
        with asking(READ):
            return await self._fetch_runs(consumer, active_partitions, timeout, max_records)

    async def _fetch_runs(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None,  # noqa: ASYNC109 (as above)
        max_records: int | None,
    ) -> Any:
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError()
        with fetcher._subscriptions.fetch_context():
            runs = await self._drain(consumer, active_partitions, max_records)
            if not runs and timeout:
                waiter = fetcher._create_fetch_waiter()
                done, _ = await asyncio.wait([waiter], timeout=timeout)
                if not done:
                    waiter.cancel()
                    return {}
                waiter.result()  # raises what the fetcher could not handle
                runs = await self._drain(consumer, active_partitions, max_records)
        return runs

    async def _drain(
        self, consumer: aiokafka.AIOKafkaConsumer, active: set[TP], max_records: int | None
    ) -> dict[TP, Run]:
        fetcher = consumer._fetcher
        begins = keep_parsed(fetcher, active)
        if not begins and not any(tp in active for tp in fetcher._records):
            return {}
        drained = await fetcher.fetched_records(active, timeout=0, max_records=max_records)
        assignment = fetcher._subscriptions.subscription.assignment
        if assignment is None or not assignment.active:
            return {}
        runs = {}
        for partition in {**begins, **drained}:
            if partition not in assignment.tps:
                continue
            state = assignment.state_value(partition)
            records = drained.get(partition, ())
            begin = begins.get(partition)
            if begin is None:
                begin = records[0].offset
            end = state.position if state.has_valid_position else begin
            # A fetch of nothing but transaction markers moves the position and has no records:
            # still a run.
            if end > begin:
                topic, number = partition
                runs[TP(topic, number)] = Run(topic, number, begin, end, state.lso, records)
        return runs

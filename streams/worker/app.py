"""The Faust app: our transport and recovery, five agents, five tables; all else is off."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, cast

import faust
from faust.types import EventT, StreamT
from faust.types.transports import TransportT

from events import TOPICS
from streams.kafka.cluster import Cluster
from streams.kafka.topics import CHANGELOG_CONFIG
from streams.worker.options import WorkerOptions
from streams.worker.owner import Owner
from streams.worker.table import RowTable, RowTables
from streams.worker.transport import RunSchema, RunTransport

REBALANCE_TIMEOUT_S: Final = 30.0
"""How long a rebalance waits for a member to come back; above the flush on revoke and one
checkpoint."""

REQUEST_BESIDE_S: Final = 10.0
"""For one request to the broker, beyond the session timeout, and below the limit of a
checkpoint."""

COMMIT_INTERVAL_S: Final = 1.0
"""Between two commits of offsets, which only others read."""

BATCH_BYTES: Final = 512 * 2**10
"""Of uncompressed records in one changelog batch: half of what a broker takes by default."""


class RunApp(faust.App):
    """A Faust app whose messages are runs and whose state belongs to a worker."""

    def __init__(self, app_id: str, owner: Owner, cluster: Cluster, **settings: Any) -> None:
        super().__init__(app_id, **settings)
        self.owner = owner
        self.cluster = cluster

    def _create_directories(self) -> None:
        """Makes none: tables live in memory and in their changelogs."""

    def _new_transport(self) -> TransportT:
        return RunTransport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> TransportT:
        return RunTransport(self.conf.broker_producer, self)


def new_app(options: WorkerOptions, owner: Owner, partitions: int) -> RunApp:
    """Builds the app with its agents and tables.

    Args:
        options: Of the worker.
        owner: The worker.
        partitions: How many each topic has.
    """
    request_timeout_s = options.session_timeout_s + REQUEST_BESIDE_S
    app = RunApp(
        options.topics.app_id,
        owner,
        options.cluster,
        broker=f"kafka://{options.cluster}",
        store="memory://",
        datadir="",
        TableManager=RowTables,
        topic_partitions=partitions,
        table_standby_replicas=0,
        topic_disable_leader=True,
        web_enabled=False,
        reply_create_topic=False,
        stream_wait_empty=False,
        stream_buffer_maxsize=options.buffered_runs,
        stream_recovery_delay=0.0,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=options.instance or None,
        consumer_max_fetch_size=options.fetch_bytes,
        broker_max_poll_records=options.poll_records_max,
        broker_session_timeout=options.session_timeout_s,
        broker_heartbeat_interval=options.heartbeat_s,
        broker_rebalance_timeout=REBALANCE_TIMEOUT_S,
        broker_request_timeout=request_timeout_s,
        broker_commit_interval=COMMIT_INTERVAL_S,
        producer_request_timeout=request_timeout_s,
        producer_compression_type="lz4",
        producer_max_batch_size=BATCH_BYTES,
        producer_linger=0,
    )
    for name in TOPICS:
        table = RowTable(
            app,
            name=options.topics.table(name),
            partitions=partitions,
            key_type=bytes,
            value_type=bytes,
            extra_topic_configs=dict(CHANGELOG_CONFIG),
        )
        app.tables.add(table)
        topic = app.topic(options.topics.source(name), schema=RunSchema(), allow_empty=True)
        app.agent(topic, name=f"fold-{name}", concurrency=1)(_agent(name, owner.take))
    return app


def _agent(
    name: str, take: Callable[[str, EventT[Any]], Awaitable[None]]
) -> Callable[[StreamT[Any]], Awaitable[None]]:
    async def fold(stream: StreamT[Any]) -> None:
        events: AsyncIterator[EventT[Any]] = cast("faust.Stream[Any]", stream).noack().events()
        async for event in events:
            await take(name, event)

    return fold

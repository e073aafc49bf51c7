"""Publishing NDJSON to Kafka: lines to their topics, bad ones to the dead letters."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from events import TOPIC_PREFIX, TOPICS
from events.dialect import PLAIN, Dialect
from events.errors import TidemarkError
from events.log import Letter
from streams.clock import now_ms
from streams.kafka.batches import BULK, KeyValue, packed
from streams.kafka.cluster import Cluster
from streams.kafka.dead_letter import Origin, letter_origin, pack_dead_letter
from streams.kafka.placement import partition_of
from streams.kafka.refusal import WRITE, asking, start
from streams.kafka.routing import Bad, Routed, Router
from streams.kafka.topics import DEAD_LETTERS, TopicError, Topics, counted

Placed = tuple[str, int, bytes, bytes]
"""Topic, partition, key and value of a record to send."""

STOP_S: Final = 5.0
"""For what is buffered to be sent, where the brokers are there."""

_SILENT_S: Final = 20.0
"""After which, and each time again, it is said that records wait for the cluster."""

_log = logging.getLogger(__name__)


class PublishError(TidemarkError):
    """Records could not be published."""


@dataclass(slots=True)
class Published:
    """What was published.

    Attributes:
        records: Records by short name of their topic.
        rejected: Lines that went to the dead letters, by reason.
        stopped_at: Number of the bad line that was one too many; None if all lines were read.
    """

    records: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    stopped_at: int | None = None


class Publisher:
    """Sends lines to the topics of one cluster; ``start`` before and ``stop`` after.

    Attributes:
        published: What was published so far.
    """

    def __init__(
        self,
        cluster: Cluster,
        dialect: Dialect = PLAIN,
        topic_prefix: str = TOPIC_PREFIX,
        bad_lines_max: int | None = None,
    ) -> None:
        """Takes where lines go.

        Args:
            cluster: The cluster.
            dialect: How producers write events.
            topic_prefix: Before the short names of topics.
            bad_lines_max: After so many lines that are no events nothing more is sent; None to look
                at no more of a line than where it goes.
        """
        self.published = Published()
        self._router = Router(dialect, bad_lines_max)
        self._topic_prefix = topic_prefix
        self._cluster = cluster
        self._producer = AIOKafkaProducer(enable_idempotence=True, **BULK, **cluster.options)
        self._partitions: dict[str, list[int]] = {}
        self._lines = 0

    async def start(self) -> None:
        """Connects, and looks up the topics' partitions.

        Raises:
            aiokafka.errors.KafkaError: If the cluster cannot be reached.
            RefusedError: If it does not let us in.
            TopicError: If a topic is missing.
        """
        await counted(self._cluster, Topics(self._topic_prefix))  # a producer would make them
        with asking(WRITE):
            await start(self._cluster, self._producer.start())
            for topic in (*TOPICS, DEAD_LETTERS):
                numbers = await self._producer.partitions_for(self._topic_prefix + topic)
                self._partitions[topic] = sorted(numbers)

    async def stop(self) -> None:
        """Sends what is buffered, if the brokers take it in time, and disconnects."""
        producer = self._producer
        try:
            async with asyncio.timeout(STOP_S):
                await producer.stop()
        except TimeoutError:  # nothing public gives up what waits
            producer._sender.sender_task.cancel()  # noqa: SLF001
            await producer.client.close()

    @property
    def is_outdated(self) -> bool:
        """Whether a topic was made anew with other partitions: accounts lie elsewhere then."""
        found = self._producer.client.cluster.partitions_for_topic
        each = self._partitions.items()
        return any(found(self._topic_prefix + t) not in (None, {*numbers}) for t, numbers in each)

    async def leaderless(self) -> list[str]:
        """Asks a broker anew; returns the topics that have a partition which nobody leads.

        Raises:
            aiokafka.errors.KafkaError: If no broker answers.
        """
        client = self._producer.client
        if not await client.set_topics(()):  # all: once one is missing it asks for that alone
            raise KafkaConnectionError("no broker answers")
        return [
            self._topic_prefix + topic
            for topic, numbers in self._partitions.items()
            if any(_led_by(client.cluster, self._topic_prefix + topic, n) < 0 for n in numbers)
        ]

    async def publish(
        self, lines: Sequence[bytes], source: str, numbers: Sequence[int] = ()
    ) -> None:
        """Sends lines and waits until the brokers have them.

        Args:
            lines: One event each.
            source: Where they come from, for dead letters.
            numbers: Their numbers in it; left out, they are counted.
        """
        by_partition: dict[tuple[str, int], list[KeyValue]] = {}
        first = self._lines + 1
        numbers = numbers or range(first, first + len(lines))
        self._lines += len(lines)
        for each in self._router.route(lines, numbers):
            topic, partition, key, value = self._placed(each, source)
            by_partition.setdefault((topic, partition), []).append((key, value))
        self.published.stopped_at = self._router.stopped_at
        with asking(WRITE):
            await asyncio.gather(*(self._send(*place) for place in by_partition.items()))

    async def refuse(self, letters: Sequence[Letter]) -> None:
        """Sends letters to the dead letters and waits until the brokers have them."""
        records: list[KeyValue] = [
            (b"", pack_dead_letter(letter_origin(each), *_told(each), now_ms())) for each in letters
        ]
        self.published.rejected.update(each.reason for each in letters)
        if records:
            place = self._topic_prefix + DEAD_LETTERS, self._partitions[DEAD_LETTERS][0]
            with asking(WRITE):
                await self._send(place, records)

    def _placed(self, routed: Routed | Bad, source: str) -> Placed:
        if isinstance(routed, Routed):
            topic, key, line = routed
            self.published.records[topic] += 1
            partition = partition_of(key, len(self._partitions[topic]))
            return self._topic_prefix + topic, partition, key.encode(), line
        self.published.rejected[routed.reason] += 1
        origin = Origin(source, -1, routed.number)
        value = pack_dead_letter(origin, routed.reason, routed.detail, routed.line, now_ms())
        return self._topic_prefix + DEAD_LETTERS, self._partitions[DEAD_LETTERS][0], b"", value

    async def _send(self, place: tuple[str, int], records: list[KeyValue]) -> None:
        topic, partition = place
        batches = packed(self._producer, records)
        await asyncio.gather(*[await self._added(b, topic, partition) for b in batches])

    async def _added(self, batch: Any, topic: str, partition: int) -> "asyncio.Future[Any]":
        while True:
            with suppress(KafkaTimeoutError):  # the batch before it waits still
                future: asyncio.Future[Any]
                future = await self._producer.send_batch(batch, topic, partition=partition)
                return future


@asynccontextmanager
async def _waiting(cluster: Cluster) -> AsyncIterator[None]:
    """Says again and again that the cluster does not take what is sent: the producer tries on."""

    async def say() -> None:
        while True:
            await asyncio.sleep(_SILENT_S)
            _log.warning("kafka %s: not all records are taken yet, trying on", cluster)

    saying = asyncio.create_task(say())
    try:
        yield
    finally:
        saying.cancel()


def _led_by(metadata: Any, topic: str, partition: int) -> int:
    """Returns the broker that leads a partition; -1 if none does."""
    leader: int | None = metadata.leader_for_partition(TopicPartition(topic, partition))
    return -1 if leader is None else leader


def _told(letter: Letter) -> tuple[str, str, bytes]:
    return letter.reason, letter.detail, letter.record


async def publish_batches(
    cluster: Cluster,
    batches: Iterable[Sequence[bytes]],
    source: str,
    dialect: Dialect,
    progress: Callable[[int], None],
    numbers: Callable[[], Sequence[int]] = tuple,
    bad_lines_max: int | None = None,
) -> Published:
    """Publishes many batches of lines, until one has the last bad line that is borne.

    It waits for a cluster that does not answer, and says so.

    Args:
        cluster: Where to.
        batches: The lines.
        source: Where they come from, for dead letters.
        dialect: How producers write events.
        progress: Gets the number of lines of each batch.
        numbers: Returns those of the lines of the last batch.
        bad_lines_max: See ``Publisher``.

    Raises:
        PublishError: If the cluster cannot be reached or does not take the records.
        RefusedError: If we may not write.
    """
    publisher = Publisher(cluster, dialect, bad_lines_max=bad_lines_max)
    try:
        await publisher.start()
        for lines in batches:
            async with _waiting(cluster):
                await publisher.publish(lines, source, numbers())
            progress(len(lines))
            if publisher.published.stopped_at is not None:
                break
    except (KafkaError, TopicError) as error:
        raise PublishError(f"kafka {cluster}: {error or type(error).__name__}") from error
    finally:
        await publisher.stop()
    return publisher.published

"""Publishing NDJSON to Kafka: each event to its topic, keyed by account, so that joins stay local.

A line without a topic or a key goes to the dead letters with its reason: nothing is lost. What else
is wrong inside an event is for the worker to find, as with any other producer, unless the number of
bad lines is to be bounded: then all of an event is looked at before it is sent.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from events import (
    EVENT_RETRACTED,
    EVENT_TYPES,
    RETRACTION_TOPICS,
    TOPIC_PREFIX,
    TOPICS,
    Decoder,
    topic_of,
)
from events.errors import TidemarkError, no_json
from streams.clock import now_ms
from streams.kafka.batches import BULK, KeyValue, packed
from streams.kafka.cluster import Cluster
from streams.kafka.dead_letter import Origin, pack_dead_letter
from streams.kafka.placement import partition_of
from streams.kafka.refusal import WRITE, asking, start
from streams.kafka.topics import DEAD_LETTERS

Placed = tuple[str, int, bytes, bytes]
"""Topic, partition, key and value of a record to send."""


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


class _Data(msgspec.Struct, frozen=True, gc=False):
    account_id: str | None = None
    into_account_id: str | None = None
    retracts_type: str | None = None


class _Routing(msgspec.Struct, frozen=True, gc=False):
    type: str
    subject: str | None = None
    data: _Data = _Data()


_decode = msgspec.json.Decoder(_Routing).decode


class Publisher:
    """Sends lines to the topics of one cluster; ``start`` before and ``stop`` after.

    Attributes:
        published: What was published so far.
    """

    def __init__(
        self,
        cluster: Cluster,
        type_prefix: str = "",
        topic_prefix: str = TOPIC_PREFIX,
        bad_lines_max: int | None = None,
    ) -> None:
        """Takes where lines go.

        Args:
            cluster: The cluster.
            type_prefix: Taken off the types where present.
            topic_prefix: Before the short names of topics.
            bad_lines_max: After so many lines that are no events nothing more is sent; None to look
                at no more of a line than where it goes.
        """
        self.published = Published()
        self._bad_lines_max = bad_lines_max
        self._decoder = None if bad_lines_max is None else Decoder(type_prefix)
        self._prefix = type_prefix
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
        """
        with asking(WRITE):
            await start(self._cluster, self._producer.start())
            for topic in (*TOPICS, DEAD_LETTERS):
                numbers = await self._producer.partitions_for(self._topic_prefix + topic)
                self._partitions[topic] = sorted(numbers)

    async def stop(self) -> None:
        """Sends what is buffered and disconnects."""
        await self._producer.stop()

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
        for topic, partition, key, value in self._placed(lines, source, numbers):
            by_partition.setdefault((topic, partition), []).append((key, value))
        with asking(WRITE):
            await asyncio.gather(*(self._send(*place) for place in by_partition.items()))

    def _placed(
        self, lines: Sequence[bytes], source: str, numbers: Sequence[int]
    ) -> Iterator[Placed]:
        """Yields where each line goes, until there are too many bad ones."""
        rejects = [] if self._decoder is None else self._decoder.decode(lines).rejects
        refused = {reject.index: reject for reject in rejects}
        for index, (number, line) in enumerate(zip(numbers, lines, strict=True)):
            bad = refused.get(index)
            if bad is None:
                yield from self._place(number, line.strip(), source)
            else:
                yield self._dead(number, line.strip(), source, bad.reason, bad.detail)
            most = self._bad_lines_max
            if most is not None and self.published.rejected.total() >= most:
                self.published.stopped_at = number
                return

    def _place(self, number: int, line: bytes, source: str) -> Iterable[Placed]:
        try:
            event = _decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            yield self._dead(number, line, source, *_unplaced(error))
            return
        name = event.type.removeprefix(self._prefix)
        topics = _topics_of(name, event.data, self._prefix)
        keys = _keys_of(name, event, line)
        if not topics:
            yield self._dead(number, line, source, "unknown_type", f"no topic takes {name!r}")
        elif not keys:
            yield self._dead(number, line, source, "no_key", "needs data.account_id or subject")
        for topic in topics:
            for key in keys:
                yield self._record(topic, key, line)

    def _record(self, topic: str, key: str, value: bytes) -> Placed:
        self.published.records[topic] += 1
        partition = partition_of(key, len(self._partitions[topic]))
        return self._topic_prefix + topic, partition, key.encode(), value

    def _dead(self, number: int, line: bytes, source: str, reason: str, detail: str) -> Placed:
        self.published.rejected[reason] += 1
        value = pack_dead_letter(Origin(source, -1, number), reason, detail, line, now_ms())
        return self._topic_prefix + DEAD_LETTERS, self._partitions[DEAD_LETTERS][0], b"", value

    async def _send(self, place: tuple[str, int], records: list[KeyValue]) -> None:
        topic, partition = place
        batches = packed(self._producer, records)
        sent = [await self._producer.send_batch(b, topic, partition=partition) for b in batches]
        await asyncio.gather(*sent)


def _unplaced(error: Exception) -> tuple[str, str]:
    """Returns reason and detail of a line of which no type or account can be read."""
    if isinstance(error, msgspec.ValidationError):
        return "invalid_envelope", "type must be text and data an object, with ids that are text"
    return "invalid_json", no_json(error)


def _topics_of(name: str, data: _Data, prefix: str) -> tuple[str, ...]:
    if name != EVENT_RETRACTED:
        topic = topic_of(name)
    elif data.retracts_type is None:
        return RETRACTION_TOPICS
    else:
        topic = topic_of(name, {"retracts_type": data.retracts_type.removeprefix(prefix)})
    return (topic,) if topic else ()


def _keys_of(name: str, event: _Routing, line: bytes) -> tuple[str, ...]:
    """Returns the keys of an event: an account's merge travels under both accounts."""
    key = event.data.account_id or event.subject
    if key is None and name in EVENT_TYPES and EVENT_TYPES[name].model.ENTITY is not None:
        own = msgspec.json.decode(line)["data"].get(EVENT_TYPES[name].model.ENTITY)
        key = own if isinstance(own, str) else None
    into = event.data.into_account_id
    return tuple(dict.fromkeys(found for found in (key, into) if found))


async def publish_batches(
    cluster: Cluster,
    batches: Iterable[Sequence[bytes]],
    source: str,
    type_prefix: str,
    progress: Callable[[int], None],
    numbers: Callable[[], Sequence[int]] = tuple,
    bad_lines_max: int | None = None,
) -> Published:
    """Publishes many batches of lines, until one has the last bad line that is borne.

    Args:
        cluster: Where to.
        batches: The lines.
        source: Where they come from, for dead letters.
        type_prefix: Taken off the types where present.
        progress: Gets the number of lines of each batch.
        numbers: Returns those of the lines of the last batch.
        bad_lines_max: See ``Publisher``.

    Raises:
        PublishError: If the cluster cannot be reached or does not take the records.
        RefusedError: If we may not write.
    """
    publisher = Publisher(cluster, type_prefix, bad_lines_max=bad_lines_max)
    try:
        await publisher.start()
        for lines in batches:
            await publisher.publish(lines, source, numbers())
            progress(len(lines))
            if publisher.published.stopped_at is not None:
                break
    except KafkaError as error:
        raise PublishError(f"kafka {cluster}: {error or type(error).__name__}") from error
    finally:
        await publisher.stop()
    return publisher.published

"""Sources of event history: NDJSON files, standard input, and the topics of a Kafka cluster."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from select import select
from typing import IO, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from events import TOPIC_PREFIX, TOPICS
from events.errors import TidemarkError

KAFKA_SCHEME: Final = "kafka://"

BATCH_BYTES: Final = 1 << 20
"""Bytes of a file that are read and decoded together: some thousand events."""

BATCH_RECORDS: Final = 5_000
"""Kafka records that are decoded together."""

IDLE_S: Final = 60.0
"""Seconds without any record after which a topic that has not ended counts as unreadable."""


class SourceError(TidemarkError):
    """A source cannot be read."""


class FileSource:
    """The lines of an NDJSON file, or of standard input for ``-``.

    Attributes:
        name: The file's name.
        size: Its bytes, or None if that is not known.
        done: Bytes read so far.
        topic: None, as its lines may be of any topic.
    """

    topic: None = None

    def __init__(self, name: str) -> None:
        """Takes a path or ``-``.

        Raises:
            SourceError: If there is no such file.
        """
        self.name = name
        self.done = 0
        try:
            self.size = None if name == "-" else Path(name).stat().st_size
        except OSError as error:
            raise SourceError(f"{name}: {error.strerror}") from error

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the lines, many at a time, without blank ones.

        Raises:
            SourceError: If the file cannot be read.
        """
        try:
            if self.name == "-":
                yield from self._read(sys.stdin.buffer)
            else:
                with Path(self.name).open("rb") as file:
                    yield from self._read(file)
        except OSError as error:
            raise SourceError(f"{self.name}: {error.strerror}") from error

    def lines(self, pause_s: float) -> Iterator[list[bytes]]:
        """Yields the lines of standard input as a live stream brings them.

        Args:
            pause_s: After so long without a line it gives an empty list, so that the reader can do
                something else than wait.

        Raises:
            SourceError: If it cannot be read.
        """
        begun = b""
        try:
            descriptor = sys.stdin.fileno()
            while True:
                if not select([descriptor], [], [], pause_s)[0]:
                    yield []
                    continue
                read = os.read(descriptor, BATCH_BYTES)
                self.done += len(read)
                *lines, begun = (begun + read).split(b"\n") if read else (begun, b"")
                yield [line for line in lines if line.strip()]
                if not read:
                    return
        except OSError as error:
            raise SourceError(f"{self.name}: {error.strerror}") from error

    def _read(self, file: IO[bytes]) -> Iterator[list[bytes]]:
        while lines := file.readlines(BATCH_BYTES):
            self.done += sum(map(len, lines))
            yield [line for line in lines if not line.isspace()]


class KafkaSource:
    """Topics of a cluster, from the beginning to where they ended when reading began.

    Attributes:
        name: ``kafka://HOST:PORT``.
        size: Records to read, or None before reading has begun.
        done: Records read so far.
        topic: Short name of the topic that the last batch came from.
        offsets: By topic and partition the first offset to read and the one to end before.
    """

    def __init__(self, name: str, topics: Sequence[str] = TOPICS) -> None:
        self.name = name
        self._topics = tuple(topics)
        self.size: int | None = None
        self.done = 0
        self.topic: str | None = None
        self.offsets: dict[str, dict[int, tuple[int, int]]] = {}

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the records' values, many of one topic at a time.

        Raises:
            SourceError: If the cluster or a topic cannot be read.
        """
        loop = asyncio.new_event_loop()
        stream = self._read()
        try:
            while True:
                try:
                    yield loop.run_until_complete(anext(stream))
                except StopAsyncIteration:
                    return
        except (KafkaError, OSError, TimeoutError) as error:
            raise SourceError(f"{self.name}: {error or type(error).__name__}") from error
        finally:
            loop.run_until_complete(stream.aclose())
            loop.close()

    async def _read(self) -> AsyncGenerator[list[bytes], None]:
        servers = self.name.removeprefix(KAFKA_SCHEME)
        wanted = await self._partitions(servers)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=servers,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 << 20,
        )
        await consumer.start()
        try:
            left = await self._assign(consumer, wanted)
            while left:
                async with asyncio.timeout(IDLE_S):
                    fetched = await consumer.getmany(timeout_ms=1_000, max_records=BATCH_RECORDS)
                for partition, records in fetched.items():
                    values = [r.value or b"" for r in records if r.offset < left.get(partition, 0)]
                    self.done += len(values)
                    self.topic = partition.topic.removeprefix(TOPIC_PREFIX)
                    if values:
                        yield values
                for partition in list(left):
                    if await consumer.position(partition) >= left[partition]:
                        del left[partition]
                        consumer.pause(partition)
        finally:
            await consumer.stop()

    async def _partitions(self, servers: str) -> list[TopicPartition]:
        """Returns every partition of the topics that exist."""
        admin = AIOKafkaAdminClient(bootstrap_servers=servers)
        await admin.start()
        try:
            topics = await admin.describe_topics([TOPIC_PREFIX + topic for topic in self._topics])
        finally:
            await admin.close()
        found = [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in topics
            for partition in topic["partitions"]
        ]
        if not found:
            named = ", ".join(TOPIC_PREFIX + topic for topic in self._topics)
            raise SourceError(f"{self.name}: there is no topic {named}")
        return found

    async def _assign(
        self, consumer: AIOKafkaConsumer, wanted: list[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """Assigns every partition; gives the end of each that holds records."""
        consumer.assign(wanted)
        first = await consumer.beginning_offsets(wanted)
        last = await consumer.end_offsets(wanted)
        await consumer.seek_to_beginning(*wanted)
        self.size = sum(last[partition] - first[partition] for partition in wanted)
        for partition in wanted:
            read = first[partition], last[partition]
            self.offsets.setdefault(partition.topic, {})[partition.partition] = read
            if first[partition] == last[partition]:
                consumer.pause(partition)
        return {p: last[p] for p in wanted if last[p] > first[p]}


Source = FileSource | KafkaSource


def open_source(name: str) -> Source:
    """Opens a source by name: a file, ``-`` or ``kafka://HOST:PORT``.

    Raises:
        SourceError: If there is no such file.
    """
    return KafkaSource(name) if name.startswith(KAFKA_SCHEME) else FileSource(name)

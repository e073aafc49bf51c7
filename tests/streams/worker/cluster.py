"""What broker tests share: topics of their own, events, worker processes, and an independent look
at the rows."""

import asyncio
import json
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from events import TOPICS
from streams.kafka.cluster import Cluster as Address
from streams.kafka.topic_creation import create_topics
from streams.kafka.topics import Topics
from streams.worker.changelog import HEADER_BYTES, MARKER_KEY, unpack_header
from tests.streams.worker.fake_shard import unpack

Rows = dict[tuple[str, bytes], set[str]]


@dataclass
class WorkerProcess:
    """A worker process and what it wrote down."""

    process: asyncio.subprocess.Process
    log: Path
    output: Path

    @property
    def states(self) -> list[dict[str, Any]]:
        """What it owned over time."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines]

    @property
    def state(self) -> dict[str, Any]:
        """What it owns now."""
        states = self.states
        return states[-1] if states else {"ready": False, "partitions": [], "stored": 0, "lag": 0}

    async def wait(self, until: Callable[[dict[str, Any]], bool], limit_s: float = 40.0) -> None:
        """Waits until the state is as wanted."""
        deadline = time.monotonic() + limit_s
        while not until(self.state):
            assert self.process.returncode is None, f"exited early:\n{self.tail()}"
            assert time.monotonic() < deadline, f"still {self.state}:\n{self.tail()}"
            await asyncio.sleep(0.05)

    async def ready(self, partitions: int) -> None:
        """Waits until it has restored so many partitions."""
        await self.wait(lambda state: state["ready"] and len(state["partitions"]) == partitions)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signals it and waits for its end."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 30)

    def tail(self) -> str:
        """The end of what it logged, warnings and errors if there are any."""
        lines = self.output.read_text().splitlines()
        return "\n".join([line for line in lines if " INFO " not in line] or lines)[-4000:]


@dataclass
class Cluster:
    """Topics of one test on a real broker."""

    bootstrap: str
    topics: Topics
    folder: Path
    partitions: int = 4
    workers: list[WorkerProcess] = field(default_factory=list)
    expected: Rows = field(default_factory=lambda: defaultdict(set))

    @property
    def address(self) -> Address:
        """The cluster as the product takes it."""
        return Address(self.bootstrap)

    async def produce(
        self, count: int, *, users: int = 50, first: int = 0, topics: Iterable[str] = TOPICS
    ) -> None:
        """Produces that many events to each topic, keyed by user, every tenth of them twice."""
        async with self.producer() as producer:
            for name in topics:
                for number in range(first, first + count):
                    event, user = f"{name}-{number}", f"user-{number % users}"
                    value = json.dumps({"id": event, "user": user}).encode()
                    for _ in range(1 + (number % 10 == 0)):
                        await producer.send(self.topics.source(name), value, key=user.encode())
                    self.expected[name, user.encode()].add(event)

    @asynccontextmanager
    async def producer(self, **options: Any) -> AsyncIterator[AIOKafkaProducer]:
        """A producer, flushed at the end."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, **options)
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """An admin client."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def start(self, **options: Any) -> WorkerProcess:
        """Starts a worker."""
        number = len(self.workers)
        log, output = self.folder / f"worker-{number}.log", self.folder / f"worker-{number}.out"
        given = {
            "bootstrap": self.bootstrap,
            "prefix": self.topics.prefix,
            "app_id": self.topics.app_id,
            "owner": f"worker-{number}",
            "log": str(log),
            "flush_interval_s": 0.2,
            "session_timeout_s": 6.0,
            "heartbeat_s": 1.0,
            **options,
        }
        with output.open("wb") as sink:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.streams.worker.worker_process",
                json.dumps(given),
                stdout=sink,
                stderr=sink,
            )
        worker = WorkerProcess(process, log, output)
        self.workers.append(worker)
        return worker

    async def close(self) -> None:
        """Kills what is still running."""
        for worker in self.workers:
            if worker.process.returncode is None:
                worker.process.kill()
                await worker.process.wait()

    async def all_stored(self, limit_s: float = 40.0) -> None:
        """Waits until the group has committed every event: what was acknowledged was stored
        before."""
        sources = [
            TopicPartition(self.topics.source(name), number)
            for name in TOPICS
            for number in range(self.partitions)
        ]
        deadline = time.monotonic() + limit_s
        async with self.admin() as admin:
            while True:
                ends = await self.ends(sources)
                done = await self._committed(admin)
                missing = {
                    tp: (done[tp].offset if tp in done else None, end)
                    for tp, end in ends.items()
                    if end and (tp not in done or done[tp].offset < end)
                }
                if not missing:
                    return
                logs = "\n".join(worker.tail() for worker in self.workers)
                assert time.monotonic() < deadline, f"committed, end: {missing}\n{logs}"
                await asyncio.sleep(0.2)

    async def _committed(self, admin: AIOKafkaAdminClient) -> dict[TopicPartition, Any]:
        """What the group has committed; nothing while a new broker has no coordinator yet."""
        try:
            return dict(await admin.list_consumer_group_offsets(self.topics.app_id))
        except GroupCoordinatorNotAvailableError:
            return {}

    async def ends(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Ends of logs."""
        async with self.reader() as reader:
            return dict(await reader.end_offsets(list(tps)))

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[AIOKafkaConsumer]:
        """A consumer outside the group."""
        reader = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await reader.start()
        try:
            yield reader
        finally:
            await reader.stop()

    async def records(self, topic: str) -> list[Any]:
        """All records of a topic."""
        tps = [TopicPartition(topic, number) for number in range(self.partitions)]
        found: list[Any] = []
        async with self.reader() as reader:
            ends = await reader.end_offsets(tps)
            reader.assign(tps)
            await reader.seek_to_beginning(*tps)
            deadline = time.monotonic() + 20
            while any([await reader.position(tp) < ends[tp] for tp in tps]):
                assert time.monotonic() < deadline, topic
                for batch in (await reader.getmany(timeout_ms=200)).values():
                    found.extend(batch)
        return sorted(found, key=lambda record: (record.partition, record.offset))

    async def rows(self) -> Rows:
        """The rows that the changelogs hold by the rule of epochs, read without the worker's
        code."""
        rows: Rows = {}
        for name in TOPICS:
            highest: dict[int, int] = defaultdict(int)
            for record in await self.records(self.topics.changelog(name)):
                epoch = unpack_header(record.value).epoch
                if epoch < highest[record.partition]:
                    continue
                highest[record.partition] = epoch
                if record.key != MARKER_KEY:
                    rows[name, record.key] = unpack(record.value[HEADER_BYTES:])
        return rows


@asynccontextmanager
async def new_cluster(
    bootstrap: str, name: str, folder: Path, partitions: int = 4
) -> AsyncIterator[Cluster]:
    """Makes topics that no other test has, and ends the workers in the end."""
    unique = f"{name}-{time.time_ns():x}"  # noqa: TID251 (a name, not a time)
    topics = Topics(f"{unique}.", unique)
    await create_topics(Address(bootstrap), partitions, topics)
    cluster = Cluster(bootstrap, topics, folder, partitions)
    try:
        yield cluster
    finally:
        await cluster.close()

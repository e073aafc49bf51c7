"""A database with the outbox of docs/sources/database.md, and Debezium carrying it to Kafka."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from events import TOPIC_PREFIX, TOPICS
from tests.end_to_end.installation import PARTITIONS, Installation, new_installation
from tests.end_to_end.patience import wait_for
from tests.servers.connect import ConnectServer
from tests.servers.port import HOST
from tests.servers.postgres import USER, PostgresServer
from tests.servers.required import required

PAGE = Path(__file__).parents[2] / "docs" / "sources" / "database.md"
CONNECTOR = "tidemark"

Config = dict[str, str]
"""Settings of a connector."""


def sql(name: str) -> str:
    """The statements of the page that stand below the name of a file."""
    [found] = re.findall(rf"`{name}`[^`]*:\n\n```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(found)


def settings() -> list[Config]:
    """The page's settings of connectors, in order."""
    found = re.findall(r"```jsonc\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [json.loads(text) for text in found]


@dataclass
class Outbox:
    """The servers that an event passes.

    Attributes:
        installation: Kafka with the topics, Redis, and the commands.
        postgres: The database.
        connect: The worker of Connect.
    """

    installation: Installation
    postgres: PostgresServer
    connect: ConnectServer

    def connector(self, more: Mapping[str, str | None]) -> Config:
        """The page's settings with the addresses of this test, and others; None is left out."""
        [page, *_] = settings()
        here = {
            "database.hostname": HOST,
            "database.port": str(self.postgres.port),
            "database.password": "",
            "database.dbname": USER,
            "heartbeat.interval.ms": "500",  # so that no test waits for it
        }
        assert here.keys() <= page.keys()
        merged: dict[str, str | None] = {**page, **here, **more}
        return {name: value for name, value in merged.items() if value is not None}

    def carry(self) -> None:
        """Makes the page's connector, or makes it anew after a restart, and waits until it runs."""
        self.connect.put(CONNECTOR, self.connector({}))
        self.wait_until_running([CONNECTOR])

    def lose_the_slot(self, told_meanwhile: bytes) -> None:
        """Halts the page's connector, drops its slot, tells an event, and lets it go on."""
        self.connect.halt(CONNECTOR)
        slot = f"FROM pg_replication_slots WHERE slot_name = '{CONNECTOR}'"

        def look() -> bool:
            return self.postgres.run(f"SELECT active {slot}").strip() == "f"

        wait_for(look, lambda: "halted")
        self.postgres.run(f"SELECT pg_drop_replication_slot(slot_name) {slot}")
        self.tell([told_meanwhile])
        self.connect.resume_connector(CONNECTOR)

    def side(self, name: str, more: Mapping[str, str]) -> None:
        """Makes a connector with other settings, which carries what is told from now on to topics
        of its own name."""
        own = {
            "slot.name": name,
            "topic.prefix": name,
            "snapshot.mode": "no_data",
            "heartbeat.interval.ms": None,
            "transforms.outbox.route.topic.replacement": name + ".${routedByValue}",
        }
        self.connect.put(name, self.connector({**own, **more}))

    def wait_until_running(self, names: Iterable[str]) -> None:
        """Waits until connectors read the log of the database."""
        states: dict[str, list[str]] = {}

        def look() -> bool:
            states.update({name: self.connect.states(name) for name in names})
            active = self.postgres.run("SELECT count(*) FROM pg_replication_slots WHERE active")
            running = [state for each in states.values() for state in each if state == "RUNNING"]
            return int(active) >= len(states) == len(running)

        wait_for(look, lambda: f"running: {states}\n{self.connect.log.read_text()[-4000:]}")

    def tell(self, events: Iterable[bytes]) -> None:
        """Tells events in one transaction."""
        calls = [f"SELECT tidemark_tell({quoted(event.decode())}::jsonb);" for event in events]
        self.postgres.run("\n".join(["BEGIN;", *calls, "COMMIT;"]))

    def told(self, path: Path) -> Path:
        """Writes all events that the outbox has, as lines."""
        path.write_text(self.postgres.run("SELECT event FROM tidemark_outbox ORDER BY id"))
        return path

    def records(self, topics: Mapping[str, int]) -> list[ConsumerRecord]:
        """All records of topics, of which the numbers of partitions are given; of one that is not
        there yet none."""
        return asyncio.run(self._records(topics))

    def wait_for_records(self, count: int, topics: Mapping[str, int]) -> list[ConsumerRecord]:
        """Waits until topics have at least so many records, and gives all of them."""
        found: list[ConsumerRecord] = []

        def look() -> bool:
            found[:] = self.records(topics)
            return len(found) >= count

        wait_for(look, lambda: f"{count} records: {found}\n{self.connect.log.read_text()[-4000:]}")
        return found

    def wait_for_ids(self, wanted: Iterable[str]) -> Counter[str]:
        """Waits until events are in their topics, and gives how often each id is there."""
        found: Counter[str] = Counter()

        def look() -> bool:
            records = self.records(EVENT_TOPICS)
            found.clear()
            found.update(json.loads(record.value)["id"] for record in records)
            return found.keys() >= set(wanted)

        wait_for(look, lambda: f"{wanted}: {found}\n{self.connect.log.read_text()[-4000:]}")
        return found

    def wait_until_confirmed(self) -> None:
        """Waits until the slot needs nothing of what is in the database's log by now."""
        [now] = self.postgres.run("SELECT pg_current_wal_lsn()").splitlines()
        slot = f"FROM pg_replication_slots WHERE slot_name = '{CONNECTOR}'"

        def look() -> bool:
            passed = self.postgres.run(f"SELECT confirmed_flush_lsn >= '{now}' {slot}")
            return passed.strip() == "t"

        confirmed = f"SELECT confirmed_flush_lsn {slot}"
        wait_for(look, lambda: f"{now} confirmed: {self.postgres.run(confirmed)}", poll_s=0.5)

    async def _records(self, topics: Mapping[str, int]) -> list[ConsumerRecord]:
        bootstrap = self.installation.kafka.bootstrap
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
        await consumer.start()
        found: list[ConsumerRecord] = []
        try:
            there = topics.keys() & await consumer.topics()
            wanted = [TopicPartition(name, n) for name in there for n in range(topics[name])]
            ends = await consumer.end_offsets(wanted)
            consumer.assign(wanted)
            if wanted:
                await consumer.seek_to_beginning(*wanted)
            while any([await consumer.position(tp) < ends[tp] for tp in wanted]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
        finally:
            await consumer.stop()
        return found


EVENT_TOPICS: Mapping[str, int] = {TOPIC_PREFIX + topic: PARTITIONS for topic in TOPICS}
"""The topics of events, with their numbers of partitions."""


def quoted(text: str) -> str:
    """A text as PostgreSQL reads it."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def new_outbox(folder: Path) -> Iterator[Outbox]:
    """Starts the servers and makes the outbox; all end with the context."""
    with required(PostgresServer()) as postgres, new_installation(folder) as installation:
        with required(ConnectServer(installation.kafka.bootstrap)) as connect:
            postgres.run(sql("outbox.sql"))
            yield Outbox(installation, postgres, connect)

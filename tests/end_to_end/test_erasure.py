"""The right to be forgotten, on real servers: names are nowhere, and every figure is as before."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from aggregates.time.tile import edge_after
from events.forgetting import Forgetting
from events.pseudonyms import Pseudonyms
from streams.clock import now_ms
from streams.kafka.cluster import Cluster
from streams.kafka.dead_letter import unpack_dead_letter
from streams.kafka.erasure import Erasure, Told
from streams.kafka.erasure_end import ErasureError, check_nobody_works
from streams.kafka.topics import Topics
from tests.end_to_end.commands import new_commands
from tests.end_to_end.explorer import Explorer
from tests.end_to_end.figures import Oracle
from tests.end_to_end.installation import PARTITIONS, Installation
from tests.end_to_end.patience import wait_for
from tests.servers import KafkaServer, RedisServer
from tests.servers.required import required

pytestmark = [pytest.mark.broker, pytest.mark.slow]

OTHER = "acct_of_another"
COMPANY = ("--accounts", "10", "--days", "40", "--seed", "9")
SOON = {
    "log.initial.task.delay.ms": "500",
    "log.retention.check.interval.ms": "500",
    "log.segment.delete.delay.ms": "100",
}
"""A broker that deletes at once what may go; by default it takes six minutes."""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Servers of the test's own."""
    with required(KafkaServer(properties=SOON)) as kafka, required(RedisServer()) as board:
        with new_commands(tmp_path, kafka=kafka.bootstrap, redis=board.url) as commands:
            yield Installation(kafka, board, commands)


def chosen(path: Path) -> tuple[str, str, int]:
    """The account of most kinds of events; the busiest user of another one, and their uses."""
    data = [(e["type"], e["data"]) for e in map(json.loads, path.read_bytes().splitlines())]
    kinds: dict[str, set[str]] = {}
    for kind, told in data:
        kinds.setdefault(told.get("account_id", ""), set()).add(kind.split(".")[0])
    account = max(sorted(kinds), key=lambda name: len(kinds[name]))
    uses = Counter(told["user_id"] for _, told in data if "user_id" in told)
    own = [told for _, told in data if told.get("account_id") == account]
    others = {told["user_id"] for told in own if "user_id" in told}
    asked = {told["respondent_id"] for _, told in data if told.get("respondent_id")}
    user = max(sorted((asked & uses.keys()) - others), key=lambda name: uses[name])
    return account, user, uses[user]


async def everything(bootstrap: str) -> list[tuple[str, bytes]]:
    """Each topic's records from first to last, aborted ones too: where, and what is in it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    described = await admin.describe_topics(await admin.list_topics())
    await admin.close()
    places = [
        TopicPartition(topic["topic"], each["partition"])
        for topic in described
        for each in topic["partitions"]
        if topic["topic"] != "__transaction_state"
    ]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_uncommitted",
        exclude_internal_topics=False,
    )
    await consumer.start()
    found: list[tuple[str, bytes]] = []
    try:
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        async with asyncio.timeout(60):
            while any([await consumer.position(place) < ends[place] for place in places]):
                for place, records in (await consumer.getmany(timeout_ms=200)).items():
                    for record in records:
                        texts = record.key or b"", record.value or b""
                        found += [(place.topic, text) for text in texts]
                        if place.topic.endswith("dead-letters"):
                            found.append((place.topic, unpack_dead_letter(record.value).raw))
    finally:
        await consumer.stop()
    return found


def on_board(url: str) -> list[bytes]:
    """All keys and values of a Redis."""
    client = redis.Redis.from_url(url)
    found: list[bytes] = []
    for key in client.scan_iter():
        found += [key, client.dump(key) or b""]
    client.close()
    return found


def bad_record_of(account: str) -> tuple[bytes, bytes]:
    """Key and value of a record that is no event, which goes to the dead letters whole."""
    bad = {
        "specversion": "1.0",
        "id": f"bad-{account}",
        "source": "test",
        "type": "seats.set",
        "time": "2026-03-01T00:00:00Z",
        "data": {"account_id": account, "seats": -1},
    }
    return account.encode(), json.dumps(bad).encode()


def old_segments(installation: Installation, told: Told) -> list[Path]:
    """The first segments of partitions that were copied; the copies lie in later ones."""
    folders = [installation.kafka.data_dir / f"{p.topic}-{p.partition}" for p in told.places]
    return [each for folder in folders for each in folder.glob("00000000000000000000.log*")]


def test_who_is_erased_is_nowhere_and_counts_as_before(
    installation: Installation, tmp_path: Path
) -> None:
    """Refused while a worker runs; killed half-way; cut off after its commit; ended.

    A replay gives the same figures meanwhile. At the end no topic, no changelog, no dead
    letter and no key of the board has the names, the broker keeps no segment of before, and workers
    that compute the tables anew show what they showed. An explorer that had them ends by itself,
    does not start meanwhile, and knows them no more afterwards.
    """
    commands, bootstrap = installation.commands, installation.kafka.bootstrap
    path = tmp_path / "company.ndjson"
    commands.output_of("simulate", *COMPANY, "--out", path)
    account, user, uses = chosen(path)
    installation.publish(path)
    installation.produce([("usage", *bad_record_of(name)) for name in (account, OTHER)])
    worker = installation.worker()
    worker.says(" ready: generation ")
    installation.wait_until_committed()
    right, edge = installation.oracle(path), edge_after(now_ms())
    run = Forgetting([account], [], Pseudonyms(b"test"))
    person = Forgetting([], [user], Pseudonyms(b"test"))
    before = asyncio.run(everything(bootstrap))
    assert {topic for topic, text in before if run.names_in(text)} >= {
        *map(Topics().source, ("subscription", "usage", "ticket", "account")),
        Topics().dead_letters,
        Topics().changelog("usage"),
    }

    with pytest.raises(ErasureError, match="stop the workers"):
        asyncio.run(check_nobody_works(Cluster(bootstrap), Topics()))
    explorer = Explorer(commands.start("explorer", "explorer", "--port", "0"))
    explorer.wait_until_settled(PARTITIONS)
    assert explorer.get(f"/account?id={quote(account)}")[0] == 200
    assert worker.end() == 0

    began = installation.published().total()
    killed = commands.start("erase", "erase", "--account", account)
    wait_for(lambda: installation.published().total() > began, killed.tail, poll_s=0.01)
    killed.kill()

    def check_replay() -> None:
        assert Oracle(commands, f"kafka://{bootstrap}").at(edge) == right.at(edge)

    check_replay()
    commands.output_of("erase", "--account", account)
    assert explorer.service.wait() == 70
    assert re.search("(erasing|erased|superseded): ", explorer.service.tail())
    refused = commands.start("explorer", "explorer", "--port", "0")
    assert refused.wait() == 70
    assert "no-tables: " in refused.tail()

    erasure = Erasure(
        Cluster(bootstrap), Topics(), Forgetting([], [user], Pseudonyms(b"of this run"))
    )

    async def cut_off() -> Told:
        told = await erasure.look(lambda _: None)
        await erasure.copy(told, lambda _: None)
        return told

    told = asyncio.run(cut_off())
    assert told.records["tidemark.usage"] == uses
    check_replay()
    looked = commands.start("erase", "erase", "--dry-run", "--account", account)
    assert looked.wait() != 0
    assert "an erasure was cut off" in looked.tail()
    assert "ended the erasure" in commands.output_of("erase")

    left = asyncio.run(everything(bootstrap))
    assert len(left) > 1_000
    for where, text in [*left, *(("redis", text) for text in on_board(installation.redis.url))]:
        assert not run.names_in(text), (where, text)
        assert not person.names_in(text), (where, text)
    [letter] = installation.letters()
    assert OTHER.encode() in unpack_dead_letter(letter.value).raw
    wait_for(lambda: not old_segments(installation, told), lambda: "no segment of before")

    rebuilt = commands.output_of("rebuild")
    assert "rebuilt from" in rebuilt
    installation.worker()
    exporter = installation.exporter()
    exporter.wait_until_settled()
    exporter.check(right)
    explorer = Explorer(commands.start("explorer", "explorer", "--port", "0"))
    explorer.wait_until_settled(PARTITIONS)
    assert explorer.get(f"/account?id={quote(account)}")[0] == 404
    assert explorer.differences(right, [("cs_mrr", (("currency", "USD"),))]) == []

"""Admission: tables of two fingerprints never share changelogs, whoever starts when."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.shard.fingerprint import Fingerprint
from streams.kafka.batches import KeyValue
from streams.kafka.cluster import Cluster
from streams.kafka.register import (
    ERASING,
    IN_FORCE,
    REBUILT,
    Register,
    tables_record,
    write_register,
)
from streams.kafka.topic_creation import create_changelogs, create_topics
from streams.kafka.topics import Topics
from streams.worker.admission import admitted, next_words, opened, put_in_force, watch
from streams.worker.error import WorkerError
from tests.examples import examples

APP = "tidemark"


def mark(zone: str, tzdata: str = "2025c") -> Fingerprint:
    """A fingerprint of two entries."""
    entries = {"timezone": f'"{zone}"', "tzdata": f'"{tzdata}"'}
    return Fingerprint(entries, entries)


MARKS = [mark("UTC"), mark("Asia/Tokyo"), mark("Europe/Berlin")]


def read(log: list[KeyValue]) -> Register:
    """What a log says."""
    register = Register()
    for key, value in log:
        assert key is not None
        register = register.after(key, value)
    return register


@dataclass
class Start:
    """A worker that is being started: it looks, then writes what it then wanted, and so on."""

    own: Fingerprint
    words: list[KeyValue] | None = None
    app_id: str = ""
    refused: bool = False
    said: list[str] = field(default_factory=list)

    def step(self, log: list[KeyValue]) -> None:
        """Looks, or writes what it wanted at its last look."""
        if self.refused or self.app_id:
            return
        if self.words:
            log += self.words
            self.words = None
            return
        try:
            self.words = next_words(read(log), self.own, APP)
        except WorkerError as error:
            self.refused = True
            self.said.append(str(error))
            return
        if not self.words:
            self.app_id = read(log).app_id(self.own.digest)


@dataclass
class Told:
    """In place of a worker: whether it is restored, and how often it was told to claim again."""

    restored: bool = True
    confirmed: int = 0

    def claim_again(self) -> None:
        """Counts."""
        self.confirmed += 1


async def wait_until(seen: Callable[[], bool]) -> None:
    """Waits for what must come within a minute."""
    deadline_s = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < deadline_s
        await asyncio.sleep(0.05)


@examples(200)
@given(st.lists(st.sampled_from(MARKS), min_size=1, max_size=5), st.data())
def test_no_two_fingerprints_are_ever_admitted_to_the_same_tables(
    marks: list[Fingerprint], data: st.DataObject
) -> None:
    """However the looks and writings of workers that start at once fall between each other, also
    while a rebuild says that its tables are whole: who is admitted has a name for itself, and never
    another one."""
    log: list[KeyValue] = []
    starts = [Start(each) for each in marks]
    names: dict[str, str] = {}
    for turn in data.draw(st.lists(st.integers(0, 2 * len(starts) - 1), max_size=60)):
        if turn < len(starts):
            starts[turn].step(log)
        else:
            own = marks[turn - len(starts)]
            if own.digest in read(log).tables:
                log.append((REBUILT, own.digest.encode()))
        for start in starts:
            if start.app_id:
                assert names.setdefault(start.own.digest, start.app_id) == start.app_id
    assert len(set(names.values())) == len(names)


def test_the_first_worker_puts_its_tables_in_force() -> None:
    """They have the plain name, and a second start of the same settings says nothing more."""
    log: list[KeyValue] = []
    while words := next_words(read(log), MARKS[0], APP):
        log += words
    register = read(log)
    assert (register.in_force, register.app_id(MARKS[0].digest)) == (MARKS[0].digest, APP)
    assert register.serving is not None
    assert register.serving.fingerprint == MARKS[0]


def test_other_settings_are_refused_by_name_until_rebuilt() -> None:
    """The message has name, old and new value and the way out; tables that are whole take over, and
    those that were in force before are refused from then on."""
    log: list[KeyValue] = [
        *next_words(Register(), MARKS[0], APP),
        (IN_FORCE, MARKS[0].digest.encode()),
    ]
    with pytest.raises(WorkerError, match='timezone is "UTC" there, "Asia/Tokyo" here') as refused:
        next_words(read(log), MARKS[1], APP)
    assert refused.value.reason == "other-settings"
    assert "tidemark rebuild" in str(refused.value)
    log += [*next_words(Register(), MARKS[1], f"{APP}-x"), (REBUILT, MARKS[1].digest.encode())]
    assert next_words(read(log), MARKS[0], APP) == []
    assert next_words(read(log), MARKS[1], APP) == []
    log += put_in_force(MARKS[1])
    assert (read(log).in_force, read(log).rebuilt) == (MARKS[1].digest, "")
    with pytest.raises(WorkerError, match='timezone is "Asia/Tokyo" there, "UTC" here'):
        next_words(read(log), MARKS[0], APP)


def test_other_time_zone_rules_are_refused_by_name() -> None:
    """The version of the IANA database is told like a setting, with a way out of its own."""
    later = mark("UTC", "2026a")
    log = [*next_words(Register(), MARKS[0], APP), (IN_FORCE, MARKS[0].digest.encode())]
    with pytest.raises(WorkerError, match=r'tzdata is "2025c" there, "2026a" here.*install that'):
        next_words(read(log), later, APP)


def test_tables_of_an_earlier_version_are_refused_until_rebuilt() -> None:
    """What does not say its settings is never gone on with."""
    with pytest.raises(WorkerError, match=r"unknown-settings.*tidemark rebuild"):
        next_words(Register(), MARKS[0], APP, unknown=True)
    log = [*next_words(Register(), MARKS[0], f"{APP}-x"), (REBUILT, MARKS[0].digest.encode())]
    assert next_words(read(log), MARKS[0], APP, unknown=True) == []


@pytest.mark.parametrize("value", [b"", b"{}", b"\xff", b'{"app_id": 1}'])
def test_a_record_that_is_not_understood_changes_nothing(value: bytes) -> None:
    """A later version may write what this one does not know."""
    log = next_words(Register(), MARKS[0], APP)
    [(key, _)] = log
    assert key is not None
    register = read(log)
    assert register.after(key, value) == register
    assert register.after(b"later", value) == register
    assert register.after(IN_FORCE, b"\xff") == register


def test_a_description_comes_back_whole() -> None:
    """Entries and settings survive the topic."""
    log = next_words(Register(), MARKS[2], APP)
    [tables] = read(log).tables.values()
    assert (tables.fingerprint, tables.app_id) == (MARKS[2], APP)
    assert tables_record(tables) == log[0]


async def test_admission_on_a_broker(kafka: str) -> None:
    """The register is made with the first worker; changelogs that it does not know are refused; the
    tables of a rebuild have names of their own; a worker whose tables are not in force any more
    ends by name."""
    names = Topics("admission.", "admission")
    await create_topics(Cluster(kafka), 2, names)
    utc, tokyo = MARKS[0], MARKS[1]
    assert (await admitted(Cluster(kafka), names, utc))[0] == names
    assert (await admitted(Cluster(kafka), names, utc))[0] == names
    with pytest.raises(WorkerError, match="other-settings"):
        await admitted(Cluster(kafka), names, tokyo)
    register, tables = await opened(Cluster(kafka), names, tokyo)
    assert (register.in_force, tables.app_id) == (utc.digest, f"admission-{tokyo.digest}")
    with pytest.raises(WorkerError, match="other-settings"):
        await admitted(Cluster(kafka), names, tokyo)
    await write_register(Cluster(kafka), names, (REBUILT, tokyo.digest.encode()))
    assert (await admitted(Cluster(kafka), names, tokyo))[0] == tables
    in_force = (await admitted(Cluster(kafka), names, utc))[0]
    assert in_force == names, "until the others are restored"
    old, new = Told(), Told(restored=False)
    watching = asyncio.create_task(watch(Cluster(kafka), names, tokyo, new))
    follower = asyncio.create_task(watch(Cluster(kafka), names, utc, old))
    await wait_until(lambda: old.confirmed > 0)
    assert (new.confirmed, follower.done()) == (0, False)
    new.restored = True
    with pytest.raises(WorkerError, match=r"superseded.*timezone is"):
        await follower
    await wait_until(lambda: new.confirmed > 0)
    with pytest.raises(WorkerError, match="other-settings"):
        await admitted(Cluster(kafka), names, utc)
    await write_register(Cluster(kafka), names, (ERASING, b"1"))
    admissions = admitted(Cluster(kafka), names, tokyo), opened(Cluster(kafka), names, utc)
    for refused in (watching, *admissions):
        with pytest.raises(WorkerError, match=r"erasing.*`tidemark erase` ends it"):
            await refused


async def test_changelogs_without_a_register_on_a_broker(kafka: str) -> None:
    """Those of the version before have the plain names, and nobody describes them."""
    names = Topics("unmarked.", "unmarked")
    await create_topics(Cluster(kafka), 2, names)
    await create_changelogs(Cluster(kafka), 2, names)
    with pytest.raises(WorkerError, match="unknown-settings"):
        await admitted(Cluster(kafka), names, MARKS[0])

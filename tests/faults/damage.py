"""Damage to what workers keep: changelogs deleted, beheaded, compacted, with bits turned."""

import asyncio
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from events import TOPICS
from streams.kafka.cluster import Cluster
from streams.kafka.topics import CHANGELOG_CONFIG, Topics, administered
from tests.end_to_end.installation import PARTITIONS
from tests.end_to_end.patience import wait_for
from tests.faults.stage import Stage

_EAGER: Final = {
    **CHANGELOG_CONFIG,
    "min.compaction.lag.ms": "0",
    "min.cleanable.dirty.ratio": "0.0",
    "segment.ms": "1000",
}
"""A changelog that is compacted as soon as the cleaner comes by."""


def _changelogs(stage: Stage) -> list[str]:
    """Some of the changelogs."""
    topics = Topics()
    names = [topics.changelog(name) for name in TOPICS]
    return stage.rng.sample(names, stage.rng.randint(1, len(names)))


def _administer(stage: Stage, call: Callable[[Any], Any]) -> Any:
    async def run() -> Any:
        async with administered(Cluster(stage.installation.kafka.bootstrap)) as admin:
            return await call(admin)

    return asyncio.run(run())


def _configure(stage: Stage, names: list[str], config: dict[str, str]) -> None:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name, config) for name in names]
    _administer(stage, lambda admin: admin.alter_configs(resources))


def deleted(stage: Stage) -> None:
    """Changelogs deleted."""
    names = _changelogs(stage)
    _administer(stage, lambda admin: admin.delete_topics(names))

    def gone() -> bool:
        there = _administer(stage, lambda admin: admin.list_topics())
        return not set(names) & set(there)

    wait_for(gone, lambda: f"deleted: {names}", 30.0)
    stage.noted(f"{len(names)} changelogs deleted")


def beheaded(stage: Stage) -> None:
    """The heads of changelogs deleted, as by a policy that somebody set for a while."""
    names = _changelogs(stage)
    tps = [TopicPartition(name, number) for name in names for number in range(PARTITIONS)]
    ends = asyncio.run(stage.installation.ends(tps))
    heads = {tp: RecordsToDelete(stage.rng.randint(1, end)) for tp, end in ends.items() if end}
    _configure(stage, names, {**CHANGELOG_CONFIG, "cleanup.policy": "delete"})
    _administer(stage, lambda admin: admin.delete_records(heads))
    _configure(stage, names, dict(CHANGELOG_CONFIG))
    stage.noted(f"heads of {len(heads)} changelog partitions deleted")


def compacted(stage: Stage) -> None:
    """Changelogs compacted at once by the broker's own cleaner, which comes by each 15 s."""
    names = _changelogs(stage)
    _configure(stage, names, _EAGER)
    checkpoint = stage.installation.kafka.data_dir / "cleaner-offset-checkpoint"

    def cleaned() -> bool:
        done = {line.split(" ")[0] for line in checkpoint.read_text().splitlines()}
        return bool(done & set(names))

    stage.start_worker()  # a marker of its own ends a segment
    wait_for(cleaned, lambda: "the cleaner has come by", poll_s=1.0)
    for worker in stage.workers:
        stage.end(worker)
    _configure(stage, names, dict(CHANGELOG_CONFIG))
    stage.noted(f"{len(names)} changelogs compacted")


def turned(stage: Stage) -> None:
    """A bit turned in the segments of changelogs, on the disk of a broker that has been stopped."""
    kafka = stage.installation.kafka
    if stage.rng.random() < 0.5:
        kafka.stop()
    else:
        kafka.kill()
    segments = [
        path
        for name in _changelogs(stage)
        for path in sorted(kafka.data_dir.glob(f"{name}-*/*.log"))
        if path.stat().st_size
    ]
    for path in stage.rng.sample(segments, min(3, len(segments))):
        held = bytearray(path.read_bytes())
        place = stage.rng.choice([place for batch in _checked(held) for place in batch])
        held[place] ^= 1 << stage.rng.randrange(8)
        path.write_bytes(held)
    kafka.start()
    stage.noted(f"{min(3, len(segments))} bits turned in changelogs")


_LENGTH: Final = struct.Struct(">8xi")
"""What a batch of records begins with: its offset, then how many bytes follow."""

_CHECKSUM: Final = 17
"""Where in a batch its checksum is."""


def _checked(segment: bytearray) -> Iterator[range]:
    """Yields the bytes of each batch that its checksum covers, the checksum among them.

    What is before it is not covered: no consumer is told of damage there, and a broker (4.3.1) may
    not start, which is no damage that a worker could meet.
    """
    place = 0
    while place + _CHECKSUM < len(segment):  # the last one may not be whole after a kill
        (length,) = _LENGTH.unpack_from(segment, place)
        end = place + _LENGTH.size + length
        yield range(place + _CHECKSUM, min(end, len(segment)))
        place = end


DAMAGE: Final[tuple[Callable[[Stage], None], ...]] = (deleted, beheaded, compacted, turned)


def state_damaged(stage: Stage) -> None:
    """One kind of damage after the other, each while no worker runs."""
    for damage in stage.rng.sample(DAMAGE, len(DAMAGE)):
        stage.wait(1, 3)
        for worker in stage.workers:
            stage.end(worker)
        damage(stage)
        # Until then the board is fresh by those who have ended, and would be taken for settled.
        wait_for(lambda: not stage.exporter.scrape().complete, lambda: "the board is stale")
        for _ in range(2):
            stage.start_worker()
        stage.exporter.wait_until_settled()

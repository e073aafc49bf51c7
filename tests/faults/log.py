"""The oracle: the whole log, read by a consumer of our own, sorted, and folded in one go.

Nothing of a worker, a changelog or a board is asked. A fold of a part of the log, up to given
offsets, is what a board that says it is so far must show.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from aggregates.reading.reader import Reader
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_ms
from events import TOPIC_PREFIX, TOPICS
from exporters.figures import live_figures
from exporters.series import metric_families
from streams.kafka.placement import placed
from streams.local.intake import Intake
from tests.end_to_end.figures import Figures
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation

Offsets = Mapping[tuple[str, int], int]
"""The next offset to read, by short name of a topic and partition."""

_SQL_MAX: Final = 20_000
"""Events that SQL recomputes in seconds."""

_SHOWN_MAX: Final = 8
"""Differences that a failure names."""

_READ_S: Final = 60.0
"""For reading a small log to its end."""


@dataclass(frozen=True)
class Log:
    """All records of the event topics.

    Attributes:
        partitions: Of each topic.
        records: By short name of the topic and partition, in the order of offsets.
    """

    partitions: int
    records: Mapping[tuple[str, int], list[ConsumerRecord]] = field(repr=False)

    def __len__(self) -> int:
        return sum(map(len, self.records.values()))

    @property
    def values(self) -> set[bytes]:
        """What the records hold."""
        return {record.value for each in self.records.values() for record in each}

    def splits_a_merge(self, upto: Offsets) -> bool:
        """Whether offsets lie between the two records of a merge of accounts, one under each.

        The account then counts in neither place or in both, as the lag of its topic tells. Of a
        record that was told again the first one counts.
        """
        seen: dict[bytes, dict[bytes, bool]] = {}
        for place, records in self.records.items():
            if place[0] == "account":
                for record in records:
                    if b"account.merged" in (record.value or b""):
                        sides = seen.setdefault(record.value, {})
                        is_known = sides.get(record.key, False)
                        sides[record.key] = is_known or record.offset < upto[place]
        return any(len(set(sides.values())) > 1 for sides in seen.values())

    def keep(self, path: Path) -> None:
        """Writes every record down, to look into a failure."""
        with path.open("w") as file:
            for (topic, partition), records in self.records.items():
                for record in records:
                    value = (record.value or b"").decode(errors="replace")
                    file.write(json.dumps([topic, partition, record.offset, value]) + "\n")


class Oracle:
    """What must be shown of a log, under one plan."""

    def __init__(self, log: Log, plan: Plan) -> None:
        self._log = log
        self._plan = plan
        self._catalogue = load(plan.measures.values(), shipped_source(), policy=plan.policy)

    def figures(self, edge: int, upto: Offsets | None = None) -> Figures:
        """Returns every KPI series that an exporter shows at a tile edge.

        Args:
            edge: The edge.
            upto: How far the log has been read; None for all of it.
        """
        reader = Reader(self.ledger(upto), self._plan.calendar)
        policy = self._plan.policy
        figures = live_figures(reader, self._catalogue, edge, policy.currency)
        return {
            (series.name, tuple(sorted(series.labels))): value
            for family in metric_families(self._catalogue, figures, policy.segments)
            for series in family.series
            if isfinite(value := float(series.values[0]))
        }

    def ledger(self, upto: Offsets | None = None) -> Ledger:
        """Folds the records before given offsets, or all, into one partition."""
        (shard,) = self._intake(upto).shards
        return shard.ledger

    def check_by_sql(self, edge: int) -> int:
        """Recomputes every measure by SQL over the raw events, where that can be done.

        That is: of a small log, under settings as they come, with no record that is refused.

        Returns:
            How many integers were compared.

        Raises:
            AssertionError: Fold and SQL differ.
        """
        intake = self._intake(None)
        values = self._log.values
        if len(values) > _SQL_MAX or intake.rejected or self._plan.policy != Policy():
            return 0
        at_ms = edge_ms(edge)
        recomputed = Recomputation(sorted(values), [at_ms]).figures()
        odd = differences(intake.shards[0].ledger, self._plan, recomputed, [at_ms])
        assert not odd, f"fold and SQL differ on {len(odd)} integers: {odd[:_SHOWN_MAX]}"
        return len(recomputed[at_ms])

    def _intake(self, upto: Offsets | None) -> Intake:
        """Folds; repeated records are left out and the others sorted by time.

        Only those that share an id keep their order: the first counts, whatever another one says.
        """
        intake = Intake(self._plan, bulk=True)
        for (topic, partition), records in self._log.records.items():
            end = None if upto is None else upto.get((topic, partition), 0)
            told = {r.value or b"": None for r in records if end is None or r.offset < end}
            intake.take(_sorted(list(told)), topic, placed(partition, self._log.partitions))
        intake.settle()
        return intake


def _sorted(values: list[bytes]) -> list[bytes]:
    first: dict[str, str] = {}
    keys = []
    for number, value in enumerate(values):
        event = _event(value)
        time = first.setdefault(str(event.get("id", number)), str(event.get("time", "")))
        keys.append((time, number))
    return [values[number] for _, number in sorted(keys)]


def _event(value: bytes) -> dict[str, Any]:
    try:
        event = json.loads(value)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def plan_of(settings: Mapping[str, str]) -> Plan:
    """Returns the plan of an installation's settings, as far as runs set them."""
    known = {name: settings[name] for name in ("timezone",) if name in settings}
    return Plan(Policy.model_validate(known))


def read_log(bootstrap: str, partitions: int) -> Log:
    """Reads the event topics to their ends; what was aborted is not there."""
    return asyncio.run(_read(bootstrap, partitions))


async def _read(bootstrap: str, partitions: int) -> Log:
    wanted = [TopicPartition(TOPIC_PREFIX + t, n) for t in TOPICS for n in range(partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed")
    await consumer.start()
    found: dict[tuple[str, int], list[ConsumerRecord]] = {
        (tp.topic.removeprefix(TOPIC_PREFIX), tp.partition): [] for tp in wanted
    }
    try:
        ends = await consumer.end_offsets(wanted)
        consumer.assign(wanted)
        await consumer.seek_to_beginning(*wanted)
        async with asyncio.timeout(_READ_S):
            while any([await consumer.position(tp) < ends[tp] for tp in wanted]):
                for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                    found[tp.topic.removeprefix(TOPIC_PREFIX), tp.partition] += records
    finally:
        await consumer.stop()
    return Log(partitions, found)

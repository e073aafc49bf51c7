"""From records to readings: what the tests of families share.

Facts become NDJSON bytes, are decoded, folded into a shard and settled; figures are read from its
ledger.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from aggregates.ledger.measure import SUM
from aggregates.rows.history import rank_of
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.time.tile import TILE_MS
from events import Batch, Decoder, format_instant, parse_instant

ACCOUNT: Final = "acct_1"
START_MS: Final = parse_instant("2026-03-02T00:00:00Z")
"""A tile edge at which the stories of the tests begin."""
START: Final = START_MS // TILE_MS
HOUR_MS: Final = 3_600_000
HOUR: Final = 4
"""Tiles of an hour."""
DAY: Final = 96
"""Tiles of a day."""

_DECODER: Final = Decoder()


class Told(NamedTuple):
    """A fact as a test tells it; `sequence` 0 is none."""

    ms: int
    sequence: int
    id: str
    type: str
    data: Mapping[str, Any]

    @property
    def order(self) -> tuple[int, str, int, str, str]:
        """Its place among the facts of one entity, written down once more."""
        sequence = str(self.sequence).rjust(20) if self.sequence else ""
        return self.ms, sequence, rank_of(self.type), self.type, self.id

    def record(self) -> bytes:
        """Returns it as the bytes of a record."""
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": "test",
            "type": self.type,
            "time": format_instant(self.ms),
            "data": {"account_id": ACCOUNT, **self.data},
        }
        if self.sequence:
            event["sequence"] = str(self.sequence)
        return json.dumps(event).encode()


def told_apart(facts: Iterable[Told]) -> list[Told]:
    """Leaves out facts of an entity that another of its type, instant and sequence precedes.

    Which of these is taken first only their content decides, as rows keep it.
    """
    found: dict[tuple[object, ...], Told] = {}
    for fact in facts:
        entity = [fact.data.get(name) for name in ("response_id", "user_id", "task_id")]
        ticket = None if any(entity) else fact.data.get("ticket_id")
        found.setdefault((fact.ms, fact.sequence, fact.type, *entity, ticket), fact)
    return list(found.values())


def story(
    facts: Sequence[tuple[float, str, Mapping[str, Any]]], prefix: str = "evt", **common: Any
) -> list[Told]:
    """Tells facts given as (hours after the start, type, data), in their order."""
    return [
        Told(START_MS + round(hours * HOUR_MS), n, f"{prefix}_{n}", kind, {**common, **data})
        for n, (hours, kind, data) in enumerate(facts, 1)
    ]


def retraction(event_id: str, ms: int = START_MS) -> Told:
    """Takes an event back."""
    return Told(ms, 0, f"retract_{event_id}", "event.retracted", {"retracts": event_id})


def fold(
    plan: Plan, topic: str, facts: Iterable[Told], batch: int = 1000, *, bulk: bool = False
) -> Shard:
    """Folds facts in the order given, settles after each batch, and gives the shard."""
    shard = Shard(plan, bulk=bulk)
    tell(shard, topic, facts, batch)
    return shard


def tell(shard: Shard, topic: str, facts: Iterable[Told], batch: int) -> None:
    """Folds more facts into a shard, settling after each batch."""
    told = list(facts)
    for first in range(0, len(told), batch):
        assert not shard.fold(topic, decoded(told[first : first + batch]))
        if not shard.settling.bulk:
            shard.settle()
    shard.settle()


def decoded(facts: Iterable[Told]) -> Batch:
    """Returns facts as they are decoded from records."""
    batch = _DECODER.decode([fact.record() for fact in facts])
    assert not batch.rejects
    return batch


def level(shard: Shard, series: tuple[str, ...], edge: int) -> int:
    """Reads a series at an edge, over all segments, and over all filters that it leaves out."""
    keys = shard.ledger.prefixes(series[0])[0]
    wanted = [key for key in keys if series in (key[0], unfiltered(shard, key[0]))]
    return sum(shard.ledger.level(*key, edge) for key in wanted)


def unfiltered(shard: Shard, series: tuple[str, ...]) -> tuple[str, ...]:
    """Returns a series without the values of its measure's filters."""
    measure = shard.plan.measures[series[0]]
    return series[: measure.depth] + series[measure.depth + len(measure.filters) :]


def flow(shard: Shard, name: str, start: int, edge: int, *filters: str) -> int:
    """Reads a flow over tiles, over all segments, and over all filters that are left out."""
    return level(shard, (name, *filters), edge) - level(shard, (name, *filters), start)


def durations(
    shard: Shard, name: str, window: str, edge: int, *labels: str
) -> tuple[dict[str, int], int]:
    """Reads a distribution under some label values: counts by bucket, and the sum in ms.

    It is over all filters if none are among the values.
    """
    counts: Counter[str] = Counter()
    wanted = (name, window, *labels)
    for series, segment in shard.ledger.prefixes(name)[0]:
        if wanted in (series[:-1], unfiltered(shard, series)[:-1]):
            counts[series[-1]] += shard.ledger.level(series, segment, edge)
    total = sum(counts.pop(label) for label in list(counts) if label.endswith(SUM))
    return {bucket: count for bucket, count in counts.items() if count}, total


def readings(shard: Shard, edge: int) -> dict[tuple[str, ...], int]:
    """Reads every series at an edge; those at 0 are left out."""
    ledger = shard.ledger
    levels = {series: ledger.level(series, segment, edge) for series, segment in ledger.cells}
    return {series: value for series, value in levels.items() if value}


def is_consistent(shard: Shard) -> bool:
    """Returns whether the settled ledger is what a rebuild from the rows gives."""
    settled = shard.ledger
    shard.settling.rebuild()
    return settled == shard.ledger


def restored(shard: Shard, topic: str) -> Shard:
    """Returns a shard that was restored from the packed rows of another."""
    fresh = Shard(shard.plan)
    for key, row in shard.store.packed(topic, shard.store.take_dirty(topic)):
        fresh.handover.restore_row(topic, key, row)
    fresh.settling.rebuild()
    return fresh

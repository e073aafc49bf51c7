"""A small company for tests: a catalogue over a few measures, and a ledger to publish."""

from collections.abc import Callable
from functools import cache

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source
from aggregates.ledger.buckets import kept_as
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Kind, Measure, Unit
from aggregates.ledger.packed import pack_cells, pack_key
from aggregates.shard.audit import AuditNote, Compared, encode_audit
from aggregates.shard.board import Board, PartitionStatus, PublishResult, TopicStatus, encode_status
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILE_MS
from exporters.boards.memory_board import MemoryBoard
from exporters.catalogue_source import CatalogueSource
from exporters.feed import Feed
from exporters.live_reading import LiveReading
from tests.exporters.fixed_catalogue import FixedCatalogue

EDGE = 1_969_000
"""The tile edge at which tests read, in February 2026."""

NOW_MS = EDGE * TILE_MS - 1

MEASURES = (
    Measure("mrr", Kind.LEVEL, Unit.MONEY, "MRR."),
    Measure("paying", Kind.LEVEL, Unit.COUNT, "Paying accounts."),
    Measure("churned", Kind.FLOW, Unit.COUNT, "Accounts lost."),
    Measure("overdue", Kind.LEVEL, Unit.COUNT, "Overdue tasks.", labels=("owner",)),
    Measure("reply", Kind.DURATION, Unit.MS, "Waits.", windows=("7d", "30d")),
)

CATALOGUE = """
[[kpi]]
id = "mrr"
code = "R1"
family = "revenue"
title = "MRR <of all>"
formula = "mrr"
unit = "money"
good = "up"
source = "subscription.*"
description = "Recurring \\\\ revenue & more."

[[kpi]]
id = "customer_churn_ratio"
code = "C4"
family = "customers"
title = "Customer churn"
formula = "churned / start(paying)"
unit = "ratio"
windows = ["month", "30d"]
good = "down"
targets = { b2b = "<= 0.05" }
source = "subscription.*"
description = "Of those paying at the start, the share lost."

[[kpi]]
id = "reply_seconds"
code = "T3"
family = "support"
title = "Reply time"
unit = "seconds"
windows = ["7d", "30d"]
good = "down"
source = "ticket.*"
description = "Every wait for a human reply."
[kpi.variants]
label = "stat"
mean = "mean(reply)"
p90 = "p90(reply)"

[[kpi]]
id = "tasks_overdue"
code = "W3"
family = "team"
title = "Tasks overdue"
formula = "overdue"
unit = "count"
good = "down"
source = "task.*"
description = "Tasks past their due time."
"""

AWKWARD = 'an "owner" \\ <b>\nof two lines'


@cache
def catalogue() -> Catalogue:
    """Returns the small catalogue."""
    return load(MEASURES, Source("test.toml", CATALOGUE))


@cache
def calendar() -> Calendar:
    """Returns the calendar of UTC."""
    return Calendar("UTC")


def ledger(partition: int = 0) -> Ledger:
    """Returns a partition's ledger; partitions differ in their amounts."""
    held = Ledger()
    day = 96
    smb, big = ("smb",), ("enterprise",)
    held.add(("mrr",), smb, EDGE - 400 * day, 100_500_000 * (partition + 1))
    held.add(("mrr",), big, EDGE - 40 * day, 2_000_000_000)
    held.add(("mrr",), big, EDGE + 10, -2_000_000_000)
    held.add(("paying",), smb, EDGE - 400 * day, 8)
    held.add(("paying",), big, EDGE - 40 * day, 2)
    held.add(("churned",), smb, EDGE - 5, 1)
    held.add(("overdue", AWKWARD), smb, EDGE - 3, 3)
    held.add(("overdue", "zoe"), big, EDGE - 3, 1)
    for wait_ms in (90_000, 600_000, 90_000_000):
        for window, tiles in (("7d", 7 * day), ("30d", 30 * day)):
            for bucket, amount in kept_as(wait_ms):
                held.add(("reply", window, bucket), smb, EDGE - 2, amount)
                held.add(("reply", window, bucket), smb, EDGE - 2 + tiles, -amount)
    return held


def chunks(held: Ledger) -> dict[bytes, bytes]:
    """Packs a ledger as a worker does."""
    return {pack_key(key): pack_cells(held.chunk(key)) for key in held.chunks()}


def status(owner: str = "w1", ready: bool = True, accepted: int = 10) -> bytes:
    """Returns a worker's status."""
    return encode_status(
        PartitionStatus(
            owner=owner,
            generation=1,
            ready=ready,
            topics={"usage": TopicStatus(offset=10, lag=3, last_event_ms=NOW_MS - 2_000)},
            events={"usage": {"accepted": accepted, "rejected": 1}},
            restatements=2,
            flush_s=0.025,
            restore_s=1.5,
        )
    )


def publish(
    board: Board,
    partition: int,
    partitions: int,
    held: Ledger | None = None,
    said: bytes | None = None,
) -> int:
    """Claims a partition and publishes it in full; gives the generation."""
    generation = board.claim(partition, partitions)
    changes = chunks(ledger(partition) if held is None else held)
    said = status() if said is None else said
    assert board.publish(partition, generation, 1, changes, True, said) is PublishResult.OK
    return generation


def board(partitions: int = 2) -> MemoryBoard:
    """Returns a board on which every partition is published."""
    full = MemoryBoard(clock_s=lambda: 0.0)
    for partition in range(partitions):
        publish(full, partition, partitions)
    compared = {number: Compared(100, 10, number, 2 * number) for number in range(partitions)}
    full.keep_audit(encode_audit(AuditNote(NOW_MS - 60_000, "", "", compared)))
    return full


def live(
    source: Board,
    clock_s: Callable[[], float] = lambda: 0.0,
    now_ms: Callable[[], int] = lambda: NOW_MS,
    shared_for_s: float = 0.0,
    kpis: CatalogueSource | None = None,
) -> LiveReading:
    """Returns readings of a board, with clocks that stand still."""
    feed = Feed(source, clock_s=clock_s)
    return LiveReading(
        feed,
        kpis or FixedCatalogue(catalogue()),
        calendar(),
        now_ms,
        clock_s=clock_s,
        shared_for_s=shared_for_s,
    )

"""Histories of made-up companies, as a network delivers them, with the edges to read them at."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from aggregates.ledger.ledger import Ledger
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from events import parse_instant
from streams.local.intake import Intake
from streams.simulator import Company, disturb
from tests.oracle.batches import whole

END_MS: Final = parse_instant("2026-03-10T00:00:00Z")
DAY_MS: Final = TILES_A_DAY * TILE_MS
MONTH_EDGES_MS: Final = tuple(
    parse_instant(text) for text in ("2025-12-01T00:00:00Z", "2026-02-01T00:00:00Z")
)
BATCH_LINES: Final = 1_000
PLAN: Final = Plan()

_RANDOM_EDGES: Final = 9
_AHEAD_DAYS: Final = 45
"""Readings lie up to so long after the last event: the clock alone moves figures there."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a company is: accounts, days, and sessions of an active user a day."""

    accounts: int
    days: int
    activity: float


SIZES: Final = (Size(25, 300, 1.0), Size(90, 540, 0.04), Size(60, 700, 0.04))
"""One company that is busy, and two of many accounts and months: revenue moves seldom."""


def company_lines(seed: int) -> list[bytes]:
    """Tells a company's history, with disorder, late lines and repetitions."""
    size = SIZES[seed % len(SIZES)]
    company = Company(seed, size.accounts, END_MS - size.days * DAY_MS, activity=size.activity)
    lines = []
    for day in company.days():
        lines += [line for at_ms, line in day if at_ms < END_MS]
        if day and day[-1][0] >= END_MS:
            break
    return list(disturb(lines, seed))


def edges_ms(seed: int) -> list[int]:
    """Returns instants of readings: month edges, an office hour, the end, and random tiles."""
    rng = Random(f"{seed}-edges")
    days = SIZES[seed % len(SIZES)].days
    first, last = END_MS - days * DAY_MS, END_MS + _AHEAD_DAYS * DAY_MS
    random_ms = [rng.randrange(first, last) // TILE_MS * TILE_MS for _ in range(_RANDOM_EDGES)]
    return sorted({*random_ms, *MONTH_EDGES_MS, END_MS - 9 * DAY_MS // 24})


def folded(lines: Sequence[bytes], partitions: int, *, settle_every: int = 5) -> Ledger:
    """Folds lines in batches, settling now and then, and merges the partitions' ledgers."""
    intake = Intake(PLAN, partitions)
    for number, first in enumerate(range(0, len(lines), BATCH_LINES)):
        intake.take(lines[first : first + BATCH_LINES])
        if number % settle_every == 0:
            intake.settle()
    intake.settle()
    return whole(intake)

"""Folding of stories in batches of any size, and instants to read them at."""

from collections.abc import Sequence
from random import Random

from aggregates.ledger.ledger import Ledger
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS, TILES_A_DAY
from streams.local.intake import Intake
from tests.oracle.stories import BEGIN_MS, END_MS


def folded_in_batches(
    lines: Sequence[bytes], plan: Plan, rng: Random, partitions: int = 1, batch_max: int = 60
) -> Ledger:
    """Folds lines, settling after each batch, and merges the partitions; none may be rejected."""
    intake = Intake(plan, partitions)
    first = 0
    while first < len(lines):
        size = rng.randint(1, batch_max)
        intake.take(lines[first : first + size])
        intake.settle()
        first += size
    return whole(intake)


def whole(intake: Intake) -> Ledger:
    """Returns the ledgers of all partitions as one; no line may have been rejected."""
    assert not intake.rejected, intake.samples
    ledger, *others = [shard.ledger for shard in intake.shards]
    for other in others:
        ledger.merge(other)
    return ledger


def random_edges(rng: Random, number: int, ahead_days: int = 0) -> list[int]:
    """Returns instants (ms) on tile edges in the span of the stories, and some days after it."""
    last_ms = END_MS + ahead_days * TILES_A_DAY * TILE_MS
    return sorted(rng.randrange(BEGIN_MS, last_ms) // TILE_MS * TILE_MS for _ in range(number))

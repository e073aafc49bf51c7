"""Values of KPIs from what was told, folded as ``tidemark replay`` does."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.shard.plan import Plan
from streams.local.intake import Intake
from streams.local.replay import edges_at, read_at
from tests.events.sources.zendesk.wire import Body, lines, taken

PLAN: Final = Plan()
PARTITIONS: Final = 4
"""As on Kafka: what is told under a ticket's own key lies elsewhere than its account."""


@cache
def _catalogue() -> Catalogue:
    return load(PLAN.measures.values(), shipped_source())


def values(events: Sequence[bytes], at: str) -> dict[str, float]:
    """Returns every value at an instant by KPI and labels, such as `csat_ratio window=30d`."""
    intake = Intake(PLAN, PARTITIONS)
    intake.take(list(events))
    intake.settle()
    assert dict(intake.rejected) == {}
    ledger = intake.shards[0].ledger
    for shard in intake.shards[1:]:
        ledger.merge(shard.ledger)
    found = read_at(_catalogue(), ledger, PLAN, edges_at([at]))
    return {
        " ".join([sample.kpi.id, *(f"{n}={v}" for n, v in sample.every_label)]): sample.value
        for sample in found
    }


def figures(
    bodies: Sequence[Body], *names: str, at: str = "2026-03-03T00:00:00Z", **options: object
) -> list[float | None]:
    """Returns some values after bodies were imported; None where there is no value."""
    out = taken(bodies, **options)
    assert out.gaps == []
    found = values(lines(out), at)
    return [found.get(name) for name in names]

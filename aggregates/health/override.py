"""The override: a score that somebody set, which replaces the computed one until it ends."""

from typing import Any, Final, cast

from aggregates.contributions.occurrence import FOREVER, Occurrence, Ranked, latest
from aggregates.contributions.steps import StepFunction
from aggregates.rows.history import History
from aggregates.rows.kind import HistoryKind
from aggregates.time.tile import tile_of
from events import Event
from events.account import HealthOverrideSet


def _kept(event: Event) -> dict[str, Any]:
    data = cast(HealthOverrideSet, event.data)
    return {"score": data.score, "until": data.until}


HEALTH_OVERRIDES: Final = HistoryKind(
    History, name="health_override", topic="account", types={"health.override_set"}, keep=_kept
)
"""One row an account, of its overrides."""


def override(row: History | None) -> StepFunction[float | None]:
    """Returns the score that somebody set; of several in force the latest.

    One that names no end is over with the next, and does not come back when that is over.
    """
    facts = [] if row is None else row.unretracted()
    next_ms = [*(fact.effective_ms for fact in facts[1:]), FOREVER]
    scores = [
        Ranked(fact.order, Occurrence(fact.effective_ms, fact.effective_ms, end_ms), fact)
        for fact, following_ms in zip(facts, next_ms, strict=False)
        if (end_ms := fact.data.get("until", following_ms)) > fact.effective_ms
    ]
    steps: list[tuple[int, float | None]] = []
    for occurrence, fact in latest(scores):
        steps.append((tile_of(occurrence.begin_ms), fact.data["score"]))
        if occurrence.end_ms != FOREVER:
            steps.append((tile_of(occurrence.end_ms), None))
    return StepFunction.of(None, steps)

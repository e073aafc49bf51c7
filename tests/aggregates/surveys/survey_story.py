"""Answers told in words: what was answered, in hours after the start."""

from collections.abc import Mapping
from typing import Any, Final

from aggregates.rows.family import Family
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.surveys import (
    ces,
    csat,
    happiness,
    nps,
    nps_accounts,
    satisfaction_balance,
    sends,
    survey_answers,
)
from aggregates.usage import activity
from events import format_instant
from tests.aggregates.folding import HOUR_MS, START_MS, fold, level, story

FAMILIES: Final[list[Family[Any]]] = [
    nps.FAMILY,
    nps_accounts.FAMILY,
    csat.FAMILY,
    ces.FAMILY,
    happiness.FAMILY,
    satisfaction_balance.FAMILY,
    survey_answers.FAMILY,
    sends.FAMILY,
    activity.FAMILY,
]
PLAN: Final = Plan(families=FAMILIES)

CREATED = "survey_response.created"
UPDATED = "survey_response.updated"
DELETED = "survey_response.deleted"

Step = tuple[float, str, Mapping[str, Any]]


def answer(hours: float, response_id: str, score: float | None, **data: Any) -> Step:
    """Tells an NPS answer."""
    fields = {"response_id": response_id, "survey_type": "nps", "score": score, **data}
    return hours, CREATED, fields


def update(hours: float, response_id: str, score: float | None, **data: Any) -> Step:
    """Tells the new state of an NPS answer."""
    return hours, UPDATED, answer(hours, response_id, score, **data)[2]


def deletion(hours: float, response_id: str) -> Step:
    """Tells that a response was deleted."""
    return hours, DELETED, {"response_id": response_id}


def rating(hours: float, response_id: str, score: float | None, **data: Any) -> Step:
    """Tells a CSAT rating."""
    return answer(hours, response_id, score, **{"survey_type": "csat", **data})


def at(hours: float) -> str:
    """Writes the instant so many hours after the start."""
    return format_instant(START_MS + round(hours * HOUR_MS))


def folded(*steps: Step) -> Shard:
    """Folds what was answered."""
    return fold(PLAN, "survey", story(steps))


def groups(shard: Shard, edge: int, window: str = "90d") -> tuple[int, int, int]:
    """Reads promoters, passives and detractors."""
    names = ("nps_promoters", "nps_passives", "nps_detractors")
    promoters, passives, detractors = (level(shard, (name, window), edge) for name in names)
    return promoters, passives, detractors


def ratings(shard: Shard, edge: int, window: str = "30d") -> tuple[int, int]:
    """Reads positive and all ratings."""
    names = ("csat_positive", "csat_rated")
    positive, rated = (level(shard, (name, window), edge) for name in names)
    return positive, rated


def nps_of(shard: Shard, edge: int) -> float:
    """Computes the score from the three groups."""
    promoters, passives, detractors = groups(shard, edge)
    return 100 * (promoters - detractors) / (promoters + passives + detractors)

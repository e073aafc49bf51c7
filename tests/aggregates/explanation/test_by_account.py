"""What is kept by account follows the shards: it says what somebody who asks anew is told."""

import json
import random
from collections.abc import Iterable, Sequence
from typing import Final

import pytest

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.by_account import ByAccount
from aggregates.explanation.explainer import Explainer
from aggregates.explanation.question import Question
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS
from events import parse_instant
from streams.local.intake import Intake
from streams.simulator import simulate
from tests.aggregates.explanation.told import events_of, questions
from tests.field.case import case, core, names

_END: Final = "2026-07-20T00:00:00Z"
DAY: Final = 96
CASE: Final = 20
COMPANY: Final = 60
"""Questions that are asked after each part, others each time."""


def _parts(lines: Sequence[bytes], count: int) -> Iterable[Sequence[bytes]]:
    """Cuts records into parts: a third first, the rest in equal ones."""
    first = max(len(lines) // 3, 1)
    yield lines[:first]
    size = max((len(lines) - first + count - 1) // count, 1)
    for begin in range(first, len(lines), size):
        yield lines[begin : begin + size]


def _anew(
    plan: Plan, catalogue: Catalogue, lines: Sequence[bytes], partitions: int
) -> tuple[Intake, Explainer]:
    intake = Intake(plan, partitions, bulk=True)
    intake.take(list(lines))
    intake.settle()
    return intake, Explainer(catalogue, ByAccount(plan, intake.shards))


def _agree(
    plan: Plan,
    catalogue: Catalogue,
    parts: Iterable[Sequence[bytes]],
    at: int,
    partitions: int,
    most: int,
) -> int:
    """Asks the same of what was kept and of what is folded anew; returns how often."""
    live = Intake(plan, partitions, bulk=True)
    kept = Explainer(catalogue, ByAccount(plan, live.shards))
    told: list[bytes] = []
    asked = 0
    dice = random.Random(0)
    for part in parts:
        told += part
        live.take(list(part))
        live.settle()
        anew, fresh = _anew(plan, catalogue, told, partitions)
        whole = _anew(plan, catalogue, told, 1)[0] if partitions > 1 else anew
        found: list[Question] = [
            question
            for question, _ in questions(catalogue, plan, whole.shards[0], at, at - 30 * DAY)
        ]
        for question in dice.sample(found, min(len(found), most)):
            assert repr(kept.explain(question)) == repr(fresh.explain(question))  # NaN is not NaN
            asked += 1
    return asked


@pytest.mark.parametrize("name", names())
def test_a_kept_explanation_is_a_fresh_one_in_every_case(name: str) -> None:
    """Merges, moves, corrections and retractions that come later change what was kept."""
    told = case(name)
    plan, catalogue = core(json.dumps(told.settings))
    last = max(event.effective_ms // TILE_MS for event in events_of(told.lines))
    assert _agree(plan, catalogue, _parts(told.lines, 3), last + DAY, 1, CASE)


def test_a_kept_explanation_is_a_fresh_one_of_a_company() -> None:
    """Every kind of event that comes later changes what was kept, in whichever partition."""
    plan, catalogue = core("{}")
    lines = list(simulate(seed=6, accounts=14, days=90, end_ms=parse_instant(_END)))
    at = parse_instant(_END) // TILE_MS
    assert _agree(plan, catalogue, _parts(lines, 6), at, 3, COMPANY) > 300

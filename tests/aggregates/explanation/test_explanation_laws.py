"""The laws of explanations: parts, movements and events add up to the figure, to the last unit."""

import json
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import pytest

from aggregates.explanation.by_account import ByAccount
from aggregates.explanation.explainer import Explainer
from aggregates.explanation.question import ask
from aggregates.time.tile import TILE_MS
from events import parse_instant
from streams.local.intake import Intake
from streams.local.replay import edges_at
from streams.simulator import simulate
from tests.aggregates.explanation.told import (
    check,
    check_events,
    check_families,
    events_of,
    questions,
)
from tests.field.case import case, core, names

DAY: Final = 96
_END: Final = "2026-07-20T00:00:00Z"


def _edges(lines: Sequence[bytes], asked: Sequence[int]) -> list[int]:
    """Returns the times that a case asks about, and some between its events and after them."""
    tiles = sorted({event.effective_ms // TILE_MS for event in events_of(lines)})
    dice = random.Random(len(lines))
    some = dice.sample(tiles, min(len(tiles), 2))
    return sorted({*asked, *(tile + dice.choice((1, DAY, 31 * DAY)) for tile in some)})


@pytest.mark.parametrize("name", names())
def test_parts_and_events_add_up_in_every_case(name: str) -> None:
    """What accounts and their events have adds up to each figure that a case is about."""
    told = case(name)
    plan, catalogue = core(json.dumps(told.settings))
    intake = Intake(plan, bulk=True)
    intake.take(told.lines)
    intake.settle()
    check_families(plan, intake.shards[0])
    explainer = Explainer(catalogue, ByAccount(plan, intake.shards))
    wanted = {expected.kpi for expected in told.expect} | {"mrr", "arr"}
    edges = _edges(told.lines, edges_at(dict.fromkeys(each.at for each in told.expect)))
    explained = 0
    for since, at in [(None, edges[-1]), *pairwise(edges)]:
        for question, values in questions(catalogue, plan, intake.shards[0], at, since, wanted):
            explanation = explainer.explain(question)
            check(explanation, values)
            explained += 1
            for part in explanation.parts[:1]:
                check_events(plan, catalogue, explainer, explanation, part, told.lines)
    assert explained


@pytest.fixture(scope="module")
def company() -> list[bytes]:
    """Records of a small company in which everything happens."""
    return list(simulate(seed=5, accounts=12, days=150, end_ms=parse_instant(_END)))


def test_parts_of_every_kpi_add_up(company: list[bytes]) -> None:
    """What accounts have adds up to every figure that there is of a company, and to its changes."""
    plan, catalogue = core("{}")
    intake = Intake(plan, 3, bulk=True)  # accounts lie in several partitions
    whole = Intake(plan, bulk=True)
    for each in (intake, whole):
        each.take(company)
        each.settle()
    explainer = Explainer(catalogue, ByAccount(plan, intake.shards))
    since, at = edges_at(["2026-05-03T04:30:00Z", "2026-07-05T12:00:00Z"])
    check_families(plan, whole.shards[0])
    explained = set()
    for begin, end in ((None, at), (since, at)):
        for question, values in questions(catalogue, plan, whole.shards[0], end, begin):
            check(explainer.explain(question), values)
            explained.add(question.kpi.id)
    assert len(explained) > 90


def test_events_of_usage_add_up(company: list[bytes]) -> None:
    """Uses and sessions, which are folded in a way of their own, add up as all other events do."""
    plan, catalogue = core("{}")
    intake = Intake(plan, bulk=True)
    intake.take(company)
    intake.settle()
    explainer = Explainer(catalogue, ByAccount(plan, intake.shards))
    since, at = edges_at(["2026-06-30T04:30:00Z", "2026-07-12T12:00:00Z"])
    for kpi in ("active_users", "session_seconds_per_user", "stickiness_ratio"):
        explanation = explainer.explain(ask(catalogue, kpi, at, since))
        part = explanation.parts[0]
        assert check_events(plan, catalogue, explainer, explanation, part, company)

"""Work on merged tickets: laws over random histories, and each rule by a story."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.shard.shard import Shard
from tests.aggregates.folding import DAY, START, Told, fold, is_consistent, level
from tests.aggregates.support.ticket_histories import EDGES, INSTANTS
from tests.aggregates.support.ticket_story import PLAN, Step, plan_of, told
from tests.examples import examples

EXAMPLES = examples(60)
TOUCHED = plan_of(handled_basis="touched")

_SECONDS = st.sampled_from([1, 60, 90.5])
_TICKETS = 3


@st.composite
def _merges(draw: st.DrawFn) -> list[Told]:
    """Tickets on which work is logged, some of which go on in later ones or in unknown ones."""
    facts: list[tuple[int, str, dict[str, Any]]] = []
    for ticket in range(_TICKETS):
        name = {"ticket_id": f"t{ticket}"}
        created_ms = draw(INSTANTS)
        facts.append((created_ms, "ticket.created", name))
        for _ in range(draw(st.integers(0, 3))):
            at_ms = max(draw(INSTANTS), created_ms)
            facts.append((at_ms, "ticket.work_logged", {**name, "seconds": draw(_SECONDS)}))
        for _ in range(draw(st.integers(0, 2))):
            at_ms = max(draw(INSTANTS), created_ms)
            into = draw(st.sampled_from([*(f"t{n}" for n in range(ticket + 1, _TICKETS)), "t9"]))
            facts.append((at_ms, "ticket.merged", {**name, "into_ticket_id": into}))
    order = {"ticket.created": 1, "ticket.work_logged": 2, "ticket.merged": 3}
    return [
        Told(ms, order[kind], f"e{number}", kind, data)
        for number, (ms, kind, data) in enumerate(facts)
    ]


def _work(shard: Shard, edge: int) -> tuple[int, int]:
    return level(shard, ("ticket_work", "30d"), edge), level(
        shard, ("tickets_handled", "30d"), edge
    )


@EXAMPLES
@given(_merges(), st.lists(EDGES, min_size=1, max_size=6), st.data())
def test_merges_lose_no_work(facts: list[Told], edges: list[int], data: st.DataObject) -> None:
    """Whatever is merged, and in whatever order it is told, the work logged stays the same."""
    shard = fold(PLAN, "ticket", data.draw(st.permutations(facts)), batch=3)
    apart = fold(PLAN, "ticket", [fact for fact in facts if fact.type != "ticket.merged"])
    for edge in edges:
        assert _work(shard, edge)[0] == _work(apart, edge)[0]
    assert is_consistent(shard)


@EXAMPLES
@given(_merges(), st.lists(EDGES, min_size=1, max_size=6))
def test_touched_tickets_count(facts: list[Told], edges: list[int]) -> None:
    """Tickets worked on are never more than without merges, nor than the tickets that count."""
    shard = fold(TOUCHED, "ticket", facts)
    apart = fold(TOUCHED, "ticket", [fact for fact in facts if fact.type != "ticket.merged"])
    for edge in edges:
        assert _work(shard, edge)[1] <= _work(apart, edge)[1]
        assert _work(shard, edge)[1] <= level(shard, ("ticket_backlog",), edge)


SOURCE: list[Step] = [(1, "created"), (2, "worked", 60)]
TARGET: list[Step] = [(1, "created"), (3, "worked", 30)]
STORIES: list[tuple[list[Step], list[Step], tuple[int, int]]] = [
    ([*SOURCE, (4, "merged", "b")], TARGET, (90, 1)),
    ([*SOURCE, (4, "merged", "b"), (5, "worked", 5)], TARGET, (95, 1)),
    ([*SOURCE, (4, "merged", "b")], [(1, "created")], (60, 1)),
    ([*SOURCE, (4, "merged", "b")], [*TARGET, (5, "deleted")], (0, 0)),
    ([*SOURCE, (4, "merged", "b"), (5, "deleted")], TARGET, (30, 1)),
    ([*SOURCE, (4, "merged", "b")], [(6, "created")], (60, 1)),
    ([*SOURCE, (4, "merged", "elsewhere")], TARGET, (90, 1)),
    ([*SOURCE, (4, "merged", "b")], [*TARGET, (5, "merged", "a")], (0, 0)),
    ([*SOURCE, (4, "merged", "b"), (5, "merged", "c")], TARGET, (90, 1)),
]


@pytest.mark.parametrize(("source", "target", "expected"), STORIES)
def test_work_goes_along(source: list[Step], target: list[Step], expected: tuple[int, int]) -> None:
    """Work follows the first merge to a ticket that counts; to one not known it stays as time."""
    shard = fold(TOUCHED, "ticket", [*told(source, "a"), *told(target, "b")])
    work_ms, touched = _work(shard, START + DAY)
    assert (work_ms // 1000, touched) == expected


def test_by_setting_it_does_not() -> None:
    """By setting the work of a merged ticket leaves the figures with it."""
    facts = [*told([*SOURCE, (4, "merged", "b")], "a"), *told(TARGET, "b")]
    shard = fold(plan_of(merged_work="none"), "ticket", facts)
    assert _work(shard, START + DAY)[0] == 30_000

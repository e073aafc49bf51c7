"""Blocked backlog, work and reopenings: each rule by stories told in hours after the start."""

import pytest

from aggregates.shard.plan import Plan
from tests.aggregates.folding import DAY, HOUR, START, fold, level, retraction
from tests.aggregates.support.ticket_story import PLAN, Step, folded, plan_of, spans, told

Spans = list[tuple[int, int]]

BLOCKED: list[tuple[list[Step], dict[str, Spans]]] = [
    ([(1, "created")], {"unblocked": [(1, 100)]}),
    (
        [(1, "created"), (3, "status", "pending"), (5, "status", "open"), (7, "status", "hold")],
        {"unblocked": [(1, 3), (5, 7)], "customer": [(3, 5)], "internal": [(7, 100)]},
    ),
    ([(1, "created", "hold"), (5, "status", "solved")], {"internal": [(1, 5)]}),
    (
        [(1, "created"), (3, "blocked", "customer"), (5, "unblocked", "customer")],
        {"unblocked": [(1, 3), (5, 100)], "customer": [(3, 5)]},
    ),
    (
        [
            *((1, "created"), (3, "blocked", "customer"), (4, "blocked", "internal")),
            *((6, "unblocked", "customer"), (8, "unblocked", {})),
        ],
        {"unblocked": [(1, 3), (8, 100)], "customer": [(3, 6)], "internal": [(4, 8)]},
    ),
    (
        [(1, "created", "pending"), (3, "blocked", "internal"), (5, "unblocked", "internal")],
        {"customer": [(1, 3), (5, 100)], "internal": [(3, 5)]},
    ),
    (
        [
            (1, "created"),
            (2, "blocked", {"by": "internal", "blocker_id": "b1"}),
            (3, "blocked", {"by": "internal", "blocker_id": "b2"}),
            (4, "unblocked", {"blocker_id": "b1"}),
            (5, "unblocked", {"by": "customer", "blocker_id": "b2"}),
            (6, "unblocked", {"by": "internal", "blocker_id": "b2"}),
        ],
        {"unblocked": [(1, 2), (6, 100)], "internal": [(2, 6)]},
    ),
    (
        [
            (1, "created"),
            (2, "blocked", "internal"),
            (3, "unblocked", {"blocker_id": "b1"}),
            (4, "unblocked", "customer"),
            (5, "unblocked", "internal"),
        ],
        {"unblocked": [(1, 2), (5, 100)], "internal": [(2, 5)]},
    ),
    (
        [
            *((1, "created"), (2, "blocked", "customer"), (3, "status", "solved")),
            *((5, "status", "open"), (7, "deleted")),
        ],
        {"unblocked": [(1, 2)], "customer": [(2, 3), (5, 7)]},
    ),
]


@pytest.mark.parametrize(("steps", "expected"), BLOCKED)
def test_blocked(steps: list[Step], expected: dict[str, Spans]) -> None:
    """Explicit blockers block, else the status; only what nothing blocks is unblocked."""
    shard = folded(steps)
    found = {by: spans(shard, "ticket_backlog_blocked", by) for by in ("customer", "internal")}
    found["unblocked"] = spans(shard, "ticket_backlog_unblocked")
    assert {by: held for by, held in found.items() if held} == expected


def handled(steps: list[Step], plan: Plan = PLAN, edge: int = START + DAY) -> tuple[int, int]:
    """Returns logged seconds and tickets handled over 30 days."""
    shard = folded(steps, plan)
    work_ms = level(shard, ("ticket_work", "30d"), edge)
    return work_ms // 1000, level(shard, ("tickets_handled", "30d"), edge)


WORK: list[tuple[list[Step], tuple[int, int]]] = [
    ([(1, "created"), (2, "worked", 60)], (60, 0)),
    ([(1, "created"), (2, "worked", 60), (3, "worked", 30), (4, "status", "solved")], (90, 1)),
    ([(1, "created"), (4, "status", "solved"), (5, "worked", 60)], (60, 1)),
    ([(1, "created"), (4, "status", "solved"), (5, "status", "open")], (0, 0)),
    (
        [
            *((1, "created"), (4, "status", "solved"), (5, "status", "open")),
            *((6, "worked", 60), (7, "status", "closed")),
        ],
        (60, 1),
    ),
    ([(1, "created"), (2, "worked", 60), (4, "status", "solved"), (5, "merged", "t2")], (60, 0)),
    ([(1, "created"), (2, "worked", 60), (4, "spam")], (0, 0)),
    ([(1, "worked", 60), (2, "created")], (0, 0)),
]


@pytest.mark.parametrize(("steps", "expected"), WORK)
def test_handled(steps: list[Step], expected: tuple[int, int]) -> None:
    """Work counts when it is logged; a ticket is handled when it is solved, and stays so."""
    assert handled(steps) == expected


def test_touched() -> None:
    """By setting a ticket is handled when work is logged on it, once in each window."""
    plan = plan_of(handled_basis="touched")
    steps: list[Step] = [(1, "created"), (2, "worked", 60), (49, "worked", 30)]
    assert handled(steps, plan) == (60, 1)
    assert handled(steps, plan, START + 3 * DAY) == (90, 1)
    assert handled(steps, plan, START + 31 * DAY) == (30, 1)
    assert handled(steps, plan, START + 33 * DAY) == (0, 0)
    steps = [(1, "created"), (2, "worked", 60), (2.25 + 30 * 24, "worked", 30)]
    edges = [START + 2 * HOUR + 30 * DAY + tiles for tiles in (0, 1, 2)]
    assert [handled(steps, plan, edge) for edge in edges] == [(60, 1), (0, 0), (30, 1)]


def test_repeated_work_counts_once() -> None:
    """Work told twice under one event id is one piece of work; taken back it is none."""
    facts = told([(1, "created"), (2, "worked", 60), (3, "worked", 60)])
    series, edge = ("ticket_work", "30d"), START + DAY
    shard = fold(PLAN, "ticket", [*facts, *facts[1:], *facts], batch=1)
    assert level(shard, series, edge) == 120_000
    shard = fold(PLAN, "ticket", [*facts, retraction(facts[2].id)])
    assert level(shard, series, edge) == 60_000


def test_work_keeps_fractions() -> None:
    """Fractions of a second are kept to the millisecond."""
    shard = folded([(1, "created"), (2, "worked", 0.0625), (3, "worked", 1.5)])
    assert level(shard, ("ticket_work", "30d"), START + DAY) == 62 + 1500


REOPENED: list[tuple[list[Step], tuple[int, int]]] = [
    ([(1, "created")], (0, 0)),
    ([(1, "created", "solved")], (0, 1)),
    ([(1, "created"), (2, "status", "solved"), (3, "status", "closed")], (0, 1)),
    ([(1, "created"), (2, "status", "solved"), (3, "status", "open")], (1, 1)),
    (
        [
            *((1, "created"), (2, "status", "solved"), (3, "status", "open")),
            *((4, "status", "solved"), (5, "status", "pending"), (6, "status", "closed")),
        ],
        (1, 1),
    ),
    ([(1, "created"), (2, "status", "solved"), (3, "status", "open"), (5, "deleted")], (0, 0)),
]


def reopened(steps: list[Step], edge: int) -> tuple[int, int]:
    """Returns tickets reopened and solved over 30 days."""
    shard = folded(steps)
    names = ("reopened_tickets", "solved_tickets")
    one, other = (level(shard, (name, "30d"), edge) for name in names)
    return one, other


@pytest.mark.parametrize(("steps", "expected"), REOPENED)
def test_reopened(steps: list[Step], expected: tuple[int, int]) -> None:
    """However often it is solved and reopened, a ticket counts once in each."""
    assert reopened(steps, START + DAY) == expected


def test_reopened_by_window() -> None:
    """A ticket solved before the window and reopened inside it counts as reopened alone."""
    steps: list[Step] = [(1, "created"), (2, "status", "solved"), (20 * 24, "status", "open")]
    assert reopened(steps, START + 2 * HOUR + 30 * DAY) == (1, 1)
    assert reopened(steps, START + 2 * HOUR + 30 * DAY + 1) == (1, 0)
    assert reopened(steps, START + 50 * DAY + 1) == (0, 0)

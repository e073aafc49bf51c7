"""Support volume: each rule by stories told in hours after the start."""

import pytest

from aggregates.support.tickets import TICKETS
from tests.aggregates.folding import DAY, HOUR, START, flow, fold, level, retraction
from tests.aggregates.support.ticket_story import PLAN, Step, folded, spans, told

BACKLOG: list[tuple[list[Step], list[tuple[int, int]]]] = [
    ([], []),
    ([(1, "created")], [(1, 100)]),
    ([(1, "created", "hold")], [(1, 100)]),
    ([(1, "created", "solved")], []),
    ([(1, "created"), (2, "status", "pending"), (5, "status", "open")], [(1, 100)]),
    ([(1, "created"), (5, "status", "solved")], [(1, 5)]),
    ([(1, "created"), (5, "status", "closed")], [(1, 5)]),
    ([(1, "created"), (5, "status", "solved"), (9, "status", "open")], [(1, 5), (9, 100)]),
    ([(1, "created"), (5, "deleted"), (9, "undeleted")], [(1, 5), (9, 100)]),
    ([(1, "created"), (5, "spam"), (9, "undeleted")], [(1, 5), (9, 100)]),
    ([(1, "created"), (5, "spam"), (6, "deleted"), (9, "undeleted")], [(1, 5), (9, 100)]),
    ([(1, "created"), (5, "merged", "t2"), (9, "undeleted")], [(1, 5)]),
    ([(1, "created"), (5, "deleted"), (6, "merged", "t2"), (9, "undeleted")], [(1, 5)]),
    ([(1, "created"), (5, "deleted"), (6, "status", "solved"), (9, "undeleted")], [(1, 5)]),
    ([(1, "created"), (9, "undeleted")], [(1, 100)]),
    ([(1, "status", "solved")], []),
    ([(1, "status", "solved"), (2, "deleted"), (5, "created")], [(5, 100)]),
    ([(1, "created"), (5, "created", "solved")], [(1, 100)]),
    ([(1, "status", "solved"), (1, "created")], []),
]


@pytest.mark.parametrize(("steps", "expected"), BACKLOG)
def test_backlog(steps: list[Step], expected: list[tuple[int, int]]) -> None:
    """The backlog holds a ticket from creation while it is unsolved and not deleted or merged."""
    assert spans(folded(steps), "ticket_backlog") == expected


FLOWS: list[tuple[list[Step], dict[str, int]]] = [
    ([(1, "created")], {"opened": 1}),
    ([(1, "created", "closed")], {"opened": 1, "solved": 1}),
    ([(1, "created"), (2, "created")], {"opened": 1}),
    ([(1, "created"), (2, "deleted")], {"opened": 1, "removed": 1}),
    ([(1, "created"), (2, "deleted"), (3, "spam")], {"opened": 1, "removed": 1}),
    (
        [(1, "created"), (2, "deleted"), (3, "undeleted")],
        {"opened": 1, "removed": 1, "undeleted": 1},
    ),
    (
        [(1, "created"), (2, "status", "solved"), (3, "status", "closed")],
        {"opened": 1, "solved": 1},
    ),
    ([(1, "created"), (2, "status", "solved"), (3, "merged", "t")], {"opened": 1, "solved": 1}),
    (
        [(1, "created"), (2, "status", "solved"), (3, "status", "open"), (4, "status", "solved")],
        {"opened": 1, "solved": 2, "reopened": 1},
    ),
    ([(1, "created"), (2, "status", "new"), (3, "status", "hold")], {"opened": 1}),
    ([(1, "created"), (2, "deleted"), (3, "status", "solved")], {"opened": 1, "removed": 1}),
    (
        [(1, "created", "solved"), (2, "deleted"), (3, "status", "open"), (4, "undeleted")],
        {"opened": 1, "solved": 1, "undeleted": 1},
    ),
]


@pytest.mark.parametrize(("steps", "expected"), FLOWS)
def test_flows(steps: list[Step], expected: dict[str, int]) -> None:
    """Changes count by the ticket's own state: none twice, none of what is out of all figures."""
    shard = folded(steps)
    names = ("opened", "solved", "reopened", "removed", "undeleted")
    flows = {name: flow(shard, f"tickets_{name}", START, START + DAY) for name in names}
    assert {name: count for name, count in flows.items() if count} == expected


def test_deletion_is_no_news_to_the_past() -> None:
    """A deletion takes the ticket from windows read after it, and never makes a window negative."""
    steps: list[Step] = [(1, "created"), (24 * 20, "deleted"), (24 * 25, "undeleted")]
    shard = folded(steps)
    day = START + DAY
    series = ("tickets_created", "30d")
    assert [level(shard, series, START + n * DAY) for n in (1, 20, 21, 25, 26, 30, 31)] == [
        *(1, 1, 0, 0, 1, 1),
        0,
    ]
    assert level(shard, ("tickets_created", "1d"), day) == 1
    later = range(day + HOUR + 1, START + 40 * DAY, HOUR)
    assert {level(shard, ("tickets_created", "1d"), edge) for edge in later} == {0}
    assert level(shard, ("tickets_created", "month"), START + 29 * DAY) == 1
    assert level(shard, ("tickets_created", "month"), START + 30 * DAY + 1) == 0


@pytest.mark.parametrize("arrives_first", [True, False])
def test_retracted_facts(arrives_first: bool) -> None:
    """A retraction works on any fact of a ticket, whether it comes before or after it."""
    facts = told([(1, "created"), (3, "status", "solved"), (5, "merged", "t2")])
    taken = [retraction(facts[1].id), retraction(facts[2].id)]
    shard = fold(PLAN, "ticket", [*taken, *facts] if arrives_first else [*facts, *taken], batch=1)
    assert spans(shard, "ticket_backlog") == [(1, 100)]
    assert flow(shard, "tickets_solved", START, START + DAY) == 0


def test_golden_backlog() -> None:
    """X17: 40; created 25, reopened 3, solved 20, deleted 1, merged 1: 46, +6, ratio 0.8."""
    stories: dict[str, list[Step]] = {f"old{n}": [(1, "created")] for n in range(40)}
    stories |= {f"new{n}": [(26 + n, "created")] for n in range(25)}
    stories |= {f"back{n}": [(1, "created", "solved"), (30, "status", "open")] for n in range(3)}
    for n in range(15):
        stories[f"old{n}"].append((40, "status", "solved"))
    for n in range(5):
        stories[f"new{n}"].append((60, "status", "closed"))
    stories["old20"].append((41, "deleted"))
    stories["old21"].append((42, "merged", "old22"))
    shard = fold(PLAN, "ticket", [fact for name, s in stories.items() for fact in told(s, name)])
    start, end = START + DAY, START + 5 * DAY
    assert level(shard, ("ticket_backlog",), start) == 40
    assert level(shard, ("ticket_backlog",), end) == 46
    names = ("opened", "reopened", "undeleted", "solved", "removed")
    flows = [flow(shard, f"tickets_{name}", start, end) for name in names]
    assert flows == [25, 3, 0, 20, 2]
    assert flows[3] / flows[0] == 0.8


def test_packed_ticket() -> None:
    """A row comes back from its bytes as it was, and a typical ticket takes at most 500 bytes."""
    steps: list[Step] = [
        (1, "created", {"priority": "high", "schedule_id": "desk", "problem_id": "p1"}),
        *((1, "reply", "bot"), (2, "status", "open"), (3, "reply", "agent"), (3, "worked", 420)),
        *((3, "status", "pending"), (9, "reply", "end_user"), (9, "status", "open")),
        *((10, "reply", "agent"), (10, "worked", 300), (10, "status", "solved")),
        (100, "status", "closed"),
    ]
    shard = folded(steps)
    row = shard.store.of(TICKETS.name, "acct_1")["t1"]
    packed = TICKETS.pack(row)
    assert TICKETS.unpack(packed).facts == row.facts
    assert len(packed) <= 500

"""What tickets are counted by: each choice of the settings, by stories in hours after the start."""

from typing import Literal

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.shard.shard import Shard
from tests.aggregates.catalogue.kpi_measures import MEASURES
from tests.aggregates.folding import DAY, START, flow, fold, level
from tests.aggregates.reading.kpi_ledger import FEBRUARY, JANUARY, ledger_of, read
from tests.aggregates.support.ticket_story import PLAN, Step, folded, plan_of, spans, told

BASES: tuple[Literal["period", "cohort"], ...] = ("period", "cohort")
LINK = {"problem_id": "p1", "problem_is_major": True}

PARKED: list[tuple[list[Step], list[tuple[int, int]], dict[str, int]]] = [
    ([(1, "created")], [(1, 100)], {"opened": 1}),
    ([(1, "created", "pending")], [], {"opened": 1, "parked": 1}),
    (
        [(1, "created"), (3, "status", "pending"), (5, "status", "hold")],
        [(1, 3), (5, 100)],
        {"opened": 1, "parked": 1, "resumed": 1},
    ),
    (
        [(1, "created"), (3, "status", "pending"), (5, "status", "solved")],
        [(1, 3)],
        {"opened": 1, "parked": 1, "resumed": 1, "solved": 1},
    ),
    (
        [(1, "created", "solved"), (3, "status", "pending"), (5, "merged", "t2")],
        [],
        {"opened": 1, "solved": 1, "reopened": 1, "parked": 1, "resumed": 1, "removed": 1},
    ),
    (
        [(1, "created"), (2, "deleted"), (3, "status", "pending"), (5, "undeleted")],
        [(1, 2)],
        {"opened": 1, "removed": 1, "undeleted": 1, "parked": 1},
    ),
]
FLOWS = ("opened", "solved", "reopened", "removed", "undeleted", "parked", "resumed")


@pytest.mark.parametrize(("steps", "held", "flows"), PARKED)
def test_backlog_without_pending(
    steps: list[Step], held: list[tuple[int, int]], flows: dict[str, int]
) -> None:
    """A pending ticket is parked: out of the backlog and its parts, till it is resumed."""
    shard = folded(steps, plan_of(backlog_statuses="without_pending"))
    assert spans(shard, "ticket_backlog") == held
    counts = {name: flow(shard, f"tickets_{name}", START, START + DAY) for name in FLOWS}
    assert {name: count for name, count in counts.items() if count} == flows
    assert spans(shard, "ticket_backlog_blocked", "customer") == []
    default = folded(steps)
    unparked = {name: count for name, count in flows.items() if name not in FLOWS[-2:]}
    counts = {name: flow(default, f"tickets_{name}", START, START + DAY) for name in FLOWS}
    assert {name: count for name, count in counts.items() if count} == unparked


def test_pending_ticket_still_waits() -> None:
    """A ticket that is pending without a reply waits for its first response all the same."""
    steps: list[Step] = [(1, "created"), (3, "status", "pending")]
    shard = folded(steps, plan_of(backlog_statuses="without_pending"))
    assert spans(shard, "tickets_waiting", "0h") == [(1, 100)]


def test_blocked_by_events() -> None:
    """By events alone a status blocks nothing, and a told blocker does."""
    steps: list[Step] = [
        *((1, "created"), (3, "status", "pending"), (5, "blocked", "internal")),
        *((7, "unblocked", "internal"), (9, "status", "solved")),
    ]
    shard = folded(steps, plan_of(blocked_basis="events"))
    assert spans(shard, "ticket_backlog_blocked", "customer") == []
    assert spans(shard, "ticket_backlog_blocked", "internal") == [(5, 7)]
    assert spans(shard, "ticket_backlog_unblocked") == [(1, 5), (7, 9)]
    assert spans(folded(steps), "ticket_backlog_blocked", "customer") == [(3, 5), (7, 9)]
    assert spans(folded(steps), "ticket_backlog_unblocked") == [(1, 3)]


def cohort(shard: Shard, day: int) -> tuple[int, int]:
    """Returns the tickets of the last 30 days that are solved, and all of them, after some days."""
    edge = START + day * DAY
    names = ("created_tickets_solved", "tickets_created")
    solved, created = (level(shard, (name, "30d"), edge) for name in names)
    return solved, created


def test_cohort_of_created_tickets() -> None:
    """Of the tickets created in a window, those that are solved now; what is removed is neither."""
    stories: list[list[Step]] = [
        [(1, "created"), (40 * 24, "status", "solved")],
        [(20 * 24, "created"), (21 * 24, "status", "solved"), (45 * 24, "status", "open")],
        [(20 * 24, "created"), (21 * 24, "status", "closed"), (30 * 24, "deleted")],
        [(25 * 24, "created")],
        [(25 * 24, "created", "solved")],
    ]
    facts = [fact for n, steps in enumerate(stories) for fact in told(steps, f"t{n}")]
    shard = fold(PLAN, "ticket", facts)
    assert [cohort(shard, day) for day in (1, 22, 29, 31, 41, 46)] == [
        *((0, 1), (2, 3), (3, 5), (2, 3), (2, 3), (1, 3)),
    ]


def test_resolution_rate() -> None:
    """T9: of a period, solutions to creations; of a cohort, what of it is solved now."""
    ledger = ledger_of(
        *((("tickets_opened", "low"), JANUARY, 25), (("tickets_solved", "low"), JANUARY, 30)),
        (("tickets_created", "month", "low"), JANUARY, 20),
        (("created_tickets_solved", "month", "low"), JANUARY, 15),
    )
    found = {
        basis: read(
            ledger,
            FEBRUARY,
            load(MEASURES, shipped_source(), policy=Policy(resolution_ratio_basis=basis)),
        )["ticket_resolution_ratio", "month"]
        for basis in BASES
    }
    assert found == {"period": 1.2, "cohort": 0.75}


def test_majors_of_a_window() -> None:
    """In a window an account is hit up to 30 days after the case or its ticket was solved."""
    plan = plan_of(major_basis="window")
    solved: list[Step] = [(1, "created", LINK), (5, "status", "solved")]
    last = 5 + 30 * 24
    assert spans(folded(solved, plan), "accounts_impacted_by_major", hours=800) == [(1, last)]
    declared: list[Step] = [(1, "declared"), (1.1, "resolved")]
    shard = folded(declared, plan)
    assert spans(shard, "accounts_impacted_by_major", hours=800) == [(1, 1 + 30 * 24)]
    assert spans(folded(declared), "accounts_impacted_by_major", hours=800) == []
    at_once: list[Step] = [(1, "declared"), (1, "resolved")]
    assert spans(folded(at_once, plan), "accounts_impacted_by_major") == []
    still: list[Step] = [(1, "declared"), (9, "resolved"), (20, "declared")]
    assert spans(folded(still, plan), "accounts_impacted_by_major", hours=900) == [(1, 900)]


def test_majors_of_a_window_without_removed_tickets() -> None:
    """In a window a ticket that is deleted or merged hits nobody; undeleted it does again."""
    plan = plan_of(major_basis="window")
    steps: list[Step] = [
        *((1, "created", LINK), (5, "status", "solved"), (9, "deleted"), (20, "undeleted")),
    ]
    assert spans(folded(steps, plan), "accounts_impacted_by_major", hours=800) == [
        (1, 9),
        (20, 5 + 30 * 24),
    ]


REASSIGNED: list[tuple[list[Step], int]] = [
    ([(1, "created"), (2, "assigned", "ann")], 0),
    ([(1, "created"), (2, "assigned", "ann"), (3, "assigned", "bob")], 1),
    ([(1, "created", {"assignee_id": "ann"}), (3, "assigned", "bob")], 1),
    ([(1, "created", {"assignee_id": "ann"}), (3, "assigned", "ann")], 0),
    ([(1, "created", {"assignee_id": "ann"}), (3, "assigned", None), (4, "assigned", "ann")], 0),
    ([(1, "created", {"assignee_id": "ann"}), (3, "assigned", None), (4, "assigned", "bob")], 1),
    (
        [
            *((1, "created", {"assignee_id": "ann"}), (3, "assigned", "bob")),
            *((4, "assigned", "ann"), (5, "assigned", "bob")),
        ],
        3,
    ),
    ([(1, "created", {"assignee_id": "ann"}), (3, "assigned", "bob"), (4, "spam")], 0),
]


@pytest.mark.parametrize(("steps", "expected"), REASSIGNED)
def test_reassignments(steps: list[Step], expected: int) -> None:
    """A ticket is reassigned when it comes to another agent than the last one who had it."""
    assert level(folded(steps), ("ticket_reassignments", "30d"), START + DAY) == expected


def test_escalated_tickets() -> None:
    """A ticket counts once for each target that it was escalated to in the window."""
    steps: list[Step] = [
        *((1, "created"), (2, "escalated", "tier2"), (3, "escalated", "tier2")),
        (20 * 24, "escalated", "manager"),
    ]
    shard = folded(steps)

    def escalated(target: str, day: int) -> int:
        return level(shard, ("escalated_tickets", "30d", target), START + day * DAY)

    assert [escalated("tier2", day) for day in (1, 29, 31)] == [1, 1, 0]
    assert [escalated("manager", day) for day in (20, 21, 49, 51)] == [0, 1, 1, 0]

"""Escalations and major cases: distinct accounts, and the tickets that hang on a major case."""

import pytest

from tests.aggregates.folding import DAY, HOUR, START, Told, fold, level
from tests.aggregates.support.ticket_story import PLAN, Step, folded, plan_of, spans, told

CS = "customer_success"


def alone(facts: list[Told]) -> list[Told]:
    """Tells facts of no account, whose key is their own subject."""
    return [fact._replace(data={**fact.data, "account_id": None}) for fact in facts]


def escalated(*stories: list[Step], edge: int = START + DAY, **settings: object) -> tuple[int, int]:
    """Returns accounts escalated and accounts with tickets, of one account's tickets."""
    facts = [fact for n, steps in enumerate(stories) for fact in told(steps, f"t{n}")]
    shard = fold(plan_of(**settings), "ticket", facts)
    return (
        level(shard, ("accounts_escalated", "30d"), edge),
        level(shard, ("accounts_with_tickets", "30d"), edge),
    )


def test_escalated_accounts() -> None:
    """An account counts once, however many tickets it has and however often they escalate."""
    assert escalated([(1, "created")], [(2, "created")]) == (0, 1)
    assert escalated([(1, "created"), (2, "escalated", "tier2")]) == (0, 1)
    assert escalated([(1, "created"), (2, "escalated", CS), (3, "escalated", CS)]) == (1, 1)
    several: list[list[Step]] = [[(1, "created"), (2, "escalated", CS)]] * 3
    assert escalated(*several) == (1, 1)
    assert escalated([(1, "escalated", CS)]) == (0, 0)


def test_escalated_removed() -> None:
    """A ticket that is merged or deleted takes its escalation along."""
    gone: list[Step] = [(1, "created"), (2, "escalated", CS), (3, "merged", "t9")]
    assert escalated(gone) == (0, 0)
    assert escalated(gone, [(5, "created")]) == (0, 1)


def test_escalated_later() -> None:
    """An old ticket that is escalated makes its account one with tickets: a share stays one."""
    old: list[Step] = [(1, "created"), (40 * 24, "escalated", CS)]
    edges = [START + days * DAY + HOUR + 1 for days in (29, 30, 40, 69, 70)]
    assert [escalated(old, edge=edge) for edge in edges] == [
        *((0, 1), (0, 0), (1, 1), (1, 1), (0, 0)),
    ]


def test_escalation_target() -> None:
    """By setting, escalations to another target count."""
    steps: list[Step] = [(1, "created"), (2, "escalated", "manager")]
    assert escalated(steps, escalation_target="manager") == (1, 1)


LINK = {"problem_id": "p1", "problem_is_major": True}
CHILDREN: list[tuple[list[Step], list[tuple[int, int]], bool]] = [
    ([(1, "created")], [], False),
    ([(1, "created", LINK), (5, "status", "solved")], [(1, 5)], False),
    ([(1, "created", {**LINK, "auto_created": True}), (5, "deleted")], [(1, 5)], True),
    ([(1, "created", {**LINK, "problem_is_major": False})], [], False),
    ([(1, "created", {"problem_id": "p1"})], [(1, 100)], False),
    (
        [(1, "created", {"auto_created": True}), (3, "linked", "p1"), (6, "linked", None)],
        [(3, 6)],
        False,
    ),
    (
        [
            (1, "created", {**LINK, "auto_created": True}),
            (3, "linked", {"current": "p2", "problem_is_major": False}),
            (6, "linked", {"current": "p3", "problem_is_major": True}),
        ],
        [(1, 3), (6, 100)],
        True,
    ),
    (
        [(1, "created", LINK), (5, "status", "solved"), (8, "status", "open")],
        [(1, 5), (8, 100)],
        False,
    ),
]


@pytest.mark.parametrize(("steps", "held", "auto"), CHILDREN)
def test_children(steps: list[Step], held: list[tuple[int, int]], auto: bool) -> None:
    """An unsolved ticket linked to a major case is its child, and touches its account."""
    shard = folded(steps)
    assert spans(shard, "major_child_tickets") == held
    assert spans(shard, "major_child_tickets_auto") == (held if auto else [])
    assert spans(shard, "accounts_impacted_by_major") == held


def test_unmarked_problems() -> None:
    """By setting, a problem is a major case only where the ticket's own event says so."""
    plan = plan_of(unmarked_problems_are_major=False)
    unmarked: list[Step] = [(1, "created", {"problem_id": "p1"})]
    assert spans(folded(unmarked, plan), "major_child_tickets") == []
    assert spans(folded([(1, "created", LINK)], plan), "major_child_tickets") == [(1, 100)]


def test_impacted_account_counts_once() -> None:
    """Children that overlap, and being told to be affected, make one account, without gaps."""
    facts = [
        *told([(1, "created", LINK), (5, "status", "solved")], "t1"),
        *told([(3, "created", LINK), (8, "status", "solved")], "t2"),
        *told([(4, "created", LINK), (6, "status", "solved")], "t3"),
        *told([(7, "declared"), (12, "resolved")], "major_1"),
        *told([(20, "declared"), (22, "declared"), (30, "resolved"), (40, "declared")], "major_2"),
    ]
    shard = fold(PLAN, "ticket", facts, batch=1)
    assert spans(shard, "accounts_impacted_by_major") == [(1, 12), (20, 30), (40, 100)]


def test_a_major_case_is_no_account() -> None:
    """Told under its own key, a major case has no account to count, and its list counts nobody."""
    facts = told(
        [
            (1, "created", {"is_major": True, "problem_id": "bigger_one"}),
            (2, "declared", {"affected_account_ids": ["acct_1", "acct_2"]}),
            (3, "escalated", CS),
        ],
        "major_1",
    )
    shard = fold(PLAN, "ticket", alone(facts))
    edge = START + DAY
    assert level(shard, ("ticket_backlog",), edge) == 1
    assert level(shard, ("major_child_tickets",), edge) == 1
    for series in (
        ("accounts_impacted_by_major",),
        ("accounts_with_tickets", "30d"),
        ("accounts_escalated", "30d"),
    ):
        assert level(shard, series, edge) == 0

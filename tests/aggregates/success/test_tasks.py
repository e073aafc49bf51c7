"""Tasks of the team: completed, on time, overdue, by owner; and the hours it logs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.success import tasks, work
from aggregates.success.tasks import TASKS
from aggregates.success.work import TIME_ENTRIES
from aggregates.time.tile import TILE_MS
from events import format_instant
from tests.aggregates.folding import DAY, START_MS, Told, fold, level, readings, story, told_apart
from tests.aggregates.success.account_story import (
    Shared,
    Step,
    at_ms,
    check_any_order,
    day,
    edge,
    instant,
    shared,
)
from tests.examples import examples

PLAN = Plan(families=[tasks.FAMILY, work.FAMILY])
EXAMPLES = examples(100)

What = tuple[float, str] | tuple[float, str, dict[str, Any]]
DUE: dict[str, Any] = {"due_at": instant(10)}


def told(*steps: What, task: str = "t1") -> list[Told]:
    """Tells what happened to a task of nobody's account, in hours after the start."""
    facts: list[Step] = []
    for hours, kind, *given_data in steps:
        facts.append((hours, f"task.{kind}", {"task_id": task, **(given_data or [{}])[0]}))
    return shared(facts, task)


def folded(*steps: What) -> Shard:
    """Folds what happened to one task."""
    return fold(PLAN, "account", told(*steps))


def overdue(shard: Shard, owner: str = "ann") -> list[int]:
    """Returns the hours, of the first hundred, at whose end a task of somebody is overdue."""
    return [hour for hour in range(100) if level(shard, ("tasks_overdue", owner), edge(hour))]


ANN: dict[str, Any] = {"owner_id": "ann"}

OVERDUE: list[tuple[tuple[What, ...], list[int]]] = [
    ((), []),
    (((1, "created", ANN),), []),
    (((1, "created", ANN | DUE),), list(range(10, 100))),
    (((20, "created", ANN | DUE),), list(range(20, 100))),
    (((1, "created", ANN | DUE), (8, "completed")), []),
    (((1, "created", ANN | DUE), (15, "completed")), list(range(10, 15))),
    (((1, "created", ANN | DUE), (15, "cancelled")), list(range(10, 15))),
    (((1, "created", ANN | DUE), (8, "completed"), (20, "reopened")), list(range(20, 100))),
    (((1, "created", ANN | DUE), (8, "cancelled"), (20, "reopened")), list(range(20, 100))),
    (
        ((1, "created", ANN | DUE), (15, "updated", {"due_at": instant(30)})),
        [*range(10, 15), *range(30, 100)],
    ),
    (
        ((1, "created", ANN | DUE), (15, "updated", {"snoozed_until": instant(40)})),
        [*range(10, 15), *range(40, 100)],
    ),
    (
        ((1, "created", ANN | DUE | {"snoozed_until": instant(4)}),),
        list(range(10, 100)),
    ),
    (((1, "created", ANN | DUE), (15, "updated", {"owner_id": "bob"})), list(range(10, 15))),
    (((1, "created", ANN | DUE), (15, "updated", {"owner_id": None})), list(range(10, 15))),
    (((1, "created", ANN | DUE), (15, "updated", {"due_at": None})), list(range(10, 15))),
    (((1, "created", ANN | DUE), (8, "updated", {"due_at": None})), []),
    (
        ((1, "created", ANN | DUE), (8, "updated", {"due_at": None}), (15, "updated", DUE)),
        list(range(15, 100)),
    ),
    (
        (
            (1, "created", ANN | DUE | {"snoozed_until": instant(40)}),
            (15, "updated", {"snoozed_until": None}),
        ),
        list(range(15, 100)),
    ),
    (((3, "updated", DUE | ANN),), list(range(10, 100))),
]


@pytest.mark.parametrize(("steps", "expected"), OVERDUE)
def test_overdue(steps: tuple[What, ...], expected: list[int]) -> None:
    """W3: open, past its present due date, not snoozed; the clock alone makes it so."""
    assert overdue(folded(*steps)) == expected


def test_overdue_begins_after_the_due_instant() -> None:
    """At T = due_at a task is not overdue yet; at the next edge it is."""
    shard = folded((1, "created", ANN | DUE))
    due = at_ms(10) // TILE_MS
    assert level(shard, ("tasks_overdue", "ann"), due) == 0
    assert level(shard, ("tasks_overdue", "ann"), due + 1) == 1


def test_nobodys_task_is_unassigned() -> None:
    """A task without an owner says so, in every figure."""
    shard = folded((1, "created", DUE), (20, "completed"))
    assert overdue(shard, "unassigned") == list(range(10, 20))
    assert level(shard, ("tasks_completed", "7d", "unassigned"), day(1)) == 1


Counts = tuple[int, int, int]

BACK: dict[str, Any] = {"completed_at": instant(12)}
DONE_AT_12: What = (24, "completed", BACK)
"""Told half a day after it was done."""

COMPLETED: list[tuple[tuple[What, ...], Counts]] = [
    (((1, "created", ANN | DUE),), (0, 0, 0)),
    (((1, "created", ANN | DUE), (10, "completed")), (1, 1, 1)),
    (((1, "created", ANN | DUE), (10.01, "completed")), (1, 1, 0)),
    (((1, "created", ANN), (9, "completed")), (1, 0, 0)),
    (((9, "completed", ANN | DUE),), (1, 1, 1)),
    (((1, "created", ANN | DUE), (15, "completed", {"completed_at": instant(9)})), (1, 1, 1)),
    (((1, "created", ANN | DUE), (8, "completed", {"completed_at": instant(99)})), (1, 1, 1)),
    (((1, "created", ANN | DUE), (8, "completed"), (9, "reopened")), (0, 0, 0)),
    (((1, "created", ANN | DUE), (8, "completed"), (9, "cancelled")), (0, 0, 0)),
    (((1, "created", ANN | DUE), (8, "cancelled"), (9, "completed")), (1, 1, 1)),
    (
        ((1, "created", ANN | DUE), (8, "completed"), (9, "reopened"), (12, "completed")),
        (1, 1, 0),
    ),
    (((1, "created", ANN | DUE), (8, "completed"), (12, "completed")), (1, 1, 1)),
    (
        ((1, "created", ANN | DUE), (12, "completed"), (13, "updated", {"due_at": instant(20)})),
        (1, 1, 0),
    ),
    (
        ((1, "created", ANN | DUE), (12, "completed"), (13, "updated", {"owner_id": "bob"})),
        (1, 1, 0),
    ),
    (
        ((1, "created", ANN | DUE), (13, "updated", {"due_at": instant(20)}), DONE_AT_12),
        (1, 1, 0),
    ),
    (((1, "created", ANN | DUE), (13, "updated", {"due_at": None}), DONE_AT_12), (1, 1, 0)),
    (((1, "created", ANN | DUE), (13, "updated", {"owner_id": "bob"}), DONE_AT_12), (1, 1, 0)),
    (
        ((1, "created", ANN | DUE), (12, "updated", {"due_at": instant(20)}), DONE_AT_12),
        (1, 1, 1),
    ),
    (((14, "created", ANN | DUE), (15, "updated", {"owner_id": "bob"}), DONE_AT_12), (1, 1, 0)),
    (
        ((1, "created", ANN), (13, "updated", {"owner_id": "bob"}), (24, "completed", BACK | DUE)),
        (1, 1, 0),
    ),
]


@pytest.mark.parametrize(("steps", "expected"), COMPLETED)
def test_completed(steps: tuple[What, ...], expected: Counts) -> None:
    """W2: completed, with a due date, on time; as re-opened, cancelled and credited at T."""
    shard = folded(*steps)
    names = ("tasks_completed", "tasks_completed_due", "tasks_on_time")
    assert tuple(level(shard, (name, "7d", "ann"), day(2)) for name in names) == expected


def test_completion_leaves_its_window() -> None:
    """A completion counts for as long as its window holds it, and a re-opening withdraws it."""
    shard = folded((1, "completed", ANN), (24 * 20, "reopened"))
    weeks = [level(shard, ("tasks_completed", "7d", "ann"), day(n)) for n in (1, 7, 8)]
    months = [level(shard, ("tasks_completed", "30d", "ann"), day(n)) for n in (8, 20, 21)]
    assert (weeks, months) == ([1, 1, 0], [1, 1, 0])


FOR: dict[str, Any] = {"category": "renewal"}

PURPOSE: list[tuple[tuple[What, ...], dict[str, int]]] = [
    (((1, "created", FOR), (2, "completed")), {"renewal": 1}),
    (((2, "completed", FOR),), {"renewal": 1}),
    (((1, "created"), (2, "completed")), {"uncategorised": 1}),
    (((1, "created", FOR), (2, "updated"), (3, "completed")), {"renewal": 1}),
    (
        ((1, "created", FOR), (2, "updated", {"category": None}), (3, "completed")),
        {"uncategorised": 1},
    ),
    (((1, "created", FOR), (2, "completed"), (3, "updated", {"category": "x"})), {"renewal": 1}),
    (((1, "created", FOR), (2, "completed", {"category": "x"})), {"x": 1}),
    (((1, "created", FOR), (2, "completed"), (3, "reopened")), {}),
    (
        (
            (1, "created", FOR),
            (2, "completed"),
            (3, "reopened", {"category": "x"}),
            (4, "completed"),
        ),
        {"x": 1},
    ),
    (((1, "created", FOR), (2, "cancelled")), {}),
    (((1, "created", FOR), (13, "updated", {"category": "x"}), DONE_AT_12), {"renewal": 1}),
    (((1, "created", FOR), (13, "updated"), (24, "completed", BACK | {"category": "x"})), {"x": 1}),
]


@pytest.mark.parametrize(("steps", "expected"), PURPOSE)
def test_completed_by_category(steps: tuple[What, ...], expected: dict[str, int]) -> None:
    """W1: completed tasks by the category that they had when completed, as they stand at T."""
    found = readings(folded(*steps), day(2))
    prefix = ("tasks_completed_by_category", "7d")
    assert {key[2]: count for key, count in found.items() if key[:2] == prefix} == expected


def test_work_time() -> None:
    """W1: seconds by category, to the ms; none is uncategorised; an id counts once."""
    facts = story(
        [
            (1, "time.logged", {"seconds": 60, "category": "support"}),
            (2, "time.logged", {"seconds": 0.0015}),
            (3, "time.logged", {"seconds": 90, "category": "support"}),
            (4, "time.logged", {"seconds": 0, "category": "idle"}),
        ]
    )
    shard = fold(PLAN, "account", [*facts, *facts])
    assert level(shard, ("work_time", "support"), day(1)) == 150_000
    assert level(shard, ("work_time", "uncategorised"), day(1)) == 2
    assert not [series for series, _ in shard.ledger.prefixes("work_time")[0] if "idle" in series]


def test_internal_work_is_out() -> None:
    """Tasks and hours on an account of the company itself are in no figure."""
    facts: list[Step] = [
        (1, "time.logged", {"seconds": 60}),
        (1, "task.completed", {"task_id": "t1"}),
        (2, "account.created", {"is_internal": True}),
    ]
    assert not readings(fold(PLAN, "account", story(facts)), day(1))


_HOURS = st.sampled_from([0, 1, 2, 24, 100, 167, 168, 169, 719, 720, 900])
_DATES = st.one_of(st.none(), st.builds(instant, _HOURS))
_TOLD = ("owner_id", "category", "due_at", "snoozed_until")
"""What an event may tell, take away with null, or leave as it was."""


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """Steps of two tasks, one of an account, and logged hours."""
    facts: list[Told] = []
    kinds = ["created", "updated", "completed", "completed", "reopened", "cancelled", "logged"]
    for number, kind in enumerate(draw(st.lists(st.sampled_from(kinds), max_size=12))):
        ms = START_MS + draw(_HOURS) * 3_600_000 + draw(st.sampled_from([0, 1, 900_000]))
        task = draw(st.sampled_from(["t1", "t2"]))
        data: dict[str, Any] = {"subject": task, "owner_id": draw(st.sampled_from([None, "ann"]))}
        if kind == "logged":
            data |= {"seconds": draw(st.integers(0, 90)), "category": draw(st.sampled_from("ab"))}
        else:
            data |= {name: draw(_DATES) for name in ("due_at", "snoozed_until", "completed_at")}
            data["category"] = draw(st.sampled_from([None, "a", "b"]))
            left_out = draw(st.sets(st.sampled_from(_TOLD)))
            data = {name: value for name, value in data.items() if name not in left_out}
            data |= {"task_id": task, "subject": task}
        told_as = Shared if task == "t2" else Told
        type_ = "time.logged" if kind == "logged" else f"task.{kind}"
        facts.append(told_as(ms, draw(st.integers(0, 3)), f"e{number}", type_, data))
    return facts


@EXAMPLES
@given(histories(), st.data(), st.integers(1, 4))
def test_any_order(facts: list[Told], data: st.DataObject, batch: int) -> None:
    """Order, repetition, batches and retractions change nothing."""
    check_any_order(PLAN, facts, data, batch)


@EXAMPLES
@given(histories(), st.builds(edge, _HOURS))
def test_no_hindsight(facts: list[Told], at: int) -> None:
    """A reading is the same whether what is effective later is known or not."""
    known = [fact for fact in facts if fact.ms < at * TILE_MS]
    shard, early = fold(PLAN, "account", facts), fold(PLAN, "account", known)
    for earlier in (at, at - 1, at - DAY):
        now, then = readings(shard, earlier), readings(early, earlier)
        assert now == then


@examples(60)
@given(histories().map(told_apart))
def test_law_what_is_left_out_stays_and_null_takes_away(facts: list[Told]) -> None:
    """Events that tell all that is in force, null for nothing, say what those say that do not.

    But a completion told late: what it tells was so when the task was done.
    """
    in_force: dict[str, dict[str, Any]] = {}
    explicit: dict[str, Told] = {}
    for fact in sorted(facts, key=lambda fact: fact.order):
        if fact.type == "time.logged":
            continue
        known = in_force.setdefault(fact.data["task_id"], dict.fromkeys(_TOLD))
        known |= {name: fact.data[name] for name in _TOLD if name in fact.data}
        if fact.type != "task.completed" or fact.data.get("completed_at") is None:
            explicit[fact.id] = fact._replace(data={**fact.data, **known})
    whole = [explicit.get(fact.id, fact) for fact in facts]
    assert fold(PLAN, "account", whole).ledger == fold(PLAN, "account", facts).ledger


@examples(60)
@given(histories().map(told_apart), st.data())
def test_law_a_completion_told_late_counts_as_one_told_in_time(
    facts: list[Told], data: st.DataObject
) -> None:
    """However much later, and whatever was changed in between, from when it is told."""
    kinds = ("task.created", "task.updated")
    own = [fact for fact in facts if fact.type in kinds and fact.data["task_id"] == "t1"]
    instants = [START_MS, *(fact.ms for fact in own)]
    done_ms = data.draw(st.sampled_from(instants[1:] or instants)) + data.draw(st.integers(0, 1))
    what = {"task_id": "t1", **data.draw(st.sampled_from([{}, ANN, FOR, DUE]))}
    in_time = Told(done_ms, 9, "done", "task.completed", what)
    told_ms = max(*instants, done_ms) + 1
    late = in_time._replace(ms=told_ms, data={**what, "completed_at": format_instant(done_ms)})
    now, then = (fold(PLAN, "account", [*own, done]) for done in (late, in_time))
    for at in (told_ms // TILE_MS + 1, day(60)):
        assert readings(now, at) == readings(then, at)


def test_packed_rows() -> None:
    """Rows come back from their bytes; a usual task takes at most 450 bytes, an entry 120."""
    usual = ANN | DUE | FOR
    facts = told((1, "created", usual), (5, "updated", usual), (9, "completed", usual))
    shard = fold(PLAN, "account", facts)
    row = shard.store.of(TASKS.name, "t1")["t1"]
    assert TASKS.unpack(TASKS.pack(row)).facts == row.facts
    assert len(TASKS.pack(row)) <= 450
    entry = story([(1, "time.logged", {"seconds": 1_800, "category": "support"})])
    (row,) = fold(PLAN, "account", entry).store.of(TIME_ENTRIES.name, "acct_1").values()
    assert TIME_ENTRIES.unpack(TIME_ENTRIES.pack(row)).facts == row.facts
    assert len(TIME_ENTRIES.pack(row)) <= 120

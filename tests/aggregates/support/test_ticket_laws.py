"""Tickets of random histories: what holds for all of them, against the dullest count."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from aggregates.shard.plan import Plan
from aggregates.support import times, volume
from aggregates.time.tile import TILE_MS
from tests.aggregates.folding import (
    DAY,
    Told,
    durations,
    flow,
    fold,
    is_consistent,
    level,
    readings,
    restored,
    retraction,
)
from tests.aggregates.support import ticket_oracle as oracle
from tests.aggregates.support.ticket_histories import EDGES, PLANS, WHO, histories
from tests.aggregates.support.ticket_story import PLAN
from tests.examples import examples

FLOWS = ("tickets_opened", "tickets_solved", "tickets_reopened")
REMOVALS = ("tickets_removed", "tickets_undeleted")
PARKING = ("tickets_parked", "tickets_resumed")
EXAMPLES = examples(150)


@EXAMPLES
@given(histories(), st.lists(EDGES, min_size=1, max_size=6))
def test_levels(facts: list[Told], edges: list[int]) -> None:
    """Backlog and waiting tickets are what the facts before the edge say."""
    shard = fold(PLAN, "ticket", facts)
    for edge in edges:
        assert level(shard, ("ticket_backlog",), edge) == oracle.backlog(facts, edge)
        for over in oracle.OVER:
            found = level(shard, ("tickets_waiting", over), edge)
            assert found == oracle.waiting(facts, edge, over)


@EXAMPLES
@given(histories(), st.lists(EDGES, min_size=1, max_size=6))
def test_windows(facts: list[Told], edges: list[int]) -> None:
    """Tickets created, replied to and solved in a window are what the facts before the edge say."""
    shard = fold(PLAN, "ticket", facts)
    dull: dict[str, Callable[[list[Told], int, int], tuple[dict[str, int], int]]] = {
        "first_response": oracle.responses,
        "resolution": oracle.resolutions,
    }
    counts = {
        "tickets_created": oracle.created,
        "created_tickets_solved": oracle.created_solved,
    }
    measures = [*volume.FAMILY.measures, *times.FAMILY.measures]
    for edge in edges:
        for measure in measures:
            for window in measure.windows:
                start = PLAN.calendar.windows[window].start(edge)
                if measure.name in dull:
                    found = durations(shard, measure.name, window, edge, "calendar")
                    assert found == dull[measure.name](facts, start, edge)
                else:
                    counted = level(shard, (measure.name, window), edge)
                    assert counted == counts[measure.name](facts, start, edge)


@EXAMPLES
@given(PLANS, histories(), EDGES, EDGES)
def test_growth(plan: Plan, facts: list[Told], one: int, other: int) -> None:
    """T8: the backlog grows by exactly what was opened, reopened and undeleted, less the rest.

    Where it is without pending tickets, what was resumed is more of it, and what was parked less.
    """
    start, edge = sorted((one, other))
    shard = fold(plan, "ticket", facts)
    flows = {name: flow(shard, name, start, edge) for name in (*FLOWS, *REMOVALS)}
    for name, count in flows.items():
        assert count == oracle.flowed(facts, name, start, edge)
    growth = level(shard, ("ticket_backlog",), edge) - level(shard, ("ticket_backlog",), start)
    gains = flows["tickets_opened"] + flows["tickets_reopened"] + flows["tickets_undeleted"]
    parked, resumed = (flow(shard, name, start, edge) for name in PARKING)
    losses = flows["tickets_solved"] + flows["tickets_removed"]
    assert growth == gains + resumed - losses - parked
    assert plan.policy.parked_statuses or not (parked or resumed)


PARTS = (
    (("tickets_solved_at_first_contact", "30d"), ("tickets_judged", "30d")),
    (("major_child_tickets_auto",), ("major_child_tickets",)),
    (("major_child_tickets",), ("ticket_backlog",)),
    (("accounts_escalated", "30d"), ("accounts_with_tickets", "30d")),
    (("sla_targets_met", "30d", "resolution"), ("sla_targets_judged", "30d", "resolution")),
    (("tickets_handled", "30d"), ("solved_tickets", "30d")),
    (("created_tickets_solved", "30d"), ("tickets_created", "30d")),
    (("ticket_backlog_unblocked",), ("ticket_backlog",)),
)
"""Series of which the first counts a part of what the second counts."""


@EXAMPLES
@given(histories(), st.lists(EDGES, min_size=1, max_size=6))
def test_parts(facts: list[Told], edges: list[int]) -> None:
    """A part is never more than its whole, and the backlog is what is blocked and what is not."""
    shard = fold(PLAN, "ticket", facts)
    for edge in edges:
        for part, whole in PARTS:
            assert 0 <= level(shard, part, edge) <= level(shard, whole, edge)
        by = [level(shard, ("ticket_backlog_blocked", who), edge) for who in WHO]
        blocked = level(shard, ("ticket_backlog",), edge) - level(
            shard, ("ticket_backlog_unblocked",), edge
        )
        assert max(by) <= blocked <= sum(by)
        assert level(shard, ("accounts_impacted_by_major",), edge) in (0, 1)


@EXAMPLES
@given(PLANS, histories(), st.data(), st.integers(1, 5))
def test_any_order(plan: Plan, facts: list[Told], data: st.DataObject, batch: int) -> None:
    """Order, repetition and batches change nothing; settled step by step is rebuilt or restored."""
    whole = fold(plan, "ticket", facts, bulk=True)
    again = data.draw(st.lists(st.sampled_from(facts), max_size=5)) if facts else []
    shuffled = data.draw(st.permutations([*facts, *again]))
    shard = fold(plan, "ticket", shuffled, batch)
    assert shard.ledger == whole.ledger
    assert is_consistent(shard)
    assert restored(shard, "ticket").ledger == whole.ledger


@EXAMPLES
@given(PLANS, histories(), st.data(), st.integers(1, 5))
def test_retracted(plan: Plan, facts: list[Told], data: st.DataObject, batch: int) -> None:
    """A history with facts retracted is the history without them, whenever that is learned."""
    ids = [fact.id for fact in facts]
    taken = data.draw(st.sets(st.sampled_from(ids), max_size=3)) if ids else set()
    kept = [fact for fact in facts if fact.id not in taken]
    records = data.draw(st.permutations([*facts, *(retraction(i) for i in sorted(taken))]))
    shard = fold(plan, "ticket", records, batch)
    assert shard.ledger == fold(plan, "ticket", kept).ledger


@EXAMPLES
@given(PLANS, histories(), EDGES)
def test_no_hindsight(plan: Plan, facts: list[Told], edge: int) -> None:
    """A reading is the same whether what is effective later is known or not."""
    known = [fact for fact in facts if fact.ms < edge * TILE_MS]
    shard, early = fold(plan, "ticket", facts), fold(plan, "ticket", known)
    assert readings(shard, edge) == readings(early, edge)
    assert readings(shard, edge - DAY) == readings(early, edge - DAY)

"""Tickets by priority: which one counts, by stories told in hours after the start."""

import pytest

from tests.aggregates.folding import DAY, HOUR, HOUR_MS, START, durations, flow, level
from tests.aggregates.support.ticket_story import Step, folded, plan_of, spans

URGENT: Step = (1, "created", {"priority": "urgent"})
Spans = dict[str, list[tuple[int, int]]]
PRIORITIES = ("urgent", "high", "none", "other", "odd")

LEVELS: list[tuple[list[Step], Spans]] = [
    ([URGENT, (5, "status", "solved")], {"urgent": [(1, 5)]}),
    ([(1, "created")], {"none": [(1, 100)]}),
    ([URGENT, (5, "priority", "high")], {"urgent": [(1, 5)], "high": [(5, 100)]}),
    ([URGENT, (5, "priority", None)], {"urgent": [(1, 5)], "none": [(5, 100)]}),
    ([URGENT, (1, "priority", "high")], {"high": [(1, 100)]}),
    ([(0.5, "priority", "high"), URGENT], {"urgent": [(1, 100)]}),
    (
        [URGENT, (5, "deleted"), (7, "priority", "high"), (9, "undeleted")],
        {"urgent": [(1, 5)], "high": [(9, 100)]},
    ),
]


@pytest.mark.parametrize(("steps", "expected"), LEVELS)
def test_levels(steps: list[Step], expected: Spans) -> None:
    """The backlog, those waiting, and tickets created count by the priority as of T."""
    shard = folded(steps)
    for series in (("ticket_backlog",), ("tickets_waiting", "0h")):
        found = {name: spans(shard, *series, name) for name in PRIORITIES}
        assert {name: held for name, held in found.items() if held} == expected


def test_created() -> None:
    """A ticket created in the window counts by the priority it has at T, and no later one."""
    shard = folded([URGENT, (5, "priority", "high"), (30, "priority", "odd")])
    found = {name: spans(shard, "tickets_created", "1d", name) for name in PRIORITIES}
    assert found == {"urgent": [(1, 5)], "high": [(5, 25)], "none": [], "other": [], "odd": []}
    month = {name: spans(shard, "tickets_created", "month", name) for name in PRIORITIES}
    assert month["high"] == [(5, 30)]
    assert month["odd"] == [(30, 100)]


def test_flows() -> None:
    """What happened counts by the priority in force then, and a later change takes nothing back."""
    steps: list[Step] = [
        *(URGENT, (3, "priority", "high"), (5, "status", "solved"), (7, "priority", None)),
        *((9, "status", "open"), (11, "priority", "urgent"), (12, "deleted")),
        *((13, "priority", "high"), (14, "undeleted"), (15, "status", "closed")),
    ]
    shard = folded(steps)
    found = {
        (cause, name): count
        for cause in ("opened", "solved", "reopened", "removed", "undeleted")
        for name in PRIORITIES
        if (count := flow(shard, f"tickets_{cause}", START, START + DAY, name))
    }
    assert found == {
        ("opened", "urgent"): 1,
        ("solved", "high"): 2,
        ("reopened", "none"): 1,
        ("removed", "urgent"): 1,
        ("undeleted", "high"): 1,
    }


@pytest.mark.parametrize("order", [0, 1])
def test_at_one_instant(order: int) -> None:
    """What is told at the instant of a solution is in force then, in whatever order it is told."""
    told: list[Step] = [(5, "priority", "high"), (5, "status", "solved")]
    shard = folded([URGENT, *told[order:], *told[:order]])
    assert flow(shard, "tickets_solved", START, START + DAY, "high") == 1
    assert flow(shard, "tickets_solved", START, START + DAY, "urgent") == 0
    assert durations(shard, "resolution", "30d", START + DAY, "calendar", "high")[1] == 4 * HOUR_MS


def test_durations() -> None:
    """Replies and solutions count by the priority when they came, whatever it became later."""
    steps: list[Step] = [
        *(URGENT, (2, "priority", "high"), (3, "reply", "agent"), (4, "priority", None)),
        *((5, "reply", "end_user"), (8, "reply", "agent"), (9, "status", "solved")),
        *((10, "priority", "urgent"), (11, "deleted"), (12, "undeleted")),
    ]
    shard = folded(steps)
    edge = START + DAY

    def of(name: str, *labels: str) -> dict[str, int]:
        sums = {each: durations(shard, name, "30d", edge, *labels, each)[1] for each in PRIORITIES}
        return {each: ms // HOUR_MS for each, ms in sums.items() if ms}

    assert of("first_response", "calendar") == {"high": 2}
    assert of("reply") == {"high": 2, "none": 3}
    assert of("resolution", "calendar") == {"none": 8}
    assert durations(shard, "resolution", "30d", edge, "calendar")[1] == 8 * HOUR_MS


def test_business_durations() -> None:
    """Business time is under the same priority as calendar time."""
    hours = dict.fromkeys(("mon", "tue"), ("00:00-24:00",))
    plan = plan_of(schedules={"default": [{"hours": hours}]})
    steps: list[Step] = [
        *(URGENT, (2, "reply", "agent"), (3, "priority", "high"), (4, "status", "solved")),
    ]
    shard = folded(steps, plan)
    edge = START + DAY
    for clock in ("calendar", "business"):
        waited = durations(shard, "first_response", "30d", edge, clock, "urgent")[1]
        assert waited == HOUR_MS
        assert durations(shard, "resolution", "30d", edge, clock, "high")[1] == 3 * HOUR_MS


def test_first_contact() -> None:
    """First contact counts by the priority when it is judged, by creation by the one as of T."""
    steps: list[Step] = [
        *(URGENT, (2, "reply", "agent"), (3, "status", "solved")),
        *((24, "priority", "high"), (24 * 8, "priority", None)),
    ]
    edge = START + 10 * DAY
    judged, solved = ("tickets_judged", "30d"), ("tickets_solved_at_first_contact", "30d")
    shard = folded(steps)
    assert [level(shard, (*series, "high"), edge) for series in (judged, solved)] == [1, 1]
    assert [level(shard, series, edge) for series in (judged, solved)] == [1, 1]
    shard = folded(steps, plan_of(fcr_denominator="created"))
    counts = [level(shard, (*judged, name), edge) for name in ("urgent", "high", "none")]
    assert counts == [0, 0, 1]
    assert level(shard, (*judged, "urgent"), START + DAY) == 1
    assert [level(shard, (*solved, name), edge) for name in ("high", "none")] == [0, 1]


SLA: list[tuple[list[Step], dict[str, tuple[int, int]]]] = [
    ([URGENT, (1.5, "reply", "agent")], {"urgent": (1, 1)}),
    ([URGENT, (1.5, "priority", "high"), (3, "reply", "agent")], {"high": (1, 1)}),
    ([URGENT, (9, "priority", "high")], {"urgent": (0, 1)}),
    ([(1, "created", {"priority": "low"}), (3, "priority", "urgent")], {"urgent": (0, 1)}),
    ([URGENT, (1.5, "priority", "odd"), (9, "priority", "high")], {"high": (0, 1)}),
    ([(1, "created", {"priority": "odd"}), (3, "reply", "agent")], {}),
]


@pytest.mark.parametrize(("steps", "expected"), SLA)
def test_service_levels(steps: list[Step], expected: dict[str, tuple[int, int]]) -> None:
    """A target counts by the priority whose limit judged it: targets met and judged."""
    shard = folded(steps)
    found = {
        name: (
            level(shard, ("sla_targets_met", "30d", "first_response", name), START + DAY),
            level(shard, ("sla_targets_judged", "30d", "first_response", name), START + DAY),
        )
        for name in PRIORITIES
    }
    assert {name: counts for name, counts in found.items() if any(counts)} == expected


def test_priorities_apart() -> None:
    """By setting only the named priorities are told apart; the sum stays what it is."""
    steps: list[Step] = [
        *(URGENT, (5, "priority", "odd"), (9, "priority", None), (13, "priority", "high")),
    ]
    shard = folded(steps, plan_of(priorities_apart=("urgent",)))
    assert spans(shard, "ticket_backlog", "urgent") == [(1, 5)]
    assert spans(shard, "ticket_backlog", "other") == [(5, 9), (13, 100)]
    assert spans(shard, "ticket_backlog", "none") == [(9, 13)]
    assert spans(shard, "ticket_backlog") == [(1, 100)]
    assert level(shard, ("tickets_created", "30d"), START + 6 * HOUR) == 1

"""Service levels: each rule by stories told in hours after the start, which is a Monday."""

from typing import Any

import pytest

from tests.aggregates.folding import DAY, HOUR, START, level
from tests.aggregates.support.ticket_story import Step, folded, plan_of

Judgement = tuple[float, bool] | None
"""Hours after the start at which a target was judged, and whether it was met."""

URGENT: Step = (1, "created", {"priority": "urgent"})
LOW: Step = (1, "created", {"priority": "low"})


def judgement(steps: list[Step], target: str, **settings: Any) -> Judgement:
    """Finds when a target was judged."""
    shard = folded(steps, plan_of(**settings))
    for tile in range(14 * DAY):
        if level(shard, ("sla_targets_judged", "30d", target), START + tile + 1):
            met = level(shard, ("sla_targets_met", "30d", target), START + tile + 1)
            return tile / HOUR, bool(met)
    return None


RESPONSES: list[tuple[list[Step], Judgement]] = [
    ([URGENT], (2, False)),
    ([URGENT, (1.5, "reply", "agent")], (1.5, True)),
    ([URGENT, (2, "reply", "agent")], (2, True)),
    ([URGENT, (3, "reply", "agent")], (2, False)),
    ([(1, "created"), (3, "reply", "agent")], None),
    ([(1, "created", {"priority": "odd"}), (3, "reply", "agent")], None),
    ([LOW, (1.25, "priority", "urgent"), (1.5, "reply", "agent")], (1.5, True)),
    ([LOW, (1.25, "priority", "urgent")], (2, False)),
    ([LOW, (5, "priority", "urgent"), (6, "reply", "agent")], (5, False)),
    ([URGENT, (1.5, "priority", "low"), (20, "reply", "agent")], (20, True)),
    ([URGENT, (1.5, "priority", None), (20, "reply", "agent")], None),
    ([URGENT, (3, "priority", "low"), (20, "reply", "agent")], (2, False)),
    ([URGENT, (1.5, "status", "solved")], None),
    ([URGENT, (1.5, "status", "solved"), (1.75, "reply", "agent")], (1.75, True)),
    ([URGENT, (1.5, "status", "solved"), (9, "reply", "agent")], (9, False)),
    ([URGENT, (1.5, "status", "solved"), (9, "status", "open")], (10, False)),
    (
        [URGENT, (1.5, "status", "solved"), (9, "status", "open"), (9.5, "reply", "agent")],
        (9.5, True),
    ),
    ([URGENT, (1.5, "merged", "t2")], None),
    ([URGENT, (1.5, "deleted"), (9, "undeleted")], (9, False)),
]


@pytest.mark.parametrize(("steps", "expected"), RESPONSES)
def test_first_response(steps: list[Step], expected: Judgement) -> None:
    """A first response is met by a reply in time, and missed when the time has passed."""
    assert judgement(steps, "first_response") == expected


RESOLUTIONS: list[tuple[list[Step], Judgement]] = [
    ([URGENT], (9, False)),
    ([URGENT, (5, "status", "solved")], (5, True)),
    ([URGENT, (9, "status", "closed")], (9, True)),
    ([URGENT, (10, "status", "solved")], (9, False)),
    ([(1, "created", {"priority": "urgent", "status": "solved"})], (1, True)),
    ([URGENT, (5, "status", "solved"), (6, "status", "open")], (5, True)),
    ([LOW, (20, "priority", "urgent"), (21, "status", "solved")], (20, False)),
    ([URGENT, (5, "priority", "low"), (21, "status", "solved")], (21, True)),
]


@pytest.mark.parametrize(("steps", "expected"), RESOLUTIONS)
def test_resolution(steps: list[Step], expected: Judgement) -> None:
    """A solution is judged once, by the first one: reopenings are another figure."""
    assert judgement(steps, "resolution") == expected


def test_targets_are_a_setting() -> None:
    """Own priorities and limits replace those shipped; a limit left out is no target."""
    targets = {"p1": {"first_response_minutes": 30}}
    steps: list[Step] = [(1, "created", {"priority": "p1"})]
    assert judgement(steps, "first_response", sla_targets=targets) == (1.5, False)
    assert judgement(steps, "resolution", sla_targets=targets) is None
    assert judgement([URGENT], "first_response", sla_targets=targets) is None


def test_business_clock() -> None:
    """In business time a limit runs while the schedule of the moment is open."""
    weekdays = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-17:00",))
    settings: dict[str, Any] = {"sla_clock": "business"}
    assert judgement([URGENT], "first_response", **settings) is None
    settings["schedules"] = {
        "default": [{"hours": weekdays}],
        "always": [{"hours": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed")}}],
    }
    assert judgement([URGENT], "first_response", **settings) == (10, False)
    assert judgement([URGENT, (9.5, "reply", "agent")], "first_response", **settings) == (9.5, True)
    moved: list[Step] = [URGENT, (9.5, "schedule", "always")]
    assert judgement(moved, "resolution", **settings) == (17, False)
    opened: list[Step] = [(1, "created", {"priority": "high", "schedule_id": "always"})]
    assert judgement(opened, "first_response", **settings) == (5, False)
    over_night: list[Step] = [(15, "created", {"priority": "high"})]
    assert judgement(over_night, "first_response", **settings) == (24 + 11, False)

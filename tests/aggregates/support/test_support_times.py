"""What times of support are measured by: each choice of the settings, in hours after the start."""

from typing import Any

import pytest

from aggregates.ledger.buckets import bucket_of
from tests.aggregates.folding import DAY, HOUR, HOUR_MS, START, durations, level
from tests.aggregates.support.ticket_story import Step, folded, plan_of

WEEK = ("mon", "tue", "wed", "thu", "fri")
SCHEDULES: dict[str, Any] = {
    "default": [{"hours": dict.fromkeys(WEEK, ("09:00-17:00",))}],
    "late": [{"hours": dict.fromkeys(WEEK, ("12:00-20:00",))}],
}


def hours_at(
    steps: list[Step], name: str, hour: float, clock: str = "calendar", **settings: Any
) -> float | None:
    """The one duration of a story as of an instant, over 30 days, in hours; None if none."""
    shard = folded(steps, plan_of(**settings))
    edge = START + round(hour * HOUR)
    counts, total_ms = durations(shard, name, "30d", edge, clock)
    assert counts in ({}, {str(bucket_of(total_ms)): 1})
    return total_ms / HOUR_MS if counts else None


def test_first_response_by_creation() -> None:
    """By creation, a response is known from the reply on, and leaves with its ticket's creation."""
    steps: list[Step] = [(1, "created"), (20 * 24, "reply", "agent")]
    wait = 20 * 24 - 1
    for setting, found in (("reply", (None, wait, wait, None)), ("creation", (None, wait, None))):
        instants = (20 * 24, 20 * 24 + 1, 31 * 24, 51 * 24)
        assert [
            hours_at(steps, "first_response", hour, first_response_at=setting)
            for hour in instants[: len(found)]
        ] == list(found)


def test_first_response_by_creation_of_deleted() -> None:
    """By creation too, a ticket that is deleted has no response till it is undeleted."""
    steps: list[Step] = [(1, "created"), (3, "reply", "agent"), (5, "deleted"), (9, "undeleted")]
    found = [
        hours_at(steps, "first_response", hour, first_response_at="creation")
        for hour in (3, 4, 6, 10)
    ]
    assert found == [None, 2, None, 2]


RESOLVED: list[Step] = [
    *((1, "created"), (3, "status", "pending"), (6, "status", "open"), (8, "status", "solved")),
    *((20, "status", "hold"), (22, "status", "open"), (25, "status", "closed")),
]
RESOLUTIONS: list[tuple[dict[str, str], tuple[float | None, ...]]] = [
    ({}, (7, None, 24)),
    ({"resolution_basis": "first"}, (7, 7, 7)),
    ({"resolution_time": "without_pending"}, (4, None, 19)),
    ({"resolution_basis": "first", "resolution_time": "without_pending"}, (4, 4, 4)),
]


@pytest.mark.parametrize(("settings", "expected"), RESOLUTIONS)
def test_resolution(settings: dict[str, str], expected: tuple[float | None, ...]) -> None:
    """A reopening withdraws the last solution and not the first; pending and hold may be out."""
    found = tuple(hours_at(RESOLVED, "resolution", hour, **settings) for hour in (9, 21, 26))
    assert found == expected


def test_first_resolution_of_removed() -> None:
    """The first solution too is only that of a ticket that is not deleted, spam or merged."""
    steps: list[Step] = [(1, "created"), (2, "status", "solved"), (5, "spam")]
    for hour, expected in ((3, 1), (6, None)):
        assert hours_at(steps, "resolution", hour, resolution_basis="first") == expected
    at_once: list[Step] = [(1, "created", "solved"), (3, "status", "open")]
    assert hours_at(at_once, "resolution", 4, resolution_basis="first") == 0
    assert hours_at(at_once, "resolution", 4) is None


def test_business_resolution_without_pending() -> None:
    """What is left out of business time is the open part of it."""
    steps: list[Step] = [
        *((10, "created"), (11, "status", "pending"), (18, "status", "open")),
        (24 + 10, "status", "solved"),
    ]
    found = {
        time: hours_at(
            steps, "resolution", 40, "business", schedules=SCHEDULES, resolution_time=time
        )
        for time in ("full", "without_pending")
    }
    assert found == {"full": 8, "without_pending": 2}


MOVED: list[Step] = [(10, "created"), (11, "schedule", "late"), (19, "reply", "agent")]


def test_last_schedule() -> None:
    """By the last schedule all time is measured by the one at the end, else each stretch."""
    found = {
        basis: hours_at(
            MOVED, "first_response", 20, "business", schedules=SCHEDULES, schedule_basis=basis
        )
        for basis in ("applied", "last")
    }
    assert found == {"applied": 8, "last": 7}
    assert hours_at(MOVED, "first_response", 20, schedule_basis="last") == 9


def test_last_schedule_that_is_not_known() -> None:
    """By the last schedule only that one must be known, else each that applied."""
    steps: list[Step] = [(10, "created"), (11, "schedule", "late"), (14, "reply", "agent")]
    for basis, expected in (("applied", None), ("last", 2)):
        settings = {"schedules": SCHEDULES, "default_schedule": "no", "schedule_basis": basis}
        assert hours_at(steps, "first_response", 20, "business", **settings) == expected


def judged(steps: list[Step], **settings: Any) -> tuple[float, bool] | None:
    """Returns when (hours) a first response was judged in business time, and whether it was met."""
    plan = plan_of(schedules=SCHEDULES, sla_clock="business", **settings)
    shard = folded(steps, plan)
    for tile in range(5 * DAY):
        edge = START + tile + 1
        if level(shard, ("sla_targets_judged", "30d", "first_response"), edge):
            met = level(shard, ("sla_targets_met", "30d", "first_response"), edge)
            return tile / HOUR, bool(met)
    return None


def test_service_level_by_last_schedule() -> None:
    """The schedule in force decides at each instant: another one may find a limit passed or far."""
    urgent = {"priority": "urgent", "schedule_id": "late"}
    to_office: list[Step] = [(9, "created", urgent), (11, "schedule", None)]
    assert judged(to_office) == (12, False)
    assert judged(to_office, schedule_basis="last") == (11, False)
    to_late: list[Step] = [
        *((9.5, "created", {"priority": "urgent"}), (10, "schedule", "late")),
        (12.75, "reply", "agent"),
    ]
    assert judged(to_late) == (12.5, False)
    assert judged(to_late, schedule_basis="last") == (12.75, True)


WAITS: list[tuple[list[Step], float | None]] = [
    ([(1, "created")], None),
    ([(1, "created"), (4, "status", "solved")], 3),
    ([(1, "created"), (2, "status", "pending"), (5, "status", "solved")], 1),
    ([(1, "created"), (2, "status", "hold"), (5, "status", "closed")], 4),
    (RESOLVED, 4 + 5),
    ([(1, "created"), (4, "status", "solved"), (5, "merged", "t2")], None),
]


@pytest.mark.parametrize(("steps", "expected"), WAITS)
def test_requester_wait(steps: list[Step], expected: float | None) -> None:
    """A requester waits while the ticket is new, open or on hold, until it is solved."""
    assert hours_at(steps, "requester_wait", 90) == expected


def test_requester_wait_of_first_solution() -> None:
    """The wait ends with the solution that the time to resolution ends with."""
    assert hours_at(RESOLVED, "requester_wait", 90, resolution_basis="first") == 4
    settings = {"schedules": SCHEDULES}
    assert hours_at(RESOLVED, "requester_wait", 90, "business", **settings) == 0

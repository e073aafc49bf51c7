"""Support policies: what is refused, and business time by each rule."""

from typing import Any

import pytest
from pydantic import ValidationError

from aggregates.ledger.buckets import bucket_of
from aggregates.policies.policy import Policy
from tests.aggregates.folding import DAY, HOUR_MS, START, durations
from tests.aggregates.support.ticket_story import Step, folded, plan_of

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-17:00",))
OFFICE: dict[str, Any] = {"default": [{"hours": WEEK}]}

WRONG: list[dict[str, Any]] = [
    {"schedules": {"default": []}},
    {"schedules": {"default": [{"hours": {"mon": ["9-17"]}}]}},
    {"schedules": {"default": [{"hours": {"mon": ["17:00-09:00"]}}]}},
    {"schedules": {"default": [{"hours": {"mon": ["09:00-24:01"]}}]}},
    {"schedules": {"default": [{"hours": {"mon": ["09:00-12:00", "11:00-13:00"]}}]}},
    {"schedules": {"default": [{"hours": {"monday": ["09:00-12:00"]}}]}},
    {"schedules": {"default": [{"hours": WEEK, "timezone": "Mars/Olympus"}]}},
    {"schedules": {"default": [{"hours": WEEK, "valid_from": "yesterday"}]}},
    {"schedules": {"default": [{"hours": WEEK, "holidays": ["2026-02-30"]}]}},
    {"sla_targets": {"urgent": {"first_response_minutes": 0}}},
    {"sla_targets": {"urgent": {"reply_minutes": 5}}},
    {"sla_clock": "moon"},
    {"fcr_basis": "any"},
    {"fcr_maturity_days": -1},
    {"escalation_target": "nobody"},
]


@pytest.mark.parametrize("settings", WRONG)
def test_refused(settings: dict[str, Any]) -> None:
    """A setting that makes no sense is refused when it is read, not when it is used."""
    with pytest.raises(ValidationError):
        Policy(**settings)


def business(steps: list[Step], name: str, **settings: Any) -> tuple[dict[str, int], int]:
    """Returns the business durations after three days."""
    shard = folded(steps, plan_of(**settings))
    return durations(shard, name, "30d", START + 3 * DAY, "business")


def hours(count: float) -> tuple[dict[str, int], int]:
    """Returns the distribution of one duration."""
    wait_ms = round(count * HOUR_MS)
    return {str(bucket_of(wait_ms)): 1}, wait_ms


REPLIED: list[tuple[list[Step], float]] = [
    ([(1, "created"), (3, "reply", "agent")], 0),
    ([(1, "created"), (10, "reply", "agent")], 1),
    ([(10, "created"), (12.5, "reply", "agent")], 2.5),
    ([(16, "created"), (24 + 10, "reply", "agent")], 2),
    ([(16, "created"), (18, "reply", "agent")], 1),
    (
        [(10, "created"), (11, "status", "solved"), (12, "status", "open"), (15, "reply", "agent")],
        3,
    ),
    ([(10, "created", {"schedule_id": "unknown"}), (12, "reply", "agent")], 2),
]


@pytest.mark.parametrize(("steps", "count"), REPLIED)
def test_business_response(steps: list[Step], count: float) -> None:
    """Time counts while the office is open; a reply outside of its hours took none of them."""
    assert business(steps, "first_response", schedules=OFFICE) == hours(count)


def test_business_resolution() -> None:
    """A solution takes the open time since creation, also that of an earlier solution."""
    steps: list[Step] = [
        *((10, "created"), (11, "status", "solved"), (13, "status", "open")),
        (24 + 10, "status", "solved"),
    ]
    assert business(steps, "resolution", schedules=OFFICE) == hours(8)


def test_every_schedule_that_applied() -> None:
    """When a ticket moves to other hours, each stretch is measured by its own."""
    schedules = {
        **OFFICE,
        "late": [{"hours": dict.fromkeys(WEEK, ("12:00-20:00",))}],
    }
    steps: list[Step] = [
        *((10, "created"), (11, "schedule", "late"), (14, "schedule", None)),
        (16, "reply", "agent"),
    ]
    assert business(steps, "first_response", schedules=schedules) == hours(1 + 2 + 2)


def test_no_business_time_without_hours() -> None:
    """Without schedules there is calendar time alone; nor is there any for a ticket without one."""
    steps: list[Step] = [(10, "created"), (12, "reply", "agent"), (13, "status", "solved")]
    for name in ("first_response", "resolution"):
        assert business(steps, name) == ({}, 0)
        assert business(steps, name, schedules=OFFICE, default_schedule="other") == ({}, 0)
    at_once: list[Step] = [(10, "created"), (10, "reply", "agent")]
    assert business(at_once, "first_response", schedules=OFFICE) == ({"0": 1}, 0)
    assert business(at_once, "first_response", schedules=OFFICE, default_schedule="o") == ({}, 0)
    left: list[Step] = [
        *((10, "created", {"schedule_id": "default"}), (11, "schedule", None)),
        (12, "reply", "agent"),
    ]
    settings: dict[str, Any] = {"schedules": OFFICE, "default_schedule": "other"}
    assert business(left, "first_response", **settings) == ({}, 0)
    assert business(left[:1] + left[2:], "first_response", **settings) == hours(2)

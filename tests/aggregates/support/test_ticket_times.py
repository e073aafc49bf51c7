"""Support times: each rule by stories told in hours after the start."""

import pytest

from aggregates.ledger.buckets import bucket_of
from tests.aggregates.folding import DAY, HOUR, HOUR_MS, START, durations
from tests.aggregates.support.ticket_story import Step, folded, spans

CLOCK = "calendar"

Wait = tuple[float, float] | None
"""Hours after the start at which the reply came, and how many hours it took."""

RESPONSES: list[tuple[list[Step], Wait]] = [
    ([(1, "created")], None),
    ([(1, "created"), (3, "reply", "agent")], (3, 2)),
    ([(1, "created"), (1, "reply", "agent")], (1, 0)),
    ([(1, "created"), (3, "reply", "agent"), (5, "reply", "agent")], (3, 2)),
    ([(1, "created"), (3, "reply", "bot"), (4, "reply", "system"), (5, "reply", "end_user")], None),
    ([(1, "created"), (3, "note", "agent"), (5, "reply", "agent")], (5, 4)),
    ([(1, "created by", "agent"), (1, "reply", "agent")], None),
    ([(1, "created by", "agent"), (1, "reply", "agent"), (4, "reply", "agent")], (4, 3)),
    ([(1, "created by", "bot"), (1, "reply", "agent")], (1, 0)),
    ([(1, "reply", "agent"), (2, "created")], None),
    (
        [
            *((1, "created"), (2, "reply", "bot"), (3, "status", "solved")),
            *((8, "status", "open"), (9, "reply", "agent")),
        ],
        (9, 1),
    ),
    (
        [
            *((1, "created"), (3, "status", "solved"), (8, "status", "open")),
            *((9, "status", "closed"), (11, "status", "hold"), (15, "reply", "agent")),
        ],
        (15, 4),
    ),
    ([(1, "created"), (3, "status", "solved"), (7, "reply", "agent")], (7, 6)),
    (
        [
            *((1, "created"), (3, "reply", "agent"), (4, "status", "solved")),
            *((8, "status", "open"), (9, "reply", "agent")),
        ],
        (3, 2),
    ),
    ([(1, "created"), (3, "deleted"), (5, "reply", "agent")], None),
    ([(1, "created"), (3, "reply", "agent"), (5, "spam")], None),
    ([(1, "created"), (3, "reply", "agent"), (5, "merged", "t2")], None),
    ([(1, "created"), (3, "deleted"), (5, "reply", "agent"), (9, "undeleted")], (5, 4)),
]


@pytest.mark.parametrize(("steps", "expected"), RESPONSES)
def test_first_response(steps: list[Step], expected: Wait) -> None:
    """The first public reply of a human ends the wait that began at creation or reopening."""
    shard = folded(steps)
    found = durations(shard, "first_response", "1d", START + DAY, CLOCK)
    if expected is None:
        assert found == ({}, 0)
        return
    at, hours = expected
    wait_ms = round(hours * HOUR_MS)
    assert found == ({str(bucket_of(wait_ms)): 1}, wait_ms)
    leaves = START + DAY + round(at * HOUR)
    for window, tiles in (("1d", 0), ("7d", 6 * DAY), ("30d", 29 * DAY)):
        assert durations(shard, "first_response", window, leaves + tiles, CLOCK) == found
        assert durations(shard, "first_response", window, leaves + tiles + 1, CLOCK) == ({}, 0)
    assert durations(shard, "first_response", "7d", START + round(at * HOUR), CLOCK) == ({}, 0)


def test_removed_first_response() -> None:
    """A reply counts until its ticket is removed, and again from when it is undeleted."""
    steps: list[Step] = [(0, "created"), (1, "reply", "agent"), (5, "deleted"), (9, "undeleted")]
    shard = folded(steps)
    counts = [
        durations(shard, "first_response", "1d", START + h * HOUR, CLOCK)[1] for h in range(27)
    ]
    assert [sum_ms // HOUR_MS for sum_ms in counts] == [
        *(0, 0, *[1] * 4, *[0] * 4, *[1] * 16),
        0,
    ]


WAITING: list[tuple[list[Step], dict[str, list[tuple[int, int]]]]] = [
    (
        [(1, "created"), (40, "reply", "agent")],
        {"0h": [(1, 40)], "1h": [(2, 40)], "4h": [(5, 40)], "24h": [(25, 40)]},
    ),
    (
        [(1, "created"), (3, "note", "agent"), (4, "status", "solved")],
        {"0h": [(1, 4)], "1h": [(2, 4)]},
    ),
    ([(1, "created"), (3, "merged", "t2")], {"0h": [(1, 3)], "1h": [(2, 3)]}),
    (
        [(1, "created"), (3, "status", "solved"), (9, "status", "open"), (11, "reply", "agent")],
        {"0h": [(1, 3), (9, 11)], "1h": [(2, 3), (10, 11)]},
    ),
    (
        [(1, "created"), (2, "deleted"), (10, "undeleted"), (11, "reply", "agent")],
        {"0h": [(1, 2), (10, 11)], "1h": [(10, 11)], "4h": [(10, 11)]},
    ),
    ([(1, "created", "solved"), (9, "reply", "agent")], {}),
    (
        [(1, "created"), (2, "reply", "agent"), (3, "status", "solved"), (4, "status", "open")],
        {"0h": [(1, 2)]},
    ),
]


@pytest.mark.parametrize(("steps", "expected"), WAITING)
def test_waiting(steps: list[Step], expected: dict[str, list[tuple[int, int]]]) -> None:
    """Unsolved tickets without a human reply wait, each length of time from its own instant on."""
    shard = folded(steps)
    found = {over: spans(shard, "tickets_waiting", over) for over in ("0h", "1h", "4h", "24h")}
    assert {over: held for over, held in found.items() if held} == expected


RESOLUTIONS: list[tuple[list[Step], list[tuple[int, int, int]]]] = [
    ([(1, "created")], []),
    ([(1, "created"), (3, "status", "solved")], [(3, 24, 2)]),
    ([(1, "created"), (3, "status", "solved"), (9, "status", "closed")], [(3, 24, 2)]),
    ([(1, "created"), (9, "status", "closed")], [(9, 24, 8)]),
    ([(1, "created"), (3, "status", "solved"), (9, "status", "open")], [(3, 9, 2)]),
    (
        [(1, "created"), (3, "status", "solved"), (9, "status", "open"), (15, "status", "solved")],
        [(3, 9, 2), (15, 24, 14)],
    ),
    ([(1, "created"), (3, "status", "solved"), (9, "merged", "t2")], [(3, 9, 2)]),
    ([(1, "created"), (2, "deleted"), (3, "status", "solved"), (9, "undeleted")], [(9, 24, 2)]),
]
"""Stories, and in which hours a resolution of how many hours is read."""


@pytest.mark.parametrize(("steps", "expected"), RESOLUTIONS)
def test_resolution(steps: list[Step], expected: list[tuple[int, int, int]]) -> None:
    """The last solution counts, with the time since creation, while the ticket stays solved."""
    shard = folded(steps)
    found: list[tuple[int, int, int]] = []
    for hour in range(24):
        counts, sum_ms = durations(shard, "resolution", "30d", START + hour * HOUR + 1, CLOCK)
        assert counts in ({}, {str(bucket_of(sum_ms)): 1})
        hours = sum_ms // HOUR_MS
        if counts and found and found[-1][1:] == (hour, hours):
            found[-1] = found[-1][0], hour + 1, hours
        elif counts:
            found.append((hour, hour + 1, hours))
    assert found == expected


def test_resolution_leaves_the_window() -> None:
    """A solution is read for 30 days from when the ticket was solved."""
    shard = folded([(1, "created"), (3, "status", "solved"), (24 * 31, "status", "open")])
    last = START + 3 * HOUR + 30 * DAY
    found = durations(shard, "resolution", "30d", last, CLOCK)
    assert found == ({str(bucket_of(2 * HOUR_MS)): 1}, 2 * HOUR_MS)
    assert durations(shard, "resolution", "30d", last + 1, CLOCK) == ({}, 0)


def test_resolution_at_once() -> None:
    """A ticket created as solved took no time: a count without a sum."""
    shard = folded([(1, "created", "solved")])
    assert durations(shard, "resolution", "30d", START + DAY, CLOCK) == ({"0": 1}, 0)

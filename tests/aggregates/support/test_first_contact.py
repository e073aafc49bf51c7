"""First contact resolution: each rule by stories told in hours after the start."""

import pytest

from tests.aggregates.folding import DAY, HOUR, START, level
from tests.aggregates.support.ticket_story import Step, folded, plan_of

WEEK = 7 * 24
SOLVED_AT_3: list[Step] = [(1, "created"), (2, "reply", "agent"), (3, "status", "solved")]
JUDGED = START + 3 * HOUR + 7 * DAY
"""The edge at which the story above is judged: it is read from the next one on."""


def judged(steps: list[Step], edge: int = JUDGED + 1, **settings: object) -> tuple[int, int]:
    """Returns tickets solved at first contact and tickets judged, over 30 days."""
    shard = folded(steps, plan_of(**settings))
    return (
        level(shard, ("tickets_solved_at_first_contact", "30d"), edge),
        level(shard, ("tickets_judged", "30d"), edge),
    )


STORIES: list[tuple[list[Step], tuple[int, int]]] = [
    (SOLVED_AT_3, (1, 1)),
    ([(1, "created"), (2, "reply", "agent"), (3, "status", "closed")], (1, 1)),
    ([(1, "created"), (3, "status", "solved")], (0, 1)),
    ([(1, "created"), (2, "reply", "bot"), (3, "status", "solved")], (0, 1)),
    ([(1, "created"), (2, "note", "agent"), (3, "status", "solved")], (0, 1)),
    ([*SOLVED_AT_3, (20, "reply", "agent")], (0, 1)),
    ([*SOLVED_AT_3, (3 + WEEK, "reply", "agent")], (0, 1)),
    ([*SOLVED_AT_3, (4 + WEEK, "reply", "agent")], (1, 1)),
    ([*SOLVED_AT_3, (20, "reply", "end_user")], (1, 1)),
    ([*SOLVED_AT_3, (20, "status", "open")], (0, 1)),
    ([*SOLVED_AT_3, (20, "status", "open"), (21, "status", "solved")], (1, 1)),
    ([*SOLVED_AT_3, (20, "status", "open"), (4 + WEEK, "status", "solved")], (0, 1)),
    ([*SOLVED_AT_3, (20, "merged", "t2")], (0, 0)),
    ([*SOLVED_AT_3, (20, "spam")], (0, 0)),
    ([*SOLVED_AT_3, (20, "deleted"), (30, "undeleted")], (1, 1)),
    ([(1, "created"), (2, "reply", "agent")], (0, 0)),
    ([(1, "created", {"channel": "phone"}), (3, "status", "solved")], (1, 1)),
    ([(1, "created", {"channel": "voice"}), *SOLVED_AT_3[1:]], (1, 1)),
    (
        [(1, "created by", "agent"), (1, "reply", "agent"), *SOLVED_AT_3[1:]],
        (1, 1),
    ),
    (
        [
            (1, "created", {"channel": "chat"}),
            (1, "reply", {"author_role": "agent", "session_id": "c1"}),
            (2, "reply", {"author_role": "agent", "session_id": "c1"}),
            (3, "status", "solved"),
        ],
        (1, 1),
    ),
    (
        [
            (1, "created", {"channel": "chat"}),
            (1, "reply", {"author_role": "agent", "session_id": "c1"}),
            (2, "reply", {"author_role": "agent", "session_id": "c2"}),
            (3, "status", "solved"),
        ],
        (0, 1),
    ),
]


@pytest.mark.parametrize(("steps", "expected"), STORIES)
def test_one_reply(steps: list[Step], expected: tuple[int, int]) -> None:
    """A week after its first solution a ticket is solved by one human reply, or it is not."""
    assert judged(steps) == expected


def test_window() -> None:
    """A judgement is read from its instant on, for 30 days; what comes later does not undo it."""
    steps: list[Step] = [*SOLVED_AT_3, (9 * 24, "status", "open"), (9 * 24, "reply", "agent")]
    found = [judged(steps, JUDGED + tiles) for tiles in (0, 1, 30 * DAY, 30 * DAY + 1)]
    assert found == [(0, 0), (1, 1), (1, 1), (0, 0)]


BASES: list[tuple[list[Step], set[str]]] = [
    (SOLVED_AT_3, {"one_reply", "one_touch", "no_follow_up", "uninterrupted"}),
    ([(1, "created"), (3, "status", "solved")], {"one_touch", "no_follow_up"}),
    (
        [(1, "created"), (1.5, "reply", "agent"), *SOLVED_AT_3[1:]],
        {"no_follow_up", "uninterrupted"},
    ),
    (
        [(1, "created"), (1.5, "reply", "end_user"), *SOLVED_AT_3[1:]],
        {"one_reply", "one_touch", "uninterrupted"},
    ),
    (
        [(1, "created"), (1.5, "status", "pending"), *SOLVED_AT_3[1:]],
        {"one_reply", "one_touch", "no_follow_up"},
    ),
    (
        [*SOLVED_AT_3, (5, "status", "open"), (6, "status", "solved")],
        {"one_reply", "one_touch", "no_follow_up"},
    ),
    ([*SOLVED_AT_3, (5, "status", "open")], set()),
]


@pytest.mark.parametrize(("steps", "bases"), BASES)
def test_bases(steps: list[Step], bases: set[str]) -> None:
    """Each published definition of a first contact can be chosen."""
    every = ("one_reply", "one_touch", "no_follow_up", "uninterrupted")
    assert {basis for basis in every if judged(steps, fcr_basis=basis) == (1, 1)} == bases


def test_maturity() -> None:
    """The days until judgement are a setting; at once, what is told at that instant counts."""
    at_3 = START + 3 * HOUR
    assert judged(SOLVED_AT_3, at_3 + 1, fcr_maturity_days=0) == (1, 1)
    assert judged([*SOLVED_AT_3, (3, "status", "open")], at_3 + 1, fcr_maturity_days=0) == (0, 1)
    late: list[Step] = [*SOLVED_AT_3, (20 * 24, "reply", "agent")]
    assert judged(late, at_3 + 30 * DAY + 1, fcr_maturity_days=30) == (0, 1)


def test_share_of_created() -> None:
    """As a share of tickets created, both are of these: first contacts leave with their tickets."""
    assert judged([(1, "created")], fcr_denominator="created") == (0, 1)
    assert judged(SOLVED_AT_3, fcr_denominator="created") == (1, 1)
    left = START + HOUR + 30 * DAY + 1
    assert judged(SOLVED_AT_3, left, fcr_denominator="created") == (0, 0)

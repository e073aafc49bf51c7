"""Reply times: each rule by stories told in hours after the start."""

import pytest

from aggregates.ledger.buckets import bucket_of
from tests.aggregates.folding import DAY, HOUR, HOUR_MS, START, durations
from tests.aggregates.support.ticket_story import Step, folded, plan_of

STORIES: list[tuple[list[Step], list[int]]] = [
    ([(1, "created")], []),
    ([(1, "created"), (3, "reply", "agent")], [2]),
    ([(1, "created"), (3, "reply", "agent"), (4, "reply", "agent")], [2]),
    ([(1, "created"), (2, "reply", "end_user"), (5, "reply", "agent")], [4]),
    (
        [
            *((1, "created"), (3, "reply", "agent"), (4, "reply", "end_user")),
            *((6, "reply", "end_user"), (9, "reply", "agent")),
        ],
        [2, 5],
    ),
    ([(1, "created"), (3, "reply", "bot"), (4, "note", "agent"), (5, "reply", "agent")], [4]),
    ([(1, "created by", "agent"), (3, "reply", "agent")], []),
    ([(1, "created by", "system"), (3, "reply", "agent")], []),
    ([(1, "created by", "agent"), (2, "reply", "end_user"), (5, "reply", "agent")], [3]),
    ([(1, "created"), (3, "status", "solved"), (5, "reply", "agent")], []),
    ([(1, "created", "solved"), (5, "reply", "agent")], []),
    (
        [
            *((1, "created"), (2, "reply", "agent"), (3, "status", "solved")),
            *((5, "reply", "end_user"), (5, "status", "open"), (8, "reply", "agent")),
        ],
        [1, 3],
    ),
    (
        [
            *((1, "created"), (2, "reply", "agent"), (3, "status", "solved")),
            *((5, "reply", "end_user"), (6, "status", "closed"), (8, "reply", "agent")),
        ],
        [1],
    ),
    ([(1, "created"), (3, "reply", "agent"), (5, "merged", "t2")], []),
    ([(1, "created"), (2, "deleted"), (3, "reply", "agent"), (5, "undeleted")], [2]),
]


def waits(steps: list[Step], **settings: object) -> tuple[dict[str, int], int]:
    """Returns the distribution of waits after a day."""
    return durations(folded(steps, plan_of(**settings)), "reply", "30d", START + DAY)


def distribution(hours: list[int]) -> tuple[dict[str, int], int]:
    """Returns the distribution of some hours, all different."""
    return {str(bucket_of(n * HOUR_MS)): 1 for n in hours}, sum(hours) * HOUR_MS


@pytest.mark.parametrize(("steps", "hours"), STORIES)
def test_waits(steps: list[Step], hours: list[int]) -> None:
    """A wait runs from the customer's first unanswered message to the next human reply."""
    assert waits(steps) == distribution(hours)


def test_chat_session() -> None:
    """In a chat that a human has answered, nothing that the customer writes begins a wait."""
    chat = {"session_id": "c1"}
    steps: list[Step] = [
        (1, "created"),
        (3, "reply", {"author_role": "agent", **chat}),
        (4, "reply", {"author_role": "end_user", **chat}),
        (5, "reply", {"author_role": "agent", **chat}),
        (6, "reply", "end_user"),
        (9, "reply", {"author_role": "agent", **chat}),
    ]
    assert waits(steps) == distribution([2, 3])


def test_first_of_each_ticket() -> None:
    """By setting only the first wait of each ticket counts."""
    steps: list[Step] = [
        *((1, "created"), (3, "reply", "agent"), (4, "reply", "end_user"), (9, "reply", "agent")),
    ]
    assert waits(steps, reply_basis="first") == distribution([2])


def test_window() -> None:
    """A wait belongs to the 30 days after the reply that ended it."""
    shard = folded([(1, "created"), (3, "reply", "agent")])
    at = START + 3 * HOUR
    counts = [
        durations(shard, "reply", "30d", edge)[1]
        for edge in (at, at + 1, at + 30 * DAY, at + 30 * DAY + 1)
    ]
    assert counts == [0, 2 * HOUR_MS, 2 * HOUR_MS, 0]

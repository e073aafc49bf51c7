"""Tickets of which no creation is told: how many there are, in stories in hours after the start."""

import pytest

from tests.aggregates.support.ticket_story import Step, folded, spans

STORIES: list[tuple[list[Step], list[tuple[int, int]]]] = [
    ([], []),
    ([(1, "created")], []),
    ([(1, "created"), (3, "status", "solved")], []),
    ([(3, "status", "open")], [(3, 100)]),
    ([(5, "reply", "agent"), (3, "status", "open")], [(3, 100)]),
    ([(3, "status", "open"), (7, "created")], [(3, 7)]),
    ([(3, "merged", "t2")], [(3, 100)]),
    ([(3, "deleted")], [(3, 100)]),
    ([(3, "declared"), (5, "resolved")], []),
    ([(3, "declared"), (5, "status", "open"), (9, "created")], [(5, 9)]),
]


@pytest.mark.parametrize(("steps", "missing"), STORIES)
def test_from_the_first_event_to_the_creation(
    steps: list[Step], missing: list[tuple[int, int]]
) -> None:
    """It is missing from when something is told of it until it is created, in whatever order that
    comes; what is told of a major case needs no ticket."""
    assert spans(folded(steps), "tickets_never_created") == missing
    assert spans(folded(steps[::-1]), "tickets_never_created") == missing

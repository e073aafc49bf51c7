"""Tickets that turn out to be another account's count for it with all that was told of them."""

from itertools import pairwise
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from tests.aggregates.shard.test_merged_accounts import (
    ACCOUNTS,
    SEGMENTS,
    Told,
    figures,
    record,
    segment_facts,
    ticket_kinds,
)
from tests.examples import examples

TICKETS: Final = ("x", "y")


@st.composite
def hops(draw: st.DrawFn) -> dict[str, list[tuple[int, str]]]:
    """Draws under which account each ticket is from which step on."""
    ways: dict[str, list[tuple[int, str]]] = {}
    for ticket in TICKETS:
        steps = sorted(draw(st.sets(st.integers(1, 40), max_size=3)))
        accounts = draw(st.permutations(ACCOUNTS))[: len(steps) + 1]
        ways[ticket] = list(zip([0, *steps], accounts, strict=True))
    return ways


@given(
    st.lists(st.tuples(st.integers(0, 40), ticket_kinds), max_size=14, unique_by=lambda t: t[0]),
    hops(),
    st.randoms(use_true_random=False),
    st.sampled_from([1, 4]),
)
@examples(60)
def test_a_ticket_counts_for_the_account_that_it_came_to(
    told: list[tuple[int, Any]],
    ways: dict[str, list[tuple[int, str]]],
    random: Any,
    partitions: int,
) -> None:
    """Law: told under one account after the other, it is the last one's from the start."""
    first, last = [], []
    for step, (kind, data) in told:
        way = ways[data["ticket_id"]]
        account = [account for begin, account in way if begin <= step][-1]
        first.append(Told(account, 2 * step + 1, kind, data))
        last.append(Told(way[-1][1], 2 * step + 1, kind, data))
    moved = [
        Told(
            before, 2 * step, "ticket.account_changed", {"ticket_id": ticket, "into_account_id": to}
        )
        for ticket, way in ways.items()
        for (_, before), (step, to) in pairwise(way)
    ]
    facts = segment_facts(SEGMENTS)
    numbers = range(len(facts) + len(told))
    expected = figures([record(n, each) for n, each in zip(numbers, facts + last, strict=True)], 1)
    records = [record(n, each) for n, each in zip(numbers, facts + first, strict=True)]
    records += [record(1_000 + n, each) for n, each in enumerate(moved)]
    random.shuffle(records)
    for batch in (None, 1, 5):
        assert figures(records, partitions, batch) == expected

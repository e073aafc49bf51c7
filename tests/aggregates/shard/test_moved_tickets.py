"""Tickets that turn out to be another account's count for it with all that was told of them."""

from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.aggregates.shard.test_merged_accounts import (
    ACCOUNTS,
    SEGMENTS,
    Told,
    figures,
    histories,
    kinds,
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


_moves: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(
        st.just("ticket.account_changed"), st.builds(dict, ticket_id=st.sampled_from(TICKETS))
    ),
    st.tuples(
        st.just("subscription.transferred"), st.builds(dict, subscription_id=st.sampled_from("xy"))
    ),
    st.tuples(st.just("account.merged"), st.builds(dict)),
)


@st.composite
def crossings(draw: st.DrawFn) -> list[Told]:
    """Draws events of several accounts, and moves between them of all kinds, in any order."""
    told = draw(histories(ticket_kinds | kinds))
    moved = draw(st.lists(st.tuples(st.permutations(ACCOUNTS), _moves), min_size=1, max_size=12))
    moves = [
        Told(account, 100 + step, kind, {**data, "into_account_id": into})
        for step, ((account, into, *_), (kind, data)) in enumerate(moved)
    ]
    steps = draw(st.permutations(range(len(told) + len(moves))))
    both = [each._replace(step=step) for each, step in zip(told + moves, steps, strict=True)]
    return draw(st.permutations(both))


@given(crossings(), st.sampled_from([1, 4]), st.sampled_from([1, 3]))
@examples(80)
def test_law_moves_that_cross(told: list[Told], partitions: int, batch: int) -> None:
    """Law: whatever moves and merges cross, it is live what it is of all at once."""
    records = [record(number, each) for number, each in enumerate(told)]
    assert figures(records, partitions, batch) == figures(records, 1)


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_guest_goes_where_the_row_of_its_id_goes(partitions: int) -> None:
    """It went on with a merge, and then to another account by a move told where it lay."""
    merged = [
        Told("acct_3", 2, "account.merged", {"into_account_id": "acct_2"}),
        Told("acct_2", 4, "account.merged", {"into_account_id": "acct_4"}),
    ]
    told = [
        Told("acct_3", 1, "ticket.status_changed", {"ticket_id": "x", "current": "solved"}),
        *merged,
        Told("acct_2", 3, "ticket.created", {"ticket_id": "x", "requester_id": "u"}),
        Told(
            "acct_2", 5, "ticket.account_changed", {"ticket_id": "x", "into_account_id": "acct_1"}
        ),
    ]
    records = [record(number, each) for number, each in enumerate(told)]
    assert figures(records, partitions, 1) == figures(records, 1)


def _moved(account: str, step: int, into: str) -> Told:
    data = {"ticket_id": "x", "into_account_id": into}
    return Told(account, step, "ticket.account_changed", data)


def _merged(account: str, step: int, into: str) -> Told:
    return Told(account, step, "account.merged", {"into_account_id": into})


def _created(account: str) -> Told:
    return Told(account, 1, "ticket.created", {"ticket_id": "x", "requester_id": "u"})


@pytest.mark.parametrize(
    ("told", "owner"),
    [
        ([_moved("acct_1", 2, "acct_2"), _merged("acct_2", 3, "acct_1")], "acct_1"),
        (
            [
                _moved("acct_1", 2, "acct_2"),
                _merged("acct_2", 3, "acct_3"),
                _merged("acct_3", 4, "acct_1"),
            ],
            "acct_1",
        ),
        (
            [
                _moved("acct_1", 2, "acct_2"),
                _merged("acct_2", 3, "acct_1"),
                _merged("acct_1", 4, "acct_2"),
            ],
            "acct_1",
        ),
        ([_moved("acct_1", 2, "acct_2"), _merged("acct_1", 3, "acct_2")], "acct_2"),
        ([_moved("acct_1", 2, "acct_2"), _merged("acct_1", 3, "acct_3")], "acct_2"),
        ([_merged("acct_3", 0, "acct_1"), _moved("acct_3", 2, "acct_2")], "acct_2"),
        (
            [
                _merged("acct_3", 0, "acct_1"),
                _moved("acct_3", 2, "acct_2"),
                _moved("acct_2", 3, "acct_3"),
            ],
            "acct_1",
        ),
    ],
)
@pytest.mark.parametrize("partitions", [1, 3])
def test_a_ticket_is_of_the_account_that_it_came_to_by_any_of_its_ids(
    told: list[Told], owner: str, partitions: int
) -> None:
    """A move to an account that turns out to be this one changes nothing; no ticket is lost."""
    facts = segment_facts({account: account for account in ACCOUNTS})
    numbers = range(len(facts) + 1)
    as_one = [record(n, each) for n, each in zip(numbers, [*facts, _created(owner)], strict=True)]
    expected = figures(as_one, 1)
    assert expected
    records = [record(n, each) for n, each in enumerate([*facts, _created("acct_1"), *told])]
    for each in (records, records[::-1]):
        for batch in (None, 1):
            assert figures(each, partitions, batch) == expected

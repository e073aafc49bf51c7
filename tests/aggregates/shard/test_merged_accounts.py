"""Accounts that are merged are one account from the start, in every family, on any partitions."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.measure import Segment, Series
from aggregates.policies.policy import Policy
from aggregates.rows.kind import RowKey
from aggregates.shard.plan import Plan
from events import format_instant
from streams.local.intake import Intake
from tests.aggregates.folding import START_MS
from tests.examples import examples

PLAN: Final = Plan(Policy())
ACCOUNTS: Final = ("acct_1", "acct_2", "acct_3", "acct_4")
STEP_MS: Final = 7_000_001
"""Two hours or so: no two facts share an instant, where the account would decide their order."""

Figures = Mapping[tuple[Series, Segment, int], int]
"""Deltas by series, segment and tile, without those of 0."""


class Told(NamedTuple):
    """An event: of which account, when, of what type and what it says."""

    account: str
    step: int
    type: str
    data: Mapping[str, Any]


def _state(sub: str, amount: int, status: str) -> dict[str, Any]:
    item = {"item_id": "i", "amount": amount, "currency": "USD", "interval": "month"}
    return {"subscription_id": sub, "status": status, "items": [item]}


_ids = st.sampled_from(["x", "y"])
_ANSWER: Final = {"survey_id": "s", "survey_type": "nps", "scale_min": 0, "scale_max": 10}
_states = st.builds(
    _state, _ids, st.sampled_from([1000, 2500]), st.sampled_from(["active", "trialing", "paused"])
)


def _of(types: Sequence[str], **data: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.sampled_from(types), st.fixed_dictionaries(data))


ticket_kinds = st.one_of(
    _of(["ticket.created"], ticket_id=_ids, requester_id=_ids),
    _of(["ticket.status_changed"], ticket_id=_ids, current=st.sampled_from(["open", "solved"])),
    _of(
        ["ticket.comment_added"],
        ticket_id=_ids,
        comment_id=st.uuids().map(str),
        author_role=st.sampled_from(["agent", "end_user"]),
        is_public=st.just(True),
    ),
)

joined_kinds = st.one_of(
    _of(["user.added", "user.removed"], user_id=_ids),
    _of(["user.merged"], user_id=st.just("x"), into_user_id=st.just("y")),
    _of(
        ["survey_response.created", "survey_response.updated"],
        response_id=_ids,
        respondent_id=_ids,
        score=st.sampled_from([3, 10]),
        **{name: st.just(value) for name, value in _ANSWER.items()},
    ),
    ticket_kinds,
)
"""Of rows that others of the same account decide about."""

kinds = st.one_of(
    joined_kinds,
    st.tuples(st.sampled_from(["subscription.created", "subscription.updated"]), _states),
    _of(["subscription.deleted"], subscription_id=_ids),
    _of(["feature.used"], user_id=_ids, feature=st.sampled_from(["f", "g"])),
    _of(["session.ended"], user_id=_ids, session_id=_ids, duration_s=st.just(600)),
    _of(["seats.set"], seats=st.sampled_from([2, 5])),
    _of(["milestone.reached"], milestone=st.just("first_value")),
    _of(["survey.sent"], survey_id=st.just("s"), survey_type=st.just("nps"), respondent_id=_ids),
    _of(["account.created"]),
    _of(["program.participated"], program=st.just("webinar")),
    _of(["onboarding.started", "onboarding.completed"], onboarding_id=_ids),
)


between = st.one_of(
    _of(["ticket.account_changed"], ticket_id=_ids, into_account_id=st.sampled_from(ACCOUNTS)),
    _of(
        ["subscription.transferred"],
        subscription_id=_ids,
        into_account_id=st.sampled_from(ACCOUNTS),
    ),
    _of(
        ["referral.created", "referral.converted"],
        referral_id=_ids,
        referred_account_id=st.sampled_from(ACCOUNTS),
    ),
)
"""Of one account, naming another one: perhaps one that was merged into it, or into a third."""


@st.composite
def histories(draw: st.DrawFn, of: st.SearchStrategy[Any] = kinds, least: int = 0) -> list[Told]:
    """Draws events of several accounts, each at an instant of its own."""
    told = draw(st.lists(st.tuples(st.sampled_from(ACCOUNTS), of), min_size=least, max_size=30))
    steps = draw(st.permutations(range(len(told))))
    return [Told(account, step, *kind) for step, (account, kind) in zip(steps, told, strict=True)]


merges = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS)).filter(lambda m: m[0] != m[1]),
    max_size=4,
    unique_by=lambda merge: merge[0],
)
"""Which accounts were merged into which; rings of them too."""


def record(number: int, told: Told) -> bytes:
    """Returns an event as a record."""
    event = {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "test",
        "type": told.type,
        "time": format_instant(START_MS + told.step * STEP_MS),
        "data": {"account_id": told.account, **told.data},
    }
    return json.dumps(event).encode()


def taken_back(number: int, fact: Told, step: int) -> list[Told]:
    """Returns that an event is taken back, under each account that it was told under."""
    told_under = {fact.account, fact.data.get("into_account_id", fact.account)}
    data = {"retracts": f"e{number}", "retracts_type": fact.type}
    return [Told(account, step, "event.retracted", data) for account in sorted(told_under)]


def segment_facts(segments: Mapping[str, str]) -> list[Told]:
    """Tells the segments of accounts."""
    return [
        Told(account, -1, "account.updated", {"segment": segment})
        for account, segment in segments.items()
    ]


def _roots(merged: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Returns what each account was merged into in the end; a ring is its least account."""
    into = dict(merged)
    roots = {}
    for account in ACCOUNTS:
        path = [account]
        while (end := into.get(path[-1])) is not None and end not in path:
            path.append(end)
        roots[account] = path[-1] if end is None else min(path[path.index(end) :])
    return roots


def folded(records: Sequence[bytes], partitions: int, batch: int | None = None) -> Intake:
    """Folds records; all at once in bulk, or settling after each batch."""
    intake = Intake(PLAN, partitions, bulk=batch is None)
    size = batch or len(records) or 1
    for first in range(0, len(records), size):
        intake.take(records[first : first + size])
        intake.settle()
    intake.settle()
    assert not intake.rejected
    return intake


def figures(records: Sequence[bytes], partitions: int, batch: int | None = None) -> Figures:
    """Folds records, and sums the ledgers of the partitions."""
    intake = folded(records, partitions, batch)
    found: defaultdict[tuple[Series, Segment, int], int] = defaultdict(int)
    for shard in intake.shards:
        for (series, segment), cells in shard.ledger.cells.items():
            for tile, delta in cells.items():
                found[series, segment, tile] += delta
    return {at: delta for at, delta in found.items() if delta}


SEGMENTS: Final = dict(zip(ACCOUNTS, ("smb", "smb", "public", "enterprise"), strict=True))


def _as_one(told: Sequence[Told], roots: Mapping[str, str]) -> list[Told]:
    """Returns events as they would be told had there been only the accounts that are left.

    Nothing is moved within one account. Whom another one referred is named as it was told.
    """
    found = []
    for each in told:
        account, data = roots[each.account], dict(each.data)
        if (into := data.get("into_account_id")) is not None:
            data["into_account_id"] = roots[into]
        elif (referred := data.get("referred_account_id")) is not None:
            data["referred_account_id"] = account if roots[referred] == account else referred
        if data.get("into_account_id") != account:
            found.append(each._replace(account=account, data=data))
    return found


@given(
    histories(kinds | between), merges, st.randoms(use_true_random=False), st.sampled_from([1, 4])
)
@examples(60)
def test_merged_accounts_are_one_from_the_start(
    told: list[Told], merged: list[tuple[str, str]], random: Any, partitions: int
) -> None:
    """Law: merges told at any point give the ledger of one account that had all the events."""
    roots = _roots(merged)
    told = [each for each in told if each.data.get("into_account_id") != each.account]
    own = segment_facts({account: SEGMENTS[account] for account in roots.values()})
    as_one = _as_one(told, roots)
    expected = figures([record(n, each) for n, each in enumerate(own + as_one)], 1, None)
    facts = [
        Told(account, random.randrange(100), "account.merged", {"into_account_id": into})
        for account, into in merged
    ]
    records = [record(n, each) for n, each in enumerate(segment_facts(SEGMENTS) + told + facts)]
    random.shuffle(records)
    for batch in (None, 1, 7):
        assert figures(records, partitions, batch) == expected


def rows_read(intake: Intake) -> dict[RowKey, bytes]:
    """Returns the rows of all partitions, packed; also those that are filled elsewhere."""
    return {
        key: shard.store.pack_row(key)
        for shard in intake.shards
        for kind, accounts in shard.store.rows.items()
        for account, rows in accounts.items()
        for key in [RowKey(kind, account, entity) for entity in rows]
    }


@given(histories(), merges, st.randoms(use_true_random=False), st.sampled_from([1, 4]))
@examples(40)
def test_each_row_is_read_in_the_same_places(
    told: list[Told], merged: list[tuple[str, str]], random: Any, partitions: int
) -> None:
    """Law: a row is sent to where it is read, live as by one who folds all at once."""
    facts = [
        Told(account, random.randrange(100), "account.merged", {"into_account_id": into})
        for account, into in merged
    ]
    records = [record(n, each) for n, each in enumerate(segment_facts(SEGMENTS) + told + facts)]
    random.shuffle(records)
    expected = rows_read(folded(records, partitions))
    for batch in (1, 7):
        assert rows_read(folded(records, partitions, batch)) == expected


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_ring_of_merges_goes_round_live(order: Sequence[int]) -> None:
    """The least of a ring stays where it was, and yet sends on what it knows of the others."""
    ring = [("acct_1", "acct_3"), ("acct_2", "acct_1"), ("acct_3", "acct_2")]
    told = [
        Told(account, step, "account.merged", {"into_account_id": into})
        for step, (account, into) in enumerate(ring)
    ]
    records = [record(n, told[n]) for n in order]
    assert rows_read(folded(records, 4, 1)) == rows_read(folded(records, 4))


@given(histories(), merges, st.randoms(use_true_random=False), st.sampled_from([1, 4]))
@examples(40)
def test_a_merge_is_taken_back(
    told: list[Told], merged: list[tuple[str, str]], random: Any, partitions: int
) -> None:
    """Law: merges that are retracted, under each of the two accounts, leave nothing behind."""
    records = [record(n, each) for n, each in enumerate(segment_facts(SEGMENTS) + told)]
    expected = figures(records, 1, None)
    for number, (account, into) in enumerate(merged):
        fact = Told(account, random.randrange(100), "account.merged", {"into_account_id": into})
        records.append(record(1_000 + number, fact))
        for key in (account, into):
            back = {"retracts": f"e{1_000 + number}", "retracts_type": "account.merged"}
            number_ = 2_000 + 2 * number + (key == into)
            records.append(record(number_, Told(key, 101, "event.retracted", back)))
    for batch in (None, 1, 7):
        assert figures(records, partitions, batch) == expected
        random.shuffle(records)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_use_that_comes_after_the_guest_of_its_user(order: Sequence[int]) -> None:
    """That one says that the user is another: the use is the other's at once, in any order."""
    story = [
        Told("acct_1", 0, "user.added", {"user_id": "y"}),
        Told("acct_1", 4, "feature.used", {"user_id": "x", "feature": "f"}),
        Told("acct_4", 5, "user.merged", {"user_id": "x", "into_user_id": "y"}),
        Told("acct_4", 6, "account.merged", {"into_account_id": "acct_1"}),
    ]
    records = [record(number, each) for number, each in enumerate(story)]
    as_one = [each._replace(account="acct_1") for each in story[:-1]]
    expected = figures([record(number, each) for number, each in enumerate(as_one)], 1)
    assert figures([records[place] for place in order], 1, 1) == expected


def test_of_two_that_say_something_else_at_one_instant_one_holds_in_any_order() -> None:
    """Neither was told last: whatever came first, an account is in the same segment."""
    story = [
        Told("acct_1", 1, "account.updated", {"segment": "smb"}),
        Told("acct_2", 1, "account.updated", {"segment": "public"}),
        Told("acct_1", 2, "account.merged", {"into_account_id": "acct_3"}),
        Told("acct_2", 3, "account.merged", {"into_account_id": "acct_3"}),
        Told("acct_3", 4, "subscription.created", _state("x", 1000, "active")),
    ]
    records = [record(number, each) for number, each in enumerate(story)]
    wanted = figures(records, 1)
    for order in permutations(records):
        assert figures(order, 1, 1) == wanted

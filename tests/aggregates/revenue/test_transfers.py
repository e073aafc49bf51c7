"""Accounts that are merged: their revenue is that of one account from the start."""

from typing import Any

from aggregates.shard.shard import Shard
from tests.aggregates.revenue.subscription_story import (
    PLAN,
    deleted,
    fold,
    ledger_of,
    level,
    merged,
    moved,
    mrr,
    state,
)

CREATED = state("created", "e1", 1)


def _takeover(**replacement: Any) -> list[bytes]:
    """Account a1 pays 100 and is merged into a2, which pays 40 or nothing, on day 9."""
    return [
        CREATED,
        merged("m1", 9, "a1", "a2"),
        deleted("e2", 9),
        state("created", "e3", 9, account="a2", sub="s2", **replacement),
    ]


def test_a_merge_is_neither_churn_nor_new_business() -> None:
    """What goes on under the other account, by the same id or another one, is no movement."""
    for lines in (
        _takeover(replaces_subscription_id="s1"),
        _takeover(replaces_subscription_id="s1")[::-1],
        [line for line in _takeover(replaces_subscription_id="s1") if b"deleted" not in line],
        _takeover(),
    ):
        ledger = ledger_of(*lines)
        assert moved(ledger) == {"new": 100}
        assert level(ledger, 400, "new_accounts") == 1
        assert level(ledger, 10, "churned_accounts", "30d") == 0
        assert mrr(ledger, 8, 10) == [100, 100]


def test_a_merge_into_an_account_that_pays() -> None:
    """The second to pay was expansion from the start; so is what is bought at the merge."""
    own = state("created", "e8", 2, 40, account="a2", sub="s9")
    more = state("updated", "e9", 9, 65, account="a2", sub="s9")
    ledger = ledger_of(own, more, *_takeover(replaces_subscription_id="s1"))
    assert moved(ledger) == {"new": 100, "expansion:upgrade": 65}
    assert [level(ledger, day, "paying_accounts") for day in (3, 8, 10)] == [1, 1, 1]


def test_without_a_merge_nothing_goes_along() -> None:
    """What replaces a subscription of another account is new there; the end of that is churn."""
    without_merge = [x for x in _takeover(replaces_subscription_id="s1") if b"merged" not in x]
    assert moved(ledger_of(*without_merge)) == {"new": 200, "churned:voluntary": 100}


def test_before_its_merge_an_account_churns() -> None:
    """An end that nothing follows is an end."""
    ledger = ledger_of(CREATED, deleted("e2", 5), merged("m1", 9, "a1", "a2"))
    assert moved(ledger) == {"new": 100, "churned:voluntary": 100}


def test_a_merge_that_is_told_late() -> None:
    """What was settled as churn and new business is corrected when the merge is known."""
    told = _takeover(replaces_subscription_id="s1")
    shard = Shard(PLAN)
    for each in [told[0], told[2], told[3], told[1]]:
        assert not fold(shard, [each])
        shard.settle()
    assert shard.ledger == ledger_of(*told)

"""Accounts that are merged: what one hands over, the other takes."""

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
    """What one account hands over the other takes: the sum of transfers is 0."""
    for lines in (
        _takeover(replaces_subscription_id="s1"),
        _takeover(replaces_subscription_id="s1")[::-1],
    ):
        ledger = ledger_of(*lines)
        assert moved(ledger) == {"new": 100}
        assert level(ledger, 400, "new_accounts") == 1
        assert level(ledger, 10, "churned_accounts", "30d") == 0
        assert mrr(ledger, 8, 10) == [100, 100]


def test_a_merge_into_an_account_that_pays() -> None:
    """What comes along is a transfer; what is bought at the same time is expansion."""
    own = state("created", "e8", 2, 40, account="a2", sub="s9")
    more = state("updated", "e9", 9, 65, account="a2", sub="s9")
    ledger = ledger_of(own, more, *_takeover(replaces_subscription_id="s1"))
    assert moved(ledger) == {"new": 140, "expansion:upgrade": 25}


def test_only_replacements_are_transferred() -> None:
    """In a merge, a subscription that replaces none, or one of the same account, is ordinary."""
    ledger = ledger_of(*_takeover())
    assert moved(ledger) == {"new": 200, "transferred": -100}
    without_merge = [x for x in _takeover(replaces_subscription_id="s1") if b"merged" not in x]
    assert moved(ledger_of(*without_merge)) == {"new": 200, "churned:voluntary": 100}
    own = state("created", "e7", 12, 30, account="a2", sub="s3", replaces_subscription_id="s2")
    ledger = ledger_of(*_takeover(replaces_subscription_id="s1"), own)
    assert moved(ledger) == {"new": 100, "expansion:upgrade": 30}


def test_before_its_merge_an_account_churns() -> None:
    """An end days before the merge is an end."""
    ledger = ledger_of(CREATED, deleted("e2", 5), merged("m1", 9, "a1", "a2"))
    assert moved(ledger) == {"new": 100, "churned:voluntary": 100}


def test_a_merge_that_is_told_late_is_a_transfer() -> None:
    """What was settled as churn and new business is corrected when the merge becomes known."""
    told = _takeover(replaces_subscription_id="s1")
    shard = Shard(PLAN)
    for each in [told[0], told[2], told[3], told[1]]:
        assert not fold(shard, [each])
        shard.settle()
    assert shard.ledger == ledger_of(*told)

"""Restatements: what the ledger said of the past, and says no longer, in cells and in money."""

from collections.abc import Iterable

import pytest

from aggregates.ledger.measure import SUM
from aggregates.shard.plan import Plan
from aggregates.shard.restated import restated_money
from aggregates.shard.shard import Shard
from tests.aggregates.folding import Told, tell
from tests.aggregates.revenue.subscription_story import (
    PLAN,
    decoded,
    deleted,
    fold,
    line,
    merged,
    retracted,
    shard_of,
    state,
)

DAY_MS = 86_400_000
DOLLAR = 1_000_000

BILLED = [
    state("created", "e1", 1),
    state("updated", "e2", 5, 150),
    state("created", "e3", 1, 40, account="a2", sub="s2"),
]
"""Account a1 pays 100, from day 5 on 150; a2 pays 40."""


def restated(*later: bytes) -> tuple[int, dict[str, int]]:
    """Returns what lines restate that are told after the others, by measure in dollars."""
    shard = shard_of(BILLED)
    assert (shard.restated.cells, shard.restated.micros) == (0, {})
    assert not fold(shard, later)
    shard.settle()
    money = {name: micros // DOLLAR for name, micros in shard.restated.micros.items()}
    return shard.restated.cells, money


def test_a_retraction_told_now_restates() -> None:
    """A wrong price of ten days is taken back: the time of that is now, what it changes is not."""
    cells, money = restated(retracted("r1", 15, "e2"))
    assert cells > 0
    assert (money["mrr"], money["expansion_mrr"]) == (50, 50)


def test_what_was_wrong_for_a_while_is_restated_once() -> None:
    """Money is by how much a sum was wrong, not the steps up and down again added up."""
    mended = state("updated", "e4", 8)
    shard = shard_of([*BILLED, mended])
    fold(shard, [retracted("r1", 15, "e2")])
    shard.settle()
    assert shard.restated.micros["mrr"] == 50 * DOLLAR


def test_an_event_dated_back_restates() -> None:
    """What takes effect long before it is told changes what had been shown since."""
    back = deleted("e4", 15, effective_at="2026-01-06T00:00:00Z")
    assert restated(back)[1]["mrr"] == 150


def test_a_merge_restates_what_is_counted_once() -> None:
    """Two accounts that paid turn out to be one: money is what it was, customers are not."""
    cells, money = restated(merged("m1", 15, "a2", "a1"))
    assert cells > 0
    assert "mrr" not in money


@pytest.mark.parametrize(
    "later",
    [
        state("updated", "e4", 15, 200),
        deleted("e4", 15),
        deleted("e4", 15, effective_at="2026-01-15T12:00:00Z"),
        line("account.updated", "e4", 15, "a1", attributes={"segment": "smb"}),
        BILLED[1],
    ],
    ids=["change", "end", "half a day ago", "segment", "repeated"],
)
def test_what_is_told_in_time_restates_nothing(later: bytes) -> None:
    """Nor does what is told within a day, or again, nor an account that moves between segments."""
    assert restated(later) == (0, {})


def test_history_in_order_and_topic_after_topic_restates_nothing() -> None:
    """An import is no restatement, whatever it is split into, if topics come one by one too."""
    lines = [
        event
        for n in range(40)
        for event in (
            state("created", f"c{n}", n, 10, account=f"a{n}", sub=f"s{n}"),
            deleted(f"d{n}", n + 0.5, account=f"a{n}", sub=f"s{n}"),
        )
    ]
    uses = [Told(at_ms(n), 0, f"u{n}", "feature.used", use(n)) for n in range(40)]
    shard = Shard(Plan())
    for each in lines:
        fold(shard, [each])
        shard.settle()
    tell(shard, "usage", uses, 3)
    assert shard.ledger.cells
    assert (shard.restated.cells, shard.restated.micros) == (0, {})


def test_a_late_use_restates_though_it_is_folded_the_quick_way() -> None:
    """A use of days ago changes who was active then; one of today does not."""
    shard = Shard(Plan())
    tell(shard, "usage", [Told(at_ms(9), 0, "u9", "feature.used", use(1))], 1)
    tell(shard, "usage", [Told(at_ms(9) + 1, 0, "u8", "feature.used", use(2))], 1)
    assert shard.restated.cells == 0
    tell(shard, "usage", [Told(at_ms(3), 0, "u3", "feature.used", use(2))], 1)
    assert shard.restated.cells > 0


def test_a_late_event_of_another_topic_hides_no_correction() -> None:
    """A retraction counts the same with a use of days ago beside it: that tells of uses alone."""
    shard = Shard(Plan())
    fold(shard, BILLED)
    shard.settle()
    tell(shard, "usage", [Told(at_ms(9), 0, "u9", "feature.used", use(1))], 1)
    late = Told(at_ms(2), 0, "u2", "feature.used", use(2))
    shard.fold("usage", decoded([late.record()]))
    fold(shard, [retracted("r1", 15, "e2")])
    shard.settle()
    assert shard.restated.micros["mrr"] == 50 * DOLLAR


def test_a_restore_restates_nothing() -> None:
    """Tables read back and the ledger computed from them are what had been shown."""
    first, second = shard_of(BILLED), Shard(PLAN)
    for key, value in rows(first):
        second.handover.restore_row("subscription", key, value)
    second.rebuild()
    assert second.ledger == first.ledger
    assert second.restated.cells == 0
    fold(second, [retracted("r1", 15, "e2")])  # the first thing after it counts as any other
    second.settle()
    assert second.restated.micros["mrr"] == 50 * DOLLAR


def rows(shard: Shard) -> Iterable[tuple[bytes, bytes]]:
    """Returns the packed rows of the subscription topic."""
    return list(shard.handover.dirty_rows("subscription"))


def at_ms(day: int) -> int:
    """Returns noon of a day."""
    return 1_767_225_600_000 + day * DAY_MS + DAY_MS // 2


def use(user: int) -> dict[str, str]:
    """Returns a use of a feature by a user."""
    return {"user_id": f"u{user}", "feature": "export"}


def test_money_is_of_sums_at_any_moment() -> None:
    """Each measure of money counts that has no windows of its own; no count of accounts does."""
    names = restated_money(Plan().measures.values())
    assert {"mrr", "new_mrr", "churned_mrr"} < set(names)
    assert not {"paying_accounts", "cohort_churned_mrr", SUM} & set(names)

"""What is kept of settled units: as much as is allowed, and never what no longer holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.policies.policy import Policy
from aggregates.rows.accounts import account_view
from aggregates.rows.family import Scope
from aggregates.rows.kind import RowKey
from aggregates.rows.memo import Memo
from aggregates.shard import kept
from aggregates.shard.kept import Contributed, Kept
from aggregates.shard.plan import Plan
from tests.aggregates.shard.test_merged_accounts import Told, figures, histories, record
from tests.examples import examples

_PLAN = Plan(Policy())
_SCOPE = Scope(_PLAN.calendar, _PLAN.policy, account_view((), ()), _PLAN.windows, "a")


def _contributed(count: int) -> Contributed:
    return Contributed(_SCOPE, [[(("mrr",), tile, 1) for tile in range(count)]])


def test_what_was_kept_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of kinds that are not kept always, what was settled last is kept; of others all."""
    monkeypatch.setattr(kept, "KEPT_MAX", 10)
    held = Kept(frozenset({"health"}))
    for number in range(4):
        for kind in ("ticket", "health"):
            held.put(RowKey(kind, "a", str(number)), _contributed(4))
    found = [
        (kind, number)
        for kind in ("ticket", "health")
        for number in range(4)
        if held.take(RowKey(kind, "a", str(number)))
    ]
    assert found == [("ticket", 2), ("ticket", 3), *(("health", number) for number in range(4))]
    held.put(RowKey("ticket", "a", "9"), _contributed(9))
    assert held.take(RowKey("ticket", "a", "9"))
    held.put(RowKey("health", "a", "9"), _contributed(9))
    held.clear()
    assert held.take(RowKey("health", "a", "9")) is None


@given(histories(), st.sampled_from([0, 3, 40]))
@examples(30)
def test_law_figures_do_not_depend_on_what_is_kept(told: list[Told], most: int) -> None:
    """Law: whatever is kept, the ledger is that of who computes everything at the end."""
    records = [record(number, each) for number, each in enumerate(told)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "KEPT_MAX", most)
        assert figures(records, 1, 1) == figures(records, 1)


class _Sum:
    """Follows the sum of values."""

    def __init__(self) -> None:
        self.sum = 0

    def exchange(self, old: int | None, new: int | None) -> None:
        self.sum += (new or 0) - (old or 0)


def test_a_memo_forgets_what_is_of_a_kind() -> None:
    """One unit that changed is looked at again, and the whole of its kind; other kinds are kept."""
    memo = Memo()
    days, tickets = memo.each("days", "user", follower=_Sum), memo.each("open", "ticket")
    for each, units in ((days, "ab"), (tickets, "c")):
        each.stale = set()
        for unit in units:
            each.put(unit, 3)
    assert memo.once("usage", ["user", "seats"], lambda: 1) == 1
    assert memo.once("support", ["ticket"], lambda: 1) == 1
    memo.forget("user", "a")
    assert memo.each("days", "user") is days
    assert (days.stale, tickets.stale) == ({"a"}, set())
    assert memo.once("usage", ["user", "seats"], lambda: 2) == 2
    assert memo.once("support", ["ticket"], lambda: 2) == 1
    days.put("a", None)
    assert days.values == {"b": 3}
    assert isinstance(days.follower, _Sum)
    assert days.follower.sum == 3
    memo.forget("user")
    assert memo.each("days", "user", follower=_Sum) is not days
    assert memo.each("open", "ticket") is tickets
    assert memo.each("open", "ticket", given=1) is not tickets

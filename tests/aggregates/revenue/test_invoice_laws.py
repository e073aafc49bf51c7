"""Laws of revenue and payments on random histories with invoices, under the policies on them."""

import json
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregates.policies.policy import Policy
from aggregates.shard.shard import Shard
from aggregates.time.tile import edge_ms
from events import parse_instant
from tests.aggregates.revenue.subscription_story import (
    MONEY_FLOWS,
    fold,
    item,
    plan,
    reader,
    shard_of,
)
from tests.aggregates.revenue.test_revenue_laws import EDGES, MINUTES, everything, instant, record

POLICIES = st.builds(
    Policy,
    require_paid_invoice=st.booleans(),
    metered_mrr=st.sampled_from(["exclude", "trailing_3m_avg"]),
    refunds_in_mrr=st.sampled_from(["none", "period"]),
    free_is_churn=st.booleans(),
)
STATUSES = ["active"] * 5 + ["past_due", "trialing", "paused", "unpaid"]
SUBS = st.sampled_from(["s1", "s1", "s2"])
INVOICES = st.sampled_from(["i1", "i2", None])


@st.composite
def facts(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Returns a state, the end of a subscription, an invoice or a refund."""
    kind = draw(st.sampled_from(["state", "state", "paid", "paid", "refunded", "deleted"]))
    if kind == "deleted":
        return "subscription.deleted", {"subscription_id": draw(SUBS)}
    if kind == "refunded":
        amount = draw(st.integers(0, 9)) * 1_000
        return "charge.refunded", {
            "invoice_id": draw(INVOICES),
            "amount": amount,
            "currency": "USD",
        }
    if kind == "paid":
        dates = sorted((draw(MINUTES), draw(MINUTES)))
        return "invoice.paid", {
            "invoice_id": draw(INVOICES),
            "subscription_id": draw(SUBS),
            "amount_paid": draw(st.integers(0, 20)) * 1_000,
            "currency": "USD",
            "period_start": instant(dates[0]),
            "period_end": instant(dates[1]),
        }
    items = [item(draw(st.integers(0, 5)) * 10, draw(st.sampled_from(["month", "year", "week"])))]
    if draw(st.booleans()):
        items.append(item(0, usage_type="metered"))
    data = {"subscription_id": draw(SUBS), "status": draw(st.sampled_from(STATUSES))}
    return "subscription.updated", {**data, "items": items}


@st.composite
def stories(draw: st.DrawFn) -> list[bytes]:
    """Returns the lines of one account."""
    told = draw(st.lists(facts(), max_size=14))
    lines = []
    for number, (kind, data) in enumerate(told):
        given_data = {name: value for name, value in data.items() if value is not None}
        lines.append(record(kind, f"e{number}", draw(MINUTES), "a1", given_data))
    return lines


@given(stories(), POLICIES, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(
    lines: list[bytes], policy: Policy, random: Random
) -> None:
    """Shuffled, duplicated and settled at any time, the ledger is the same as loaded in bulk."""
    shuffled = [*lines, *random.choices(lines, k=len(lines) // 2)] if lines else []
    random.shuffle(shuffled)
    shard = Shard(plan(policy))
    for each in shuffled:
        assert not fold(shard, [each])
        if random.random() < 0.4:
            shard.settle()
    shard.settle()
    assert shard.ledger == shard_of(lines, policy, bulk=True).ledger


@given(stories(), POLICIES, st.data())
def test_what_is_retracted_never_was(
    lines: list[bytes], policy: Policy, data: st.DataObject
) -> None:
    """Retracting events leaves the ledger of the others."""
    out = data.draw(st.sets(st.sampled_from(lines))) if lines else set()
    backs = []
    for each in sorted(out):
        event = json.loads(each)
        back = {"retracts": event["id"], "retracts_type": event["type"]}
        backs.append(record("event.retracted", f"r{event['id']}", 0, "a1", back))
    whole = data.draw(st.permutations([*lines, *backs]))
    rest = [each for each in lines if each not in out]
    assert shard_of(whole, policy).ledger == shard_of(rest, policy).ledger


@given(stories(), POLICIES)
def test_the_bridge_closes_at_every_instant(lines: list[bytes], policy: Policy) -> None:
    """Start + movements = end; what is paid is never less than nothing, nor are invoices."""
    ledger = shard_of(lines, policy).ledger
    read = reader(ledger)
    for edge in {tile + 1 for cells in ledger.cells.values() for tile in cells}:
        moves = sum(sign * read(series, edge) for series, sign in MONEY_FLOWS.items())
        assert moves == read(("mrr",), edge) >= 0
        assert read(("committed_mrr",), edge) >= 0
        for name in ("paid_amount", "paid_invoices", "refunded_amount"):
            assert read((name,), edge) >= 0


@given(stories(), POLICIES, EDGES)
def test_the_past_does_not_depend_on_the_future(
    lines: list[bytes], policy: Policy, edge: int
) -> None:
    """Readings at T are the same without what takes effect from T on."""
    known = [each for each in lines if parse_instant(json.loads(each)["time"]) < edge_ms(edge)]
    whole, part = shard_of(lines, policy).ledger, shard_of(known, policy).ledger
    assert everything(whole, edge) == everything(part, edge)


@given(stories())
def test_invoices_move_no_revenue_by_default(lines: list[bytes]) -> None:
    """Without policies that read them, the figures of revenue are those without invoices."""
    states = [each for each in lines if json.loads(each)["type"].startswith("subscription.")]
    payments = {"paid_amount", "paid_invoices", "refunded_amount"}
    with_cash, without = shard_of(lines).ledger, shard_of(states).ledger
    kept = {key: cells for key, cells in with_cash.cells.items() if key[0][0] not in payments}
    assert kept == without.cells

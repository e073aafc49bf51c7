"""Large amounts: contracts in weak currencies are counted, and every sum of them has a reading."""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.policies.policy import Policy, Rate
from aggregates.shard.plan import Plan
from aggregates.time.tile import tile_of
from events import Decoder
from events.fields import AMOUNT_MAX
from tests.aggregates.revenue.subscription_story import edge, invoice, ledger_of, line, ms, state
from tests.examples import examples

POLICY = Policy(
    currency="VND",
    exchange_rates={
        "USD": [Rate(rate=Fraction(26_000))],
        "IRR": [Rate(rate=Fraction("0.025"))],
    },
)
MICROS = {"VND": Fraction(10**6), "USD": Fraction(26_000 * 10**4), "IRR": Fraction(250)}
"""Micro-dong of a minor unit."""

AMOUNTS = st.one_of(
    st.integers(0, AMOUNT_MAX), st.sampled_from([1, 10**12, 10**15, 10**17, AMOUNT_MAX])
)
CONTRACTS = st.lists(
    st.tuples(AMOUNTS, st.sampled_from(sorted(MICROS)), st.sampled_from(["month", "year", "day"])),
    min_size=1,
    max_size=12,
)
MONTHLY = {"month": Fraction(1), "year": Fraction(1, 12), "day": Fraction(365, 12)}


def _priced(amount: int, currency: str, interval: str) -> dict[str, Any]:
    return {"amount": amount, "currency": currency, "interval": interval}


def _half_up(exact: Fraction) -> int:
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


@examples(60)
@given(CONTRACTS)
def test_law_any_accepted_amounts_add_up(contracts: list[tuple[int, str, str]]) -> None:
    """MRR is the sum of all contracts, each rounded once, and nothing accepted is refused."""
    lines = [
        state("created", f"e{n}", n, [_priced(*told)], account=f"a{n}", sub=f"s{n}")
        for n, told in enumerate(contracts)
    ]
    lines += [
        invoice(f"p{n}", n, 0, account=f"a{n}", amount_paid=amount, currency=currency)
        for n, (amount, currency, _) in enumerate(contracts)
    ]
    ledger = ledger_of(*lines, policy=POLICY)
    amounts = [
        _half_up(amount * MICROS[currency] * MONTHLY[interval])
        for amount, currency, interval in contracts
    ]
    for last in (1, len(contracts)):
        found = ledger.level(("mrr",), ("unknown",), edge(last))
        assert found == sum(amounts[:last])
    paid = sum(_half_up(amount * MICROS[currency]) for amount, currency, _ in contracts)
    assert ledger.level(("paid_amount",), ("unknown",), tile_of(ms(40))) == paid


@pytest.mark.parametrize("amount", [AMOUNT_MAX + 1, 10**19, 10**30, 10**400, -1])
def test_absurd_amounts_are_refused_with_a_reason(amount: int) -> None:
    """What no contract can come to is a dead letter that names the field."""
    told = line("invoice.paid", "e1", 1, invoice_id="i1", amount_paid=amount, currency="VND")
    batch = Decoder().decode([told])
    assert not batch.events
    (reject,) = batch.rejects
    assert reject.reason == "invalid_data"
    assert "amount_paid" in reject.detail


def test_the_largest_amount_is_accepted() -> None:
    """A thousand times the largest contracts is still read."""
    told = line("invoice.paid", "e1", 1, invoice_id="i1", amount_paid=AMOUNT_MAX, currency="VND")
    assert json.loads(told)["data"]["amount_paid"] == AMOUNT_MAX
    assert len(Decoder().decode([told]).events) == 1
    assert Plan(POLICY).policy.currency == "VND"

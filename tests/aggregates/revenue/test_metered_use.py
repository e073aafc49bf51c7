"""Metered use as part of revenue: what is paid for it, and for how long it counts."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy, Rate
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    at,
    deleted,
    invoice,
    item,
    ledger_of,
    level,
    moved,
    mrr,
    refund,
    state,
)

CREATED = state("created", "e1", 0)
JANUARY = (0, 31)
YEAR = (0, 365)


def with_use(*lines: bytes, **policy: Any) -> Ledger:
    """Returns the ledger with paid use as part of revenue."""
    return ledger_of(*lines, policy=Policy(metered_mrr="trailing_3m_avg", **policy))


METER = item(0, usage_type="metered")


def metered(event_id: str, day: float, *items: dict[str, Any], **data: Any) -> bytes:
    """Returns a state with a metered item beside others."""
    return state("created", event_id, day, [*items, METER], **data)


def test_paid_use_is_revenue_for_90_days() -> None:
    """A third of what is paid above the licensed items counts from the payment on."""
    lines = [metered("e1", 0, item(100)), invoice("p1", 31, 160, JANUARY)]
    ledger = with_use(*lines)
    assert mrr(ledger, 31, 31.25, 121, 121.25) == [100, 120, 120, 100]
    assert moved(ledger) == {"new": 100, "expansion:upgrade": 20, "contraction:downgrade": 20}
    assert [level(ledger, 40, name) for name in ("billed_mrr", "committed_mrr")] == [
        120 * DOLLAR,
        120 * DOLLAR,
    ]
    assert mrr(ledger_of(*lines), 40) == [100]


def test_monthly_use_averages_over_three_months() -> None:
    """Steady use of 60 a month is 60 in the long run, whatever the length of months."""
    lines = [metered("e1", 0, item(100))]
    edges = [0, 31, 59, 90, 120, 151]
    for number, period in enumerate(pairwise(edges)):
        lines.append(invoice(f"p{number}", period[1], 160, period, name=f"i{number}"))
    assert mrr(with_use(*lines), 100, 130) == [160, 160]


@pytest.mark.parametrize(
    ("items", "discounts", "paid", "period", "expected"),
    [
        ([item(100)], [], 160, None, 20),
        ([item(10, "week")], [], 16, (24, 31), 2),
        ([item(10, "week")], [], 26, (17, 31), 2),
        ([item(1200, "year")], [], 1260, YEAR, 20),
        ([item(1200, "year")], [], 1260, None, 20),
        ([item(300, interval_count=3)], [], 360, (-61, 31), 20),
        ([item(100), item(1200, "year")], [], 260, JANUARY, 20),
        ([item(100)], [{"percent_off": 50, "duration": "once"}], 110, JANUARY, 20),
        ([item(100)], [{"percent_off": 50, "duration": "forever", "end": at(20)}], 160, None, 20),
        ([item(100)], [], 130, (15.5, 31), 80 / 3),
        ([], [], 60, JANUARY, 20),
        ([], [], 60, None, 20),
        ([item(100)], [], 90, JANUARY, 0),
        ([item(100)], [], 100, JANUARY, 0),
        ([item(100)], [], 160, (31, 0), 20),
    ],
)
def test_what_part_of_an_invoice_is_use(
    items: list[dict[str, Any]],
    discounts: list[dict[str, Any]],
    paid: float,
    period: tuple[float, float] | None,
    expected: float,
) -> None:
    """It is what is more than the licensed items, less discounts of then, make in its period."""
    told = metered("e1", 10, *items, discounts=discounts)
    without, used = with_use(told), with_use(told, invoice("p1", 31, paid, period))
    added = level(used, 32, "mrr") - level(without, 32, "mrr")
    assert added == int(expected * DOLLAR)


@pytest.mark.parametrize(
    "lines",
    [
        [CREATED, invoice("p1", 31, 160, JANUARY)],
        [metered("e1", 32, item(100)), invoice("p1", 31, 160, JANUARY)],
        [metered("e1", 0, item(100)), invoice("p1", 31, 160, JANUARY, sub="s2")],
        [metered("e1", 0, item(100)), state("updated", "e2", 31), invoice("p1", 31, 160, JANUARY)],
    ],
    ids=["no metered item", "none yet", "another subscription", "none any more"],
)
def test_an_invoice_without_metered_items_is_no_use(lines: list[bytes]) -> None:
    """The items in force when an invoice is paid tell whether it is for use."""
    assert mrr(with_use(*lines), 40) == [100]


def test_a_state_that_tells_no_items_goes_on_with_the_meter() -> None:
    """Left out, items are those before, the metered one too."""
    lines = [metered("e1", 0, item(100)), state("updated", "e2", 5, None)]
    assert mrr(with_use(*lines, invoice("p1", 31, 160, JANUARY)), 40) == [120]


@pytest.mark.parametrize(
    "ended",
    [
        deleted("e2", 40),
        state("paused", "e2", 40, None),
        state("updated", "e2", 40, None, status="unpaid"),
    ],
)
def test_use_counts_while_its_subscription_does(ended: bytes) -> None:
    """What was paid for use goes with the subscription."""
    lines = [metered("e1", 0, item(100)), invoice("p1", 31, 160, JANUARY), ended]
    assert mrr(with_use(*lines), 39, 41) == [120, 0]


def test_an_invoice_told_again_is_the_same_one() -> None:
    """From then on it is what the later fact says, for 90 days from when that says it was paid."""
    lines = [metered("e1", 0, item(100)), invoice("p1", 31, 160, JANUARY)]
    corrected = with_use(*lines, invoice("p2", 50, 130, JANUARY))
    assert mrr(corrected, 49, 51, 122, 139, 141) == [120, 110, 110, 110, 100]
    assert mrr(with_use(*lines, invoice("p2", 50, 130, JANUARY, name="i2")), 51) == [130]
    unnamed = [invoice(f"p{number}", 31, 160, JANUARY, name=None) for number in range(2)]
    assert mrr(with_use(lines[0], *unnamed), 40) == [140]


RATES = {"EUR": [Rate(rate=Fraction("1.1")), Rate(valid_from=at(20), rate=Fraction("1.3"))]}


@pytest.mark.parametrize("mode", ["constant", "revalue"])
def test_a_rate_is_no_use(mode: Any) -> None:
    """Licensed items are taken off at the rate at which the invoice was paid."""
    euros = {**item(100), "currency": "EUR"}
    lines = [metered("e1", 0, euros), invoice("p1", 31, 160, JANUARY, currency="EUR")]
    ledger = with_use(*lines, exchange_rates=RATES, fx_mode=mode)
    base = 130 if mode == "revalue" else 110
    assert mrr(ledger, 30, 40) == [base, base + 26]


def test_metered_use_alone_is_revenue() -> None:
    """A plan without a price is one with revenue while its use was paid lately."""
    lines = [metered("e1", 0), invoice("p1", 31, 60)]
    assert moved(with_use(*lines)) == {"new": 20, "churned:voluntary": 20}
    kept = with_use(*lines, free_is_churn=False)
    assert moved(kept) == {"new": 20, "contraction:downgrade": 20}
    assert [level(kept, day, "paying_accounts") for day in (30, 40, 200)] == [0, 1, 1]


def test_the_policies_together() -> None:
    """Unpaid nothing counts; then the price, with paid use, less what was given back."""
    lines = [
        metered("e1", 0, item(100)),
        invoice("p1", 5, 160, JANUARY),
        refund("f1", 10, 50),
    ]
    policy = Policy(
        require_paid_invoice=True, metered_mrr="trailing_3m_avg", refunds_in_mrr="period"
    )
    assert mrr(ledger_of(*lines, policy=policy), 4, 6, 11, 32, 96) == [0, 120, 70, 120, 100]

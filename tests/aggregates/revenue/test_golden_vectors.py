"""Worked examples of the field, from records to the readings of the shipped catalogue.

Each is told live, event by event with the ledger settled after each, and replayed in bulk.
"""

from collections.abc import Callable, Iterable

import pytest

from aggregates.shard.shard import Shard
from tests.aggregates.reading.kpi_ledger import SHIPPED, read
from tests.aggregates.revenue.subscription_story import PLAN, deleted, edge, fold, item, state

Readings = dict[tuple[str, ...], float]
Tell = Callable[[Iterable[bytes], float], Readings]


@pytest.fixture(params=["live", "replayed"])
def tell(request: pytest.FixtureRequest) -> Tell:
    """Tells lines and gives the readings of a day by KPI id and label values."""

    def told(lines: Iterable[bytes], day: float) -> Readings:
        shard = Shard(PLAN, bulk=request.param == "replayed")
        for line in lines:
            assert not fold(shard, [line])
            if not shard.settling.bulk:
                shard.settle()
        shard.settle()
        return read(shard.ledger, edge(day), SHIPPED)

    return told


def test_a_yearly_price(tell: Tell) -> None:
    """X1: $1,200 a year for one seat is MRR 100, new 100, ARR 1,200."""
    found = tell([state("created", "e1", 1, [item(1_200, "year", quantity=1)])], 2)
    assert found["mrr", "USD"] == 100
    assert found["new_mrr", "USD", "month"] == 100
    assert found["arr", "USD"] == 1_200


@pytest.mark.parametrize(("interval", "mrr"), [("week", 43.333333), ("day", 304.166667)])
def test_weeks_and_days(tell: Tell, interval: str, mrr: float) -> None:
    """X2: $10 a week is 43.33 a month, $10 a day 304.17."""
    assert tell([state("created", "e1", 1, [item(10, interval)])], 2)["mrr", "USD"] == mrr


def test_the_tutorial_case(tell: Tell) -> None:
    """X3: four yearly, two monthly added and ended, the yearly ones ended, three monthly later."""
    lines = [
        state("created", "e1", 1, [item(4 * 500, "year", quantity=4)]),
        state("created", "e2", 6, 2 * 30, sub="s2"),
        deleted("e3", 12, sub="s2"),
        deleted("e4", 18),
        state("created", "e5", 25, 3 * 50, sub="s3"),
    ]
    found = tell(lines, 31)
    yearly = 166.666667
    assert found["new_mrr", "USD", "month"] == yearly
    assert found["expansion_mrr", "USD", "month"] == 60
    assert found["contraction_mrr", "USD", "month"] == 60
    assert found["churned_mrr", "USD", "voluntary", "month"] == yearly
    assert found["churned_mrr", "USD", "involuntary", "month"] == 0
    assert found["reactivation_mrr", "USD", "month"] == 150
    assert found["mrr", "USD"] == found["net_new_mrr", "USD", "month"] == 150


def test_churn_by_each_denominator(tell: Tell) -> None:
    """X7: 100 at the start, 10 of them churn, 5 join, one of those churns."""
    lines = [state("created", f"c{i}", 1, account=f"a{i}") for i in range(100)]
    lines += [deleted(f"d{i}", 35 + i, account=f"a{i}") for i in range(10)]
    lines += [state("created", f"n{i}", 40, account=f"n{i}") for i in range(5)]
    lines += [deleted("x0", 50, account="n0")]
    found = tell(lines, 59)
    churn = {key[1]: value for key, value in found.items() if key[0] == "customer_churn_ratio"}
    month = {
        variant: found["customer_churn_ratio", variant, "month"]
        for variant in ("cohort", "start_plus_new", "net_count", "still_using")
    }
    assert set(churn) == set(month)
    assert month == {
        "cohort": 0.1,
        "start_plus_new": 11 / 105,
        "net_count": 0.06,
        "still_using": 11 / 94,
    }
    assert found["churned_accounts", "month"] == 11
    assert found["account_retention_ratio", "month"] == 0.9


def test_the_bridge_of_a_month(tell: Tell) -> None:
    """X8: 10,000 at the start of February, each movement in it on an account of its own."""
    lines = [
        state("created", "k1", 1, 8_200, account="keeps"),
        state("created", "x1", 1, 500, account="expands"),
        state("created", "c1", 1, 800, account="contracts"),
        state("created", "d1", 1, 500, account="churns"),
        state("created", "r1", 1, 200, account="returns"),
        deleted("r2", 10, account="returns"),
        state("updated", "x2", 34, 1_500, account="expands"),
        state("updated", "c2", 35, 500, account="contracts"),
        deleted("d2", 36, account="churns"),
        state("created", "r3", 37, 200, account="returns", sub="s2"),
        state("created", "n1", 38, 2_000, account="new"),
    ]
    found = tell(lines, 59)
    assert found["mrr", "USD"] == 12_400
    assert found["net_new_mrr", "USD", "month"] == 2_400
    assert found["reactivation_mrr", "USD", "month"] == 200
    assert found["gross_mrr_churn_ratio", "month"] == 0.08
    assert found["mrr_churn_ratio", "month"] == 0.05
    assert found["net_mrr_churn_ratio", "month"] == -0.02
    assert found["net_revenue_retention_ratio", "month"] == 1.02
    assert found["gross_revenue_retention_ratio", "month"] == 0.92
    assert found["quick_ratio", "month"] == 3.75
    assert found["expansion_mrr_ratio", "month"] == 0.1
    assert found["mrr_growth_ratio", "month"] == 0.24


def test_a_discount_for_once(tell: Tell) -> None:
    """X10: $14 off $15 for once is MRR 15 and billed MRR 1."""
    once = [{"amount_off": 1_400, "duration": "once"}]
    found = tell([state("created", "e1", 1, 15, discounts=once)], 2)
    assert found["mrr", "USD"] == 15
    assert found["billed_mrr", "USD"] == 1


ACCOUNTS = 20
READ_AT = 95
"""The 30-day windows of churn begin on days 65, 35 and 5."""


def _customers() -> list[bytes]:
    return [state("created", f"c{i}", 1, 300, account=f"a{i}") for i in range(ACCOUNTS)]


def test_lifetime_value(tell: Tell) -> None:
    """X20: 300 an account at a margin of 0.8, of which 5 % leave a month: 4,800."""
    lines = _customers()
    for month, day in enumerate((10, 40, 70)):
        lines.append(deleted(f"d{month}", day, account=f"a{month}"))
        lines.append(state("created", f"n{month}", day + 1, 300, account=f"n{month}"))
    found = tell(lines, READ_AT)
    assert found["arpa", "USD"] == 300
    assert found["ltv", "USD"] == pytest.approx(4_800)


def test_lifetime_value_where_nobody_leaves(tell: Tell) -> None:
    """X20: without churn an account stays for 60 months: 60 x 240 = 14,400."""
    assert tell(_customers(), READ_AT)["ltv", "USD"] == pytest.approx(14_400)


@pytest.mark.parametrize("day", [0, 20])
def test_lifetime_value_of_nobody(tell: Tell, day: float) -> None:
    """Without customers there is no value, nor before anybody was there to leave."""
    assert ("ltv", "USD") not in tell(_customers(), day)


def test_lifetime_value_after_the_last_customer(tell: Tell) -> None:
    """Without revenue by account there is none of a lifetime, whatever the churn."""
    lines = [*_customers(), *(deleted(f"d{i}", 80, account=f"a{i}") for i in range(ACCOUNTS))]
    found = tell(lines, READ_AT)
    assert ("arpa", "USD") not in found
    assert ("ltv", "USD") not in found

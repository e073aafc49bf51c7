"""Revenue by plan: how it is split, who comes and goes, and that the parts make up the whole."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Kind
from aggregates.policies.policy import Policy, Rate
from tests.aggregates.catalogue.kpi_files import kpi
from tests.aggregates.reading.readings import evaluate
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    PLAN,
    at,
    deleted,
    edge,
    item,
    ledger_of,
    level,
    reader,
    requested,
    state,
)

MINUTE = 1 / 1440
"""In days."""


def of(plan: str | None, dollars: float, interval: str = "month", **more: Any) -> dict[str, Any]:
    """Returns an item of a plan."""
    told = {} if plan is None else {"plan_id": plan}
    return item(dollars, interval, **told, **more)


def by_plan(ledger: Ledger, day: float, name: str = "plan_mrr") -> dict[str, int]:
    """Reads a measure at a day by plan, without what is 0."""
    plans = sorted({series[1] for series, _ in ledger.prefixes(name)[0]})
    read = {plan: level(ledger, day, name, plan) for plan in plans}
    return {plan: value for plan, value in read.items() if value}


def forever(**data: Any) -> list[dict[str, Any]]:
    """Returns a discount that lasts."""
    return [{"duration": "forever", **data}]


SPLITS: list[tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, int]]] = [
    ([], [], {}),
    ([of("pro", 100)], [], {"pro": 100_000_000}),
    ([of(None, 100)], [], {"none": 100_000_000}),
    ([of("pro", 100), of("pro", 120, "year")], [], {"pro": 110_000_000}),
    ([of("pro", 30), of("extra", 10)], [], {"extra": 10_000_000, "pro": 30_000_000}),
    ([of("pro", 30), of(None, 10)], [], {"none": 10_000_000, "pro": 30_000_000}),
    ([of("pro", 30), of("free", 0)], [], {"pro": 30_000_000}),
    ([of("pro", 30), of("use", 9, usage_type="metered")], [], {"pro": 30_000_000}),
    # 43.333333 1/3 and 10: the sum is rounded once, the parts are each plan's own price
    ([of("b", 10, "week"), of("a", 10)], [], {"a": 10_000_000, "b": 43_333_333}),
    # three of 1/3 of a dollar a month: 1,000,000 over three plans
    (
        [of("a", 4, "year"), of("b", 4, "year"), of("c", 4, "year")],
        [],
        {"a": 333_333, "b": 333_334, "c": 333_333},
    ),
    # a discount is off the whole, whatever plan it was meant for
    (
        [of("pro", 30), of("extra", 10)],
        forever(percent_off=50),
        {"extra": 5_000_000, "pro": 15_000_000},
    ),
    (
        [of("pro", 30), of("extra", 10)],
        forever(amount_off=2000),
        {"extra": 5_000_000, "pro": 15_000_000},
    ),
    ([of("pro", 30), of("extra", 10)], forever(percent_off=100), {}),
]


@pytest.mark.parametrize(("items", "discounts", "expected"), SPLITS)
def test_splits(
    items: list[dict[str, Any]], discounts: list[dict[str, Any]], expected: dict[str, int]
) -> None:
    """MRR is split as the undiscounted prices are, to the last micro-unit."""
    ledger = ledger_of(state("created", "e1", 1, items, discounts=discounts))
    assert by_plan(ledger, 2) == expected
    assert sum(expected.values()) == level(ledger, 2, "mrr")
    assert by_plan(ledger, 2, "plan_subscriptions") == dict.fromkeys(expected, 1)


def test_a_move_between_plans() -> None:
    """An upgrade is a loss of one plan and a gain of the other, though the account stays."""
    ledger = ledger_of(
        state("created", "e1", 1, [of("basic", 50)]),
        state("updated", "e2", 5, [of("pro", 80)]),
        state("updated", "e3", 9, [of("pro", 60)]),
        deleted("e4", 12),
    )
    assert [by_plan(ledger, day) for day in (2, 6, 10, 13)] == [
        {"basic": 50 * DOLLAR},
        {"pro": 80 * DOLLAR},
        {"pro": 60 * DOLLAR},
        {},
    ]
    assert by_plan(ledger, 10, "plan_accounts") == {"pro": 1}
    assert by_plan(ledger, 20, "plan_mrr_gained") == {"basic": 50 * DOLLAR, "pro": 80 * DOLLAR}
    assert by_plan(ledger, 10, "plan_mrr_lost") == {"basic": 50 * DOLLAR, "pro": 20 * DOLLAR}
    assert by_plan(ledger, 20, "plan_mrr_lost") == {"basic": 50 * DOLLAR, "pro": 80 * DOLLAR}
    assert by_plan(ledger, 20, "plan_accounts_gained") == {"basic": 1, "pro": 1}
    assert by_plan(ledger, 20, "plan_accounts_lost") == {"basic": 1, "pro": 1}


def test_an_account_counts_once_a_plan() -> None:
    """Its subscriptions add up: one that comes and one that goes is no gain and no loss of it."""
    ledger = ledger_of(
        state("created", "e1", 1, [of("pro", 50)]),
        state("created", "e2", 2, [of("pro", 30)], sub="s2"),
        deleted("e3", 9),
        state("created", "e4", 9 + 5 * MINUTE, [of("pro", 50)], sub="s3"),
        state("created", "e5", 3, [of("pro", 10)], account="a2"),
    )
    assert by_plan(ledger, 4, "plan_subscriptions") == {"pro": 3}
    for day in (4, 10):
        assert by_plan(ledger, day, "plan_accounts") == {"pro": 2}
        assert by_plan(ledger, day) == {"pro": 90 * DOLLAR}
    assert by_plan(ledger, 20, "plan_accounts_gained") == {"pro": 2}
    assert by_plan(ledger, 20, "plan_mrr_lost") == {}


def test_items_that_are_not_told_keep_their_plans() -> None:
    """A bare resumption goes on with plans as with prices."""
    ledger = ledger_of(
        state("created", "e1", 1, [of("pro", 50)]),
        state("paused", "e2", 3, None),
        state("resumed", "e3", 5, None),
    )
    assert [by_plan(ledger, day) for day in (2, 4, 6)] == [
        {"pro": 50 * DOLLAR},
        {},
        {"pro": 50 * DOLLAR},
    ]


def test_a_formula_of_ones_own() -> None:
    """Churn of one plan: what it lost in the window, as a share of what it had at its start."""
    formula = '\'plan_mrr_lost(plan="pro") / start(plan_mrr(plan="pro"))\''
    own = kpi(formula=formula, unit='"ratio"', windows='["month", "30d"]')
    ledger = ledger_of(
        state("created", "e1", 1, [of("pro", 80)]),
        state("created", "e2", 1, [of("basic", 80)], account="a2"),
        state("updated", "e3", 40, [of("pro", 60), of("basic", 10)]),
        deleted("e4", 41, account="a2"),
    )
    catalogue = load(PLAN.measures.values(), Source("own.toml", own))
    results = evaluate(catalogue, ledger, PLAN.calendar, [edge(45)])
    assert [result.values[0] for result in results] == [0.25, 0.25]


def _hourly(told: list[tuple[int, str, str, list[dict[str, Any]]]]) -> list[bytes]:
    """Tells states by the hour, each with a discount, a term, and an end now and then."""
    lines = []
    for number, (hour, status, sub, items) in enumerate(told):
        lines.append(
            state(
                "updated",
                f"e{number}",
                hour / 24,
                items,
                sub=sub,
                status=status,
                trial_reason="retention" if status == "trialing" else None,
                discounts=[
                    {"percent_off": 33.3, "duration": "once"},
                    {"percent_off": 10, "duration": "forever"},
                ][: hour % 3],
                term_end=at(hour / 24 + 9) if hour % 2 else None,
            )
        )
        if hour % 7 == 0:
            lines.append(requested(f"c{number}", hour / 24, sub=sub, cancel_at=at(hour / 24 + 1)))
    return lines


RATES = {"EUR": [Rate(rate=Fraction("1.1")), Rate(valid_from=at(10), rate=Fraction("1.3"))]}
ITEMS = st.builds(
    of,
    st.sampled_from([None, "a", "b", "none"]),
    st.sampled_from([0, 0.01, 7, 33.33, 100]),
    st.sampled_from(["month", "year", "week"]),
    currency=st.sampled_from(["EUR", "USD"]),
)
STATUSES = ["active", "active", "paused", "past_due", "canceled", "trialing"]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 30 * 24),
            st.sampled_from(STATUSES),
            st.sampled_from(["s1", "s2"]),
            st.lists(ITEMS, max_size=4),
        ),
        max_size=8,
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "paused_policy": st.sampled_from(["keep", "churn"]),
            "free_is_churn": st.just(False),
            "churn_recognition": st.just("canceled"),
            "past_due_churn_days": st.integers(1, 9),
            "fx_mode": st.just("revalue"),
            "coalesce_minutes": st.sampled_from([0, 1440]),
            "discounts_in_mrr": st.sampled_from(["all", "none", "forever"]),
            "retention_offers": st.just("zero"),
            "week_factor": st.just(Fraction(4)),
        },
    ),
)
def test_plans_add_up_under_any_policy(
    told: list[tuple[int, str, str, list[dict[str, Any]]]], policy: dict[str, Any]
) -> None:
    """At every instant plans make up MRR, gains less losses make up what is there."""
    ledger = ledger_of(*_hourly(told), policy=Policy(exchange_rates=RATES, **policy))
    read = reader(ledger)
    names = [name for name, measure in PLAN.measures.items() if measure.labels == ("plan",)]
    plans = {series[1] for name in names for series, _ in ledger.prefixes(name)[0]}
    for moment in {tile + 1 for cells in ledger.cells.values() for tile in cells}:
        now = {(n, p): read((n, p), moment) for n in names for p in plans}
        assert sum(now["plan_mrr", plan] for plan in plans) == read(("mrr",), moment)
        assert min(now.values(), default=0) >= 0
        assert 0 <= read(("contracted_mrr",), moment) <= read(("mrr",), moment)
        for plan in plans:
            for level_name in ("plan_mrr", "plan_accounts"):
                moved = now[f"{level_name}_gained", plan] - now[f"{level_name}_lost", plan]
                assert moved == now[level_name, plan]
            assert now["plan_accounts", plan] == (now["plan_mrr", plan] > 0)
            assert bool(now["plan_subscriptions", plan]) == (now["plan_mrr", plan] > 0)
    flows = {name for name in names if PLAN.measures[name].kind is Kind.FLOW}
    assert all(
        delta > 0
        for (s, _), cells in ledger.cells.items()
        if s[0] in flows
        for delta in cells.values()
    )

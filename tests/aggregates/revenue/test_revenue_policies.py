"""Policies of revenue: what each value but the default makes of the same story."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy, Rate
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    MONEY_FLOWS,
    at,
    at_edge,
    deleted,
    item,
    ledger_of,
    level,
    moved,
    mrr,
    requested,
    state,
)

CREATED = state("created", "e1", 1)


def under(*lines: bytes, **policy: Any) -> Ledger:
    """Returns the ledger of lines under a policy."""
    return ledger_of(*lines, policy=Policy(**policy))


@pytest.mark.parametrize(
    ("name", "interval", "factor", "expected"),
    [
        ("week_factor", "week", "4", 400),
        ("week_factor", "week", "365/84", 434.52381),
        ("day_factor", "day", "30", 3_000),
        ("day_factor", "day", "30.4375", 3_043.75),
    ],
)
def test_factors_of_weeks_and_days(name: str, interval: str, factor: str, expected: float) -> None:
    """A month has as many weeks and days as the policy says; months and years are as they were."""
    line = state("created", "e1", 1, [item(100, interval)])
    assert mrr(under(line, **{name: factor}), 2) == [expected]
    assert mrr(under(CREATED, **{name: factor}), 2) == [100]


@pytest.mark.parametrize("factor", ["0", "-4", "1001"])
def test_factors_that_cannot_be_meant(factor: str) -> None:
    """A month without weeks, or with thousands, is refused."""
    with pytest.raises(ValidationError):
        Policy(week_factor=factor)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("discounts", "expected"),
    [
        ("lasting", (100 * 0.9 * 0.8, 90)),
        ("forever", (90, 90)),
        ("all", (100 * 0.9 * 0.8 * 0.5, 90)),
        ("none", (100, 100)),
    ],
)
def test_discounts_in_mrr(discounts: Any, expected: tuple[float, float]) -> None:
    """Which discounts lower MRR is a choice; billed MRR is less all of them anyway."""
    every = [
        {"percent_off": 10, "duration": "forever"},
        {"percent_off": 20, "duration": "repeating", "end": at(40)},
        {"percent_off": 50, "duration": "once"},
    ]
    ledger = under(state("created", "e1", 1, discounts=every), discounts_in_mrr=discounts)
    assert mrr(ledger, 2, 50) == list(expected)
    assert level(ledger, 2, "billed_mrr") == 36 * DOLLAR


def test_retention_offers() -> None:
    """A free period that is to keep a customer keeps its MRR, or is churn and reactivation."""
    offer = state("updated", "e2", 5, status="trialing", trial_reason="retention")
    lines = [CREATED, offer, state("updated", "e3", 9)]
    assert moved(under(*lines)) == {"new": 100}
    assert moved(under(*lines, retention_offers="zero")) == {
        "new": 100,
        "churned:voluntary": 100,
        "reactivation": 100,
    }


@pytest.mark.parametrize("days", [1, 15, 90])
def test_late_payments_churn_by_the_clock(days: int) -> None:
    """So many days after a payment was first late the account is lost, for want of payment."""
    lines = [
        CREATED,
        state("updated", "e2", 10, status="past_due"),
        state("updated", "e3", 10.5, 120, status="past_due"),
    ]
    ledger = under(*lines, past_due_churn_days=days)
    assert mrr(ledger, 10 + days, 10.25 + days) == [120, 0]
    assert level(ledger, 400, "churned_mrr", "involuntary") == 120 * DOLLAR
    assert level(ledger, 10.25 + days, "past_due_mrr") == 0
    assert mrr(under(*lines), 400) == [120]
    paid = under(*lines, state("updated", "e4", 10 + days, 120), past_due_churn_days=days)
    assert mrr(paid, 400) == [120]
    anew = state("updated", "e5", 11 + days, 120, status="past_due")
    again = under(*lines, state("updated", "e4", 10.75, 120), anew, past_due_churn_days=days)
    assert mrr(again, 11 + 2 * days, 11.25 + 2 * days) == [120, 0]


PAUSE = [CREATED, state("paused", "e2", 5), state("resumed", "e3", 9)]


@pytest.mark.parametrize(
    ("paused", "expected", "levels"),
    [
        ("zero", {"new": 100, "contraction:pause": 100, "expansion:resume": 100}, [0, 100]),
        ("keep", {"new": 100}, [100, 100]),
        ("churn", {"new": 100, "churned:voluntary": 100, "reactivation": 100}, [0, 100]),
    ],
)
def test_pauses(paused: Any, expected: dict[str, float], levels: list[float]) -> None:
    """A pause is nothing, a movement of its own, or churn."""
    ledger = under(*PAUSE, paused_policy=paused)
    assert moved(ledger) == expected
    assert mrr(ledger, 7, 10) == levels


def test_a_free_plan_that_keeps_its_customer() -> None:
    """Moving to a price of 0 is a downgrade, coming back from it an upgrade."""
    free, back = state("updated", "e2", 5, 0), state("updated", "e3", 9, 70)
    ledger = under(CREATED, free, back, free_is_churn=False)
    assert moved(ledger) == {"new": 100, "contraction:downgrade": 100, "expansion:upgrade": 70}
    assert mrr(ledger, 7, 10) == [0, 70]
    assert level(ledger, 7, "paying_accounts") == 1
    assert level(ledger, 50, "churned_accounts", "month") == 0
    full = [{"percent_off": 100, "duration": "forever"}]
    discounted = under(CREATED, state("updated", "e2", 5, discounts=full), free_is_churn=False)
    assert moved(discounted) == {"new": 100, "contraction:downgrade": 100}


def test_a_free_plan_keeps_only_who_has_paid() -> None:
    """Who never paid is no customer, and who ends the free plan is none any more."""
    lines = [state("created", "e1", 1, 0), state("updated", "e2", 9)]
    ledger = under(*lines, free_is_churn=False)
    assert moved(ledger) == {"new": 100}
    assert level(ledger, 5, "paying_accounts") == 0
    left = under(CREATED, state("updated", "e2", 5, 0), deleted("e3", 9), free_is_churn=False)
    assert [level(left, day, "paying_accounts") for day in (7, 10)] == [1, 0]
    ended = under(CREATED, deleted("e2", 5), free_is_churn=False)
    assert moved(ended) == {"new": 100, "churned:voluntary": 100}


@pytest.mark.parametrize(
    "told",
    [
        requested("e2", 5, cancel_at=at(30)),
        state("updated", "e2", 5, cancel_at=at(30)),
        deleted("e2", 5, ended_at=at(30)),
    ],
)
def test_churn_at_the_click(told: bytes) -> None:
    """Revenue is lost when its end becomes known, not when it comes; billed MRR with it."""
    ledger = under(CREATED, told, churn_recognition="canceled")
    assert mrr(ledger, 5, 5.25, 29) == [100, 0, 0]
    assert level(ledger, 6, "billed_mrr") == 0
    assert level(ledger, 6, "churned_mrr", "voluntary") == 100 * DOLLAR
    assert mrr(under(CREATED, told), 29, 30.25) == [100, 0]
    if b"deleted" not in told:
        stays = under(CREATED, told, state("updated", "e3", 9), churn_recognition="canceled")
        assert moved(stays) == {"new": 100, "churned:voluntary": 100, "reactivation": 100}


@pytest.mark.parametrize(
    ("away", "days", "kind"),
    [(10, 0, "reactivation"), (10, 10, "reactivation"), (10, 11, "expansion:resume")],
)
def test_a_return_that_is_too_soon(away: int, days: int, kind: str) -> None:
    """Who was away for fewer days than the policy's resumes; the churn of before stays."""
    lines = [CREATED, deleted("e2", 5), state("created", "e3", 5 + away, 80, sub="s2")]
    assert moved(under(*lines, reactivation_min_days=days)) == {
        "new": 100,
        "churned:voluntary": 100,
        kind: 80,
    }


def test_who_comes_and_goes_inside_a_window() -> None:
    """X7 under ``ignore``: of 11 that churned, the one that was new is left out."""
    lines = [state("created", f"c{i}", 1, account=f"a{i}") for i in range(100)]
    lines += [deleted(f"d{i}", 35 + i, account=f"a{i}") for i in range(10)]
    lines += [state("created", f"n{i}", 40, account=f"n{i}") for i in range(5)]
    lines += [deleted("x0", 50, account="n0")]
    assert level(under(*lines), 59, "churned_accounts", "month") == 11
    ledger = under(*lines, same_period_new_churn="ignore")
    assert level(ledger, 59, "churned_accounts", "month") == 10
    assert level(ledger, 75, "churned_accounts", "30d") == 1  # it joined before that window
    assert level(ledger, 59, "cohort_churned_accounts", "month") == 10


RATES = {
    "EUR": [
        Rate(rate=Fraction("1.1")),
        Rate(valid_from=at(10), rate=Fraction("1.3")),
        Rate(valid_from=at(40), rate=Fraction("1.2")),
    ]
}


def euros(event_id: str, day: float, amount: float, kind: str = "updated", **more: Any) -> bytes:
    """Returns a state that is priced in euros."""
    return state(kind, event_id, day, [{**item(amount), "currency": "EUR"}], **more)


def test_revaluation() -> None:
    """New rates move MRR by themselves, and are no expansion or contraction."""
    lines = [
        euros("e1", 1, 100, "created"),
        euros("e2", 20, 200),
        state("created", "d", 1, 50, sub="d"),
    ]
    ledger = under(*lines, exchange_rates=RATES, fx_mode="revalue")
    assert mrr(ledger, 2, 11, 21, 41) == [160, 180, 310, 290]
    assert moved(ledger, 30) == {"new": 160, "expansion:upgrade": 130, "fx": 20}
    assert [level(ledger, day, "fx_mrr") / DOLLAR for day in (9, 11, 41)] == [0, 20, 0]
    assert level(ledger, 30, "upsells") == 1
    kept = under(*lines, exchange_rates=RATES)
    assert mrr(kept, 2, 11, 21, 41) == [160, 160, 270, 270]
    assert level(kept, 41, "fx_mrr") == 0


def test_revaluation_of_what_does_not_pay() -> None:
    """Without revenue there is nothing to revalue; what comes back comes at the rate of then."""
    lines = [euros("e1", 1, 100, "created"), deleted("e2", 5), euros("e3", 20, 100, "created")]
    ledger = under(*lines, exchange_rates=RATES, fx_mode="revalue")
    assert moved(ledger) == {"new": 110, "churned:voluntary": 110, "reactivation": 130, "fx": -10}
    paused = [euros("e1", 1, 100, "created"), euros("e2", 5, 100, "paused", status=None)]
    resumed = under(
        *paused, euros("e3", 20, 100, "resumed"), exchange_rates=RATES, fx_mode="revalue"
    )
    assert mrr(resumed, 2, 11, 21) == [110, 0, 130]


def test_a_rate_that_changes_inside_a_group() -> None:
    """What was there before is revalued; what came inside the group came at its present price."""
    soon = 10 + 20 / 1440
    lines = [
        euros("e1", 1, 100, "created"),
        euros("e2", 10 - 20 / 1440, 150),
        euros("e3", 10 - 10 / 1440, 10, "created", sub="s2"),
        euros("e4", soon, 200),
    ]
    ledger = under(*lines, exchange_rates={"EUR": RATES["EUR"][:2]}, fx_mode="revalue")
    figures = moved(ledger)
    assert sum(figures.values()) == 210 * 1.3
    assert set(figures) == {"new", "fx", "expansion:upgrade"}
    assert level(ledger, 30, "upsells") == 1


@given(
    st.lists(
        st.tuples(
            st.integers(1, 60 * 24),
            st.sampled_from([0, 50, 100, 150]),
            st.sampled_from(["active", "active", "paused", "past_due", "canceled", "trialing"]),
            st.sampled_from(["s1", "s2"]),
            st.sampled_from(["EUR", "USD"]),
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
            "reactivation_min_days": st.integers(0, 30),
            "fx_mode": st.just("revalue"),
            "coalesce_minutes": st.sampled_from([0, 1440]),
            "discounts_in_mrr": st.sampled_from(["all", "none", "forever"]),
            "retention_offers": st.just("zero"),
        },
    ),
)
def test_the_bridge_closes_under_any_policy(
    told: list[tuple[int, float, str, str, str]], policy: dict[str, Any]
) -> None:
    """Start + movements + revaluation = end at every instant, whatever the choices."""
    lines = [
        state(
            "updated",
            f"e{number}",
            hour / 24,
            [{**item(dollars), "currency": currency}],
            sub=sub,
            status=status,
            trial_reason="retention" if status == "trialing" else None,
        )
        for number, (hour, dollars, status, sub, currency) in enumerate(told)
    ]
    ledger = under(*lines, exchange_rates=RATES, **policy)
    for edge in {tile + 1 for cells in ledger.cells.values() for tile in cells}:
        moves = sum(sign * at_edge(ledger, series, edge) for series, sign in MONEY_FLOWS.items())
        assert moves == at_edge(ledger, ("mrr",), edge) >= 0
        assert at_edge(ledger, ("paying_accounts",), edge) in (0, 1)

"""Customers: golden vectors, and what counts as a movement, an account, a click."""

import pytest

from aggregates.revenue.customers import FAMILY
from tests.aggregates.catalogue.kpi_measures import BY_NAME
from tests.aggregates.revenue.subscription_story import (
    at,
    deleted,
    flow,
    ledger_of,
    level,
    requested,
    retracted,
    state,
)


def test_measures_are_those_that_the_catalogue_reads() -> None:
    """Names, kinds, units, labels and windows agree."""
    for measure in FAMILY.measures:
        known = BY_NAME[measure.name]
        assert (measure.kind, measure.unit, measure.labels) == (
            known.kind,
            known.unit,
            known.labels,
        )
        assert set(measure.windows) == set(known.windows)


def test_churn_and_its_denominators() -> None:
    """X7: 100 at the start, 10 of them churn, 5 join, one of those churns."""
    lines = [state("created", f"c{i}", 1, account=f"a{i}") for i in range(100)]
    lines += [deleted(f"d{i}", 35 + i, account=f"a{i}") for i in range(10)]
    lines += [state("created", f"n{i}", 40, account=f"n{i}") for i in range(5)]
    lines += [deleted("x0", 50, account="n0")]
    ledger = ledger_of(*lines)
    start, end, cohort = (
        level(ledger, 31, "paying_accounts"),
        level(ledger, 59, "paying_accounts"),
        level(ledger, 59, "cohort_churned_accounts", "month"),
    )
    new = flow(ledger, 31, 59, "new_accounts")
    churned = level(ledger, 59, "churned_accounts", "month")
    assert (start, end, new, cohort, churned) == (100, 94, 5, 10, 11)
    assert cohort / start == 0.1
    assert round(churned / (start + new), 4) == 0.1048
    assert (start - end) / start == 0.06
    assert round(churned / end, 4) == 0.1170
    assert level(ledger, 59, "retained_accounts", "month") == 90


def test_who_comes_back_is_retained_and_churned() -> None:
    """A return inside the window keeps the account by its end state, but the churn happened."""
    ledger = ledger_of(
        state("created", "e1", 1), deleted("e2", 10), state("created", "e3", 20, sub="s2")
    )
    for window in ("30d", "90d", "365d"):
        assert level(ledger, 35, "retained_accounts", window) == int(window == "30d")
        assert level(ledger, 35, "cohort_churned_accounts", window) == int(window == "30d")
    assert level(ledger, 15, "retained_accounts", "30d") == 0
    assert level(ledger, 35, "churned_accounts", "30d") == 1
    assert level(ledger, 41, "churned_accounts", "30d") == 0
    assert flow(ledger, 0, 50, "new_accounts") == 1


def test_an_account_counts_once_a_window_a_movement_each_time() -> None:
    """Two upsells and two downgrades of one account are four movements and one account each."""
    amounts = [100, 120, 90, 130, 80]
    lines = [state("created", "e0", 1, amounts[0])]
    lines += [state("updated", f"e{i}", 1 + i, amounts[i]) for i in range(1, 5)]
    ledger = ledger_of(*lines)
    for name, distinct in (("upsells", "upsold_accounts"), ("downgrades", "downgraded_accounts")):
        assert flow(ledger, 0, 10, name) == 2
        for window in ("30d", "month"):
            assert level(ledger, 10, distinct, window) == 1
        assert level(ledger, 40, distinct, "30d") == 0
        assert level(ledger, 32, distinct, "month") == 0
        assert level(ledger, 32, distinct, "30d") == 1
    assert flow(ledger, 0, 10, "new_accounts") == 1


@pytest.mark.parametrize(
    "lines",
    [
        [state("paused", "e2", 3), state("resumed", "e3", 5)],
        [state("paused", "e2", 3, resumes_at=at(5))],
        [state("updated", "e2", 3, status="past_due"), state("updated", "e3", 5)],
        [state("renewed", "e2", 3, auto=True)],
    ],
)
def test_what_is_no_upsell_downgrade_or_churn(lines: list[bytes]) -> None:
    """Pauses, resumptions, late payments and renewals count nowhere but in who pays."""
    ledger = ledger_of(state("created", "e1", 1), *lines)
    for name in ("upsells", "downgrades"):
        assert level(ledger, 100, name) == 0
    for name in ("churned_accounts", "upsold_accounts", "downgraded_accounts"):
        assert level(ledger, 10, name, "30d") == 0
    assert level(ledger, 10, "paying_accounts") == 1
    assert level(ledger, 10, "new_accounts") == 1


def test_trials_and_free_plans_are_no_customers() -> None:
    """An account is new when it first pays, whenever it signed up."""
    ledger = ledger_of(
        state("created", "e1", 1, status="trialing"),
        state("updated", "e2", 15, 0),
        state("updated", "e3", 20),
    )
    assert [level(ledger, day, "paying_accounts") for day in (10, 18, 21)] == [0, 0, 1]
    assert flow(ledger, 0, 19, "new_accounts") == 0
    assert flow(ledger, 19, 21, "new_accounts") == 1


def test_cancellations_are_clicks() -> None:
    """Each request counts when it was made, an end does not, and a retraction undoes it."""
    lines = [
        state("created", "e1", 1),
        requested("e2", 5, cancel_at=at(30)),
        deleted("e3", 30),
        requested("e4", 35, account="never paid"),
    ]
    ledger = ledger_of(*lines)
    assert flow(ledger, 4, 6, "cancellations") == 1
    assert flow(ledger, 6, 32, "cancellations") == 0
    assert flow(ledger, 32, 40, "cancellations") == 1
    undone = ledger_of(*lines, retracted("e5", 40, "e4", account="never paid"))
    assert flow(undone, 32, 40, "cancellations") == 0

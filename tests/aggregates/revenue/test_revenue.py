"""Revenue: golden vectors of the field, from records to readings."""

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.revenue.mrr import FAMILY
from tests.aggregates.catalogue.kpi_measures import BY_NAME
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    deleted,
    flow,
    item,
    ledger_of,
    level,
    moved,
    mrr,
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


def test_a_yearly_price_is_a_twelfth_a_month() -> None:
    """X1: $1,200 a year for one seat is MRR 100, new 100, ARR 1,200."""
    ledger = ledger_of(state("created", "e1", 1, [item(1_200, "year", quantity=1)]))
    assert mrr(ledger, 2) == [100]
    assert 12 * level(ledger, 2, "mrr") == 1_200 * DOLLAR
    assert flow(ledger, 0, 2, "new_mrr") == 100 * DOLLAR


@pytest.mark.parametrize(("interval", "micros"), [("week", 43_333_333), ("day", 304_166_667)])
def test_weeks_and_days(interval: str, micros: int) -> None:
    """X2: $10 a week is 43.33 a month, $10 a day 304.17."""
    ledger = ledger_of(state("created", "e1", 1, [item(10, interval)]))
    assert level(ledger, 2, "mrr") == micros


def test_the_tutorial_case() -> None:
    """X3: four yearly, two monthly added and ended, the yearly ones ended, three monthly later."""
    ledger = ledger_of(
        state("created", "e1", 1, [item(4 * 500, "year", quantity=4)]),
        state("created", "e2", 6, 2 * 30, sub="s2"),
        deleted("e3", 20, sub="s2"),
        deleted("e4", 60),
        state("created", "e5", 90, 3 * 50, sub="s3"),
    )
    yearly = 166.666667
    assert moved(ledger) == {
        "new": yearly,
        "expansion:upgrade": 60,
        "contraction:downgrade": 60,
        "churned:voluntary": yearly,
        "reactivation": 150,
    }
    assert mrr(ledger, 5, 10, 30, 70, 100) == [yearly, yearly + 60, yearly, 0, 150]


def bridge() -> Ledger:
    """X8: 10,000 at the start of February, each movement in it on an account of its own."""
    february, earlier = 31, 10
    lines = [
        state("created", "k1", 1, 8_200, account="keeps"),
        state("created", "x1", 1, 500, account="expands"),
        state("created", "c1", 1, 800, account="contracts"),
        state("created", "d1", 1, 500, account="churns"),
        state("created", "r1", 1, 200, account="returns"),
        deleted("r2", earlier, account="returns"),
        state("updated", "x2", february + 3, 1_500, account="expands"),
        state("updated", "c2", february + 4, 500, account="contracts"),
        deleted("d2", february + 5, account="churns"),
        state("created", "r3", february + 6, 200, account="returns", sub="s2"),
        state("created", "n1", february + 7, 2_000, account="new"),
    ]
    return ledger_of(*lines)


def test_the_bridge_of_a_month() -> None:
    """X8: end, net new, gross and net churn, retention, quick ratio and expansion rate."""
    ledger = bridge()
    start, end = 31, 59
    figures = {
        name: flow(ledger, start, end, *name.split(":")) / DOLLAR
        for name in (
            "new_mrr",
            "reactivation_mrr",
            "expansion_mrr:upgrade",
            "contraction_mrr:downgrade",
            "churned_mrr:voluntary",
        )
    }
    new, back, expansion, contraction, churn = figures.values()
    assert [new, back, expansion, contraction, churn] == [2_000, 200, 1_000, 300, 500]
    assert mrr(ledger, start, end) == [10_000, 12_400]
    cohort = {
        name: level(ledger, end, f"{name}_mrr", "month") / DOLLAR
        for name in (
            "retained",
            "capped",
            "cohort_churned",
            "cohort_contraction",
            "cohort_expansion",
        )
    }
    assert cohort["retained"] / 10_000 == 1.02
    assert cohort["capped"] / 10_000 == 0.92
    gross = cohort["cohort_churned"] + cohort["cohort_contraction"]
    assert gross / 10_000 == 0.08
    assert (gross - cohort["cohort_expansion"]) / 10_000 == -0.02
    assert (gross - cohort["cohort_expansion"] - back) / 10_000 == -0.04
    assert (new + expansion) / (contraction + churn) == 3.75
    assert expansion / 10_000 == 0.1


def test_what_was_gained_inside_a_window_is_no_part_of_its_start() -> None:
    """R12: an account loses at most what it paid then, however often it goes up and down."""
    ledger = ledger_of(
        state("created", "e1", 1, 100, account="grows"),
        state("updated", "e2", 40, 250, account="grows"),
        state("updated", "e3", 42, 220, account="grows"),
        deleted("e4", 45, account="grows"),
        state("created", "e5", 1, 100, account="goes up and down"),
        state("updated", "e6", 40, 30, account="goes up and down"),
        state("updated", "e7", 41, 100, account="goes up and down"),
        state("updated", "e8", 42, 30, account="goes up and down"),
    )
    lost = {
        name: level(ledger, 50, f"cohort_{name}_mrr", "30d") / DOLLAR
        for name in ("churned", "contraction", "expansion", "churned_gains", "lost_gains")
    }
    assert lost == {
        "churned": 220,
        "contraction": 30 + 140,
        "expansion": 150 + 70,
        "churned_gains": 120,
        "lost_gains": 150 + 40,
    }
    gross = lost["churned"] + lost["contraction"] - lost["lost_gains"]
    assert gross == 200, "all of 200 was lost, once"
    assert lost["churned"] - lost["churned_gains"] == 100
    assert lost["churned"] + lost["contraction"] - lost["expansion"] == 200 - 30


def test_a_month_ends_with_its_last_instant() -> None:
    """Read at its end a month is whole; read a tile later the next has begun, still empty."""
    ledger = bridge()
    assert level(ledger, 59, "cohort_churned_mrr", "month") == 500 * DOLLAR
    quarter = 1 / 96
    assert level(ledger, 59 + quarter, "cohort_churned_mrr", "month") == 0
    assert level(ledger, 59 + quarter, "retained_mrr", "month") == 12_400 * DOLLAR


def test_a_discount_for_once_is_billed_not_recurring() -> None:
    """X10: $14 off $15 for once is MRR 15 and billed MRR 1."""
    once = [{"amount_off": 1_400, "duration": "once"}]
    ledger = ledger_of(state("created", "e1", 1, 15, discounts=once))
    assert level(ledger, 2, "mrr") == 15 * DOLLAR
    assert level(ledger, 2, "billed_mrr") == 1 * DOLLAR
    assert moved(ledger) == {"new": 15}


def test_a_cohort_knows_its_accounts() -> None:
    """Who joins, leaves and comes back in a window is told apart from who paid at its start."""
    ledger = ledger_of(
        state("created", "e1", 1, account="stays"),
        state("created", "e2", 1, account="comes back"),
        deleted("e3", 40, account="comes back"),
        state("created", "e4", 45, 70, account="comes back", sub="s2"),
        state("created", "e5", 40, account="joins and leaves"),
        deleted("e6", 45, account="joins and leaves"),
    )
    assert level(ledger, 50, "retained_mrr", "30d") == 170 * DOLLAR
    assert level(ledger, 50, "capped_mrr", "30d") == 170 * DOLLAR
    assert level(ledger, 50, "cohort_churned_mrr", "30d") == 100 * DOLLAR
    assert flow(ledger, 20, 50, "churned_mrr", "voluntary") == 200 * DOLLAR
    assert level(ledger, 43, "retained_mrr", "30d") == 100 * DOLLAR
    assert level(ledger, 80, "cohort_churned_mrr", "30d") == 0

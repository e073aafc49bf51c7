"""The file of other published definitions: it loads, has figures, and figures that are right."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.ledger.ledger import Ledger
from aggregates.shard.shard import Shard
from aggregates.time.tile import edge_at
from events import parse_instant
from exporters.documents import definition_page
from tests.aggregates.folding import Told, tell
from tests.aggregates.reading.readings import evaluate
from tests.conftest import Golden
from tests.exporters.simulated import PLAN, results

ROOT: Final = Path(__file__).parents[3]
PATH: Final = "deploy/kpis/other-definitions.toml"

SHIPPED: Final = load(PLAN.measures.values(), shipped_source())
CATALOGUE: Final = load(
    PLAN.measures.values(),
    shipped_source(),
    Source(PATH, (ROOT / PATH).read_text(encoding="utf-8")),
)
OWN: Final = [kpi for kpi in CATALOGUE if kpi.id not in SHIPPED]

ALWAYS_0: Final = {"fx_mrr": "exchange rates move nothing under the default of fx_mode"}
"""Definitions of which the simulated company has only zeros, each with the reason."""

MARCH: Final = edge_at(parse_instant("2026-03-01T00:00:00Z"))
"""Reading at the first edge of March gives all of February."""

Fact = tuple[str, str, str, Mapping[str, Any]]
"""Account, day, type and data of a fact."""


def folded(topic: str, facts: Sequence[Fact], shard: Shard | None = None) -> Ledger:
    """Returns the ledger of some facts of one topic, and of those that a shard has."""
    told = [
        Told(
            parse_instant(f"{day}T06:00:00Z"), 0, f"evt_{n}", kind, {"account_id": account, **data}
        )
        for n, (account, day, kind, data) in enumerate(facts)
    ]
    shard = Shard(PLAN) if shard is None else shard
    tell(shard, topic, told, len(told))
    return shard.ledger


def read(ledger: Ledger, kpi_id: str, window: str | None = None, edge: int = MARCH) -> float:
    """Reads the one value of a KPI in a window."""
    catalogue = Catalogue([CATALOGUE[kpi_id]], CATALOGUE.measures, CATALOGUE.policy)
    found = [
        float(result.values[0])
        for result in evaluate(catalogue, ledger, PLAN.calendar, [edge])
        if window is None or ("window", window) in result.labels
    ]
    [value] = found
    return value


def priced(account: str, day: str, dollars: int, kind: str = "updated", **data: Any) -> Fact:
    """Tells what an account's one subscription costs a month."""
    item = {"amount": 100 * dollars, "currency": "USD", "interval": "month"}
    state = {"subscription_id": f"sub_{account}", "status": "active", "items": [item]}
    return account, day, f"subscription.{kind}", {**state, **data}


def ended(account: str, day: str, reason: str) -> Fact:
    """Tells that an account's one subscription is over."""
    return (
        account,
        day,
        "subscription.deleted",
        {"subscription_id": f"sub_{account}", "reason": reason},
    )


BRIDGE: Final = (
    priced("stays", "2026-01-10", 7_000, "created"),
    priced("grows", "2026-01-10", 1_000, "created"),
    priced("shrinks", "2026-01-10", 1_000, "created"),
    priced("pauses", "2026-01-10", 500, "created"),
    priced("leaves", "2026-01-10", 300, "created"),
    priced("fails", "2026-01-10", 200, "created"),
    priced("returns", "2025-11-10", 200, "created"),
    ended("returns", "2025-12-10", "price"),
    priced("grows", "2026-02-03", 2_000),
    priced("shrinks", "2026-02-04", 700),
    priced("pauses", "2026-02-05", 500, "paused"),
    ended("leaves", "2026-02-06", "price"),
    ended("fails", "2026-02-07", "payment_failed"),
    priced("returns", "2026-02-08", 200),
    priced("comes", "2026-02-09", 2_000, "created"),
)
"""10,000 a month in January, and each movement of February on an account of its own."""


@pytest.mark.parametrize("kpi", OWN, ids=lambda kpi: kpi.id)
def test_every_definition_has_figures(kpi: Any) -> None:
    """The simulated company has a value of each that is not 0, or the reason is known."""
    found = [result.values for result in results(CATALOGUE) if result.kpi.id == kpi.id]
    assert any(np.isfinite(values).any() for values in found)
    moved = any((np.isfinite(values) & (values != 0)).any() for values in found)
    assert moved != (kpi.id in ALWAYS_0)


def test_the_file_adds_and_replaces_nothing() -> None:
    """Its ids are its own, every shipped KPI stays as it is, and names say their units."""
    assert len(CATALOGUE) == len(SHIPPED) + len(OWN)
    assert [kpi.id for kpi in CATALOGUE][: len(SHIPPED)] == [kpi.id for kpi in SHIPPED]
    for kpi in SHIPPED:
        assert CATALOGUE[kpi.id].formula_text == kpi.formula_text
    codes = {kpi.code for kpi in SHIPPED}
    for kpi in OWN:
        assert kpi.code in codes
        assert kpi.description.endswith(".")
        assert (kpi.unit == "ratio") == kpi.id.endswith("_ratio")
        assert (kpi.unit == "seconds") == ("_seconds" in kpi.id)


def test_the_page_is_current(golden: Golden) -> None:
    """The page is the file's content."""
    golden(ROOT / "docs" / "other-definitions.md", definition_page(CATALOGUE, SHIPPED, PATH))


@pytest.mark.parametrize(
    ("kpi_id", "expected"),
    [
        ("expansion_mrr_with_resumed", 1_000),
        ("contraction_mrr_with_pauses", 300 + 500),
        ("gross_mrr_churn_of_all_ratio", (300 + 500) / 10_000),
        ("gross_mrr_churn_by_end_ratio", (300 + 500 + 500) / 10_000),
        ("net_mrr_churn_with_reactivation_ratio", (300 + 500 - 1_000 - 200) / 10_000),
        ("quick_ratio_with_reactivation", (2_000 + 1_000 + 200) / (300 + 500)),
        ("involuntary_churn_ratio", 200 / 500),
        ("churned_subscriptions", 2),
        ("fx_mrr", 0),
    ],
)
def test_a_month_of_movements(kpi_id: str, expected: float) -> None:
    """The definitions of revenue differ on one month in what they should, and in nothing else."""
    assert read(folded("subscription", BRIDGE), kpi_id, "month") == pytest.approx(expected)


def test_a_resumed_pause_is_expansion() -> None:
    """Where the shipped expansion leaves a resumed pause out, the other has it."""
    facts = (*BRIDGE, priced("pauses", "2026-02-20", 500, "resumed"))
    assert read(folded("subscription", facts), "expansion_mrr_with_resumed", "month") == 1_500


def test_lifetimes() -> None:
    """One of five customers leaves, with a tenth of the revenue: three lifetimes of the others."""
    stay = [priced(f"stays_{n}", "2026-01-10", 225, "created") for n in range(4)]
    facts = (
        *stay,
        priced("leaves", "2026-01-10", 100, "created"),
        ended("leaves", "2026-02-20", "x"),
    )
    ledger = folded("subscription", facts)
    assert read(ledger, "ltv_without_margin") == pytest.approx(225 / (1 / 5))
    assert read(ledger, "ltv_by_revenue_churn") == pytest.approx(225 * 0.8 / (1 / 10))
    trailing = read(ledger, "customer_churn_trailing_ratio", "30d")
    assert trailing == pytest.approx(1 / 5)


def test_contracts() -> None:
    """Under contract is what has a told end of term; what is cancelled is not committed."""
    term = {"term_end": "2027-01-10T00:00:00Z"}
    cancelled = {"subscription_id": "sub_b", "cancel_at": "2026-06-01T00:00:00Z"}
    facts = (
        priced("a", "2026-01-10", 100, "created", **term),
        priced("b", "2026-01-10", 40, "created"),
        ("b", "2026-02-10", "subscription.cancellation_requested", cancelled),
    )
    ledger = folded("subscription", facts)
    assert read(ledger, "contracted_arr") == 1_200
    assert read(ledger, "committed_arr") == 1_200
    assert read(ledger, "cancellation_ratio", "month") == 1 / 2


def test_costs() -> None:
    """Two customers at 300 cost 960 to win and 100 to keep: paid back in two months, and 30 times
    over the longest lifetime."""
    shard = Shard(PLAN)
    begun = {"a": "2026-01-10", "b": "2026-02-02"}
    folded("subscription", [priced(a, day, 300, "created") for a, day in begun.items()], shard)
    costs = [
        (
            "a",
            "2026-02-03",
            "cost.recorded",
            {"category": category, "amount": cents, "currency": "USD"},
        )
        for category, cents in (("acquisition", 96_000), ("retention", 10_000))
    ]
    ledger = folded("account", costs, shard)
    assert read(ledger, "cac_payback_months") == pytest.approx(480 / (300 * 0.8))
    assert read(ledger, "ltv_to_cac") == pytest.approx(60 * 300 * 0.8 / 480)
    assert read(ledger, "retention_cost_per_active_account", "month") == 50
    assert read(ledger, "retention_cost_of_mrr_ratio", "30d") == pytest.approx(100 / 600)


def test_users() -> None:
    """Of three users one works on two days of a week, and one the month before alone."""
    days = [("u1", "2026-02-24"), ("u1", "2026-02-26"), ("u2", "2026-01-15"), ("u1", "2026-01-15")]
    facts: list[Fact] = [
        ("a", "2026-01-10", "user.added", {"user_id": user}) for user in ("u1", "u2", "u3")
    ]
    facts += [("a", "2026-01-10", "seats.set", {"seats": 4})]
    facts += [("a", day, "feature.used", {"user_id": u, "feature": "x"}) for u, day in days]
    ledger = folded("usage", facts)
    assert read(ledger, "weekly_stickiness_ratio", "7d") == pytest.approx(2 / 7)
    assert read(ledger, "engagement_of_all_ratio", "30d") == pytest.approx(1 / 3)
    assert read(ledger, "user_retention_ratio", "30d") == pytest.approx(1 / 2)
    assert read(ledger, "seat_adoption_ratio", "30d") == 0


def answers(survey_type: str, scores: Sequence[int]) -> Ledger:
    """Returns the ledger of one answer a person."""
    return folded(
        "survey",
        [
            ("a", "2026-02-10", "survey_response.created", data)
            for n, score in enumerate(scores)
            for data in [
                {
                    "response_id": f"r{n}",
                    "respondent_id": f"u{n}",
                    "survey_type": survey_type,
                    "score": score,
                }
            ]
        ],
    )


def test_answers() -> None:
    """The worked examples of the field: CSAT of 5, 4, 3, 2; CES of 7, 6, 5, 4, 2; seven of NPS."""
    ratings, ease = answers("csat", (5, 4, 3, 2)), answers("ces", (7, 6, 5, 4, 2))
    assert read(ratings, "csat_mean", "30d") == 3.5
    assert read(ratings, "csat_balance_ratio", "30d") == pytest.approx((2 - 1) / 4)
    assert read(ease, "ces_index", "90d") == pytest.approx(100 * (2 - 1) / 5)
    recommended = answers("nps", (9, 10, 9, 8, 7, 6, 3))
    assert read(recommended, "nps_satisfied_ratio", "90d") == pytest.approx(5 / 7)

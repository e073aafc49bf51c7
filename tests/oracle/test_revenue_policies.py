"""Revenue under other settings than the defaults: the ledger against SQL, account by account."""

from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any, Final

import pytest

from aggregates.policies.policy import Policy
from aggregates.policies.revenue import MOVING
from aggregates.revenue import customers, mrr, payments, plans, renewals
from aggregates.shard.plan import Plan
from events import parse_instant
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import Story, stories
from tests.oracle.subscription_facts import bill

ACCOUNTS = 80
EDGES = 8
AHEAD_DAYS = 60
FAMILIES = tuple(family.FAMILY for family in (mrr, customers, payments, renewals, plans))
FILES = (
    *("events", "windows", "subscriptions", "prices", "contracts", "payments"),
    *("changes", "movements", "revenue", "renewals", "plans"),
)
"""The SQL of these families."""
CURRENCIES = ("USD", "USD", "EUR", "GBP")
RATES: Final[Mapping[str, list[tuple[str, int]]]] = {
    "EUR": [
        ("2000-01-01T00:00:00Z", 110),
        ("2026-03-01T00:00:00Z", 130),
        ("2026-04-01T00:00:00Z", 95),
        ("2026-04-12T06:30:00Z", 96),
    ],
    "GBP": [("2000-01-01T00:00:00Z", 150), ("2026-04-01T00:00:00Z", 125)],
}
"""Hundredths of the reporting currency for a unit of each, by the instant from which they hold."""
CHOICES: Final[Mapping[str, tuple[Any, ...]]] = {
    "week_factor": ("52/12", "4", "365/84"),
    "day_factor": ("365/12", "30"),
    "discounts_in_mrr": ("lasting", "forever", "all", "none"),
    "retention_offers": ("keep", "zero"),
    "past_due_churn_days": (None, 1, 15),
    "paused_policy": ("zero", "keep", "churn"),
    "free_is_churn": (True, False),
    "churn_recognition": ("ended", "canceled"),
    "coalesce_minutes": (60, 0, 1440),
    "reactivation_min_days": (0, 7, 30),
    "same_period_new_churn": ("count", "ignore"),
    "fx_mode": ("constant", "revalue"),
    "require_paid_invoice": (False, True),
    "metered_mrr": ("exclude", "trailing_3m_avg"),
    "refunds_in_mrr": ("none", "period"),
}
"""The values of each setting, the default first."""
COMBINATIONS = 5
"""Enough that each value of each setting is in one of them."""


def _combined() -> list[dict[str, Any]]:
    """Returns combinations of settings, in which the values of each take turns."""
    rng = Random("combinations")
    combined: list[dict[str, Any]] = [{} for _ in range(COMBINATIONS)]
    for name, values in CHOICES.items():
        turns = (values * COMBINATIONS)[:COMBINATIONS]
        for settings, value in zip(combined, rng.sample(turns, COMBINATIONS), strict=True):
            settings[name] = value
    return combined


def _international(story: Story) -> None:
    if story.rng.random() < 0.2:
        _rewrite(story)
    else:
        bill(story, CURRENCIES)


def _rewrite(story: Story) -> None:
    """Tells of a contract in the place of one or two others, most of the time in one currency."""
    new, *old = story.rng.sample(("s1", "s2", "s3"), story.rng.choice((2, 2, 3)))
    currency = story.rng.choice(("EUR", "EUR", "GBP"))
    story.tell(
        "subscription.created",
        subscription_id=new,
        status="active",
        items=[{"amount": 4_900, "currency": currency, "interval": "month", "plan_id": "pro"}],
        replaces_subscription_ids=old,
    )


def _policy(settings: Mapping[str, Any]) -> Policy:
    rates = {
        currency: [
            {"valid_from": since, "rate": Fraction(percent, 100)} for since, percent in dated
        ]
        for currency, dated in RATES.items()
    }
    return Policy.model_validate({**settings, "exchange_rates": rates})


def _setup(settings: Mapping[str, Any]) -> str:
    """Returns the same settings as SQL."""
    told = {name: settings.get(name, values[0]) for name, values in CHOICES.items()}
    columns = []
    for name in ("week", "day"):
        factor = Fraction(told.pop(f"{name}_factor"))
        columns += [
            f"{factor.numerator} AS {name}s_above",
            f"{factor.denominator} AS {name}s_below",
        ]
    for name, value in told.items():
        text = "NULL::BIGINT" if value is None else repr(value)
        columns.append(f"{text} AS {name}")
    rates = [
        f"('{currency}', {parse_instant(since)}, {percent})"
        for currency, dated in RATES.items()
        for since, percent in dated
    ]
    return f"""
        CREATE TABLE revenue_policy AS SELECT {", ".join(columns)};
        CREATE TABLE exchange_rates (currency VARCHAR, since_ms BIGINT, percent BIGINT);
        INSERT INTO exchange_rates VALUES {", ".join(rates)};
    """


@pytest.mark.parametrize("settings", _combined(), ids=lambda settings: settings["fx_mode"])
def test_settings(settings: dict[str, Any]) -> None:
    """Whatever is set of all that can be, SQL and the ledger agree."""
    rng = Random(str(settings))
    lines = stories(rng.randrange(1_000), ACCOUNTS, (_international,))
    edges = random_edges(rng, EDGES, AHEAD_DAYS)
    plan = Plan(_policy(settings), families=FAMILIES)
    ledger = folded_in_batches(lines, plan, rng)
    recomputed = Recomputation(lines, edges, _setup(settings), FILES).figures()
    assert not differences(ledger, plan, recomputed, edges)
    moved = {series[0] for series, _ in ledger.cells}
    assert moved >= {"mrr", "new_mrr", "churned_mrr", "expansion_mrr", "paid_amount"}
    assert ("fx_mrr" in moved) == (settings["fx_mode"] == "revalue")


def test_every_setting_is_proved() -> None:
    """Each value of each policy of revenue is in a combination, and no policy is left out."""
    combined = _combined()
    for name, values in CHOICES.items():
        assert {settings[name] for settings in combined} == set(values)
    assert set(CHOICES) == {*MOVING, "same_period_new_churn"}

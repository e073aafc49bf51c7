"""Usage and adoption: random lives of users against the definitions, counted the dull way."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.health import seats_in_use
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.usage import (
    activity,
    adoption,
    engagement,
    life_cycle,
    seats,
    user_adoption,
    weekday_usage,
)
from tests.aggregates.folding import START, Told, flow, fold, is_consistent, level, tell
from tests.aggregates.usage.usage_oracle import (
    BERLIN,
    FEATURES,
    SPAN_TILES,
    WINDOWS,
    Dull,
    histories,
)
from tests.examples import examples

FAMILIES = (
    activity.FAMILY,
    life_cycle.FAMILY,
    engagement.FAMILY,
    adoption.FAMILY,
    seats.FAMILY,
    seats_in_use.FAMILY,
    user_adoption.FAMILY,
    weekday_usage.FAMILY,
)
PLANS = {
    zone: Plan(Policy(timezone=zone, session_days="touched"), families=FAMILIES)
    for zone in ("UTC", BERLIN)
}
SETTINGS: list[dict[str, Any]] = [
    {},
    {"active_features": ["alerts"], "engagement_feature": "reports", "engagement_days": 3},
    {"active_features": ["alerts", "reports"], "engagement_days": 2, "timezone": BERLIN},
    {"core_features": ["alerts", {"feature": "reports", "valid_from": "2026-03-20T00:00:00Z"}]},
    {"adoption_unit": "users", "stickiness_days": "weekdays", "timezone": BERLIN},
    {"adoption_unit": "users", "core_features": ["alerts"], "active_features": ["reports"]},
    {
        "user_basis": "added",
        "core_features": [
            {"feature": "alerts", "valid_until": "2026-04-10T00:00:00Z"},
            {"feature": "reports", "aliases": ["pages"], "valid_from": "2026-04-10T00:00:00Z"},
        ],
    },
    {"user_basis": "added", "session_days": "touched", "active_features": ["pages"]},
]


def _life_cycle(shard: Shard, edge: int) -> tuple[int, int, int, int]:
    """Returns what the KPIs of the life cycle compute from the measures."""
    names = ("active_users", "active_users_lately", "active_users_before", "new_active_users")
    active, lately, before, new = (level(shard, (name, "30d"), edge) for name in names)
    gone = level(shard, ("absent_active_users_lately", "30d"), edge)
    gone -= level(shard, ("absent_active_users", "30d"), edge)
    return new, active + before - lately, lately - before - new, lately - active - gone


def _agrees(shard: Shard, facts: Sequence[Told], zone: str, edge: int) -> None:
    dull = Dull(facts, zone)
    for name, count in WINDOWS.items():
        assert level(shard, ("active_users", name), edge) == dull.active_users(edge, count)
        assert level(shard, ("absent_active_users", name), edge) == dull.absent(edge, count)
    for feature in FEATURES:
        found = level(shard, ("feature_accounts", "30d", feature), edge)
        assert found == dull.using(edge, feature)
    assert level(shard, ("active_accounts", "30d"), edge) == dull.using(edge, None)
    assert level(shard, ("users",), edge) == dull.users(edge)
    assert _life_cycle(shard, edge) == dull.life_cycle(edge)
    assert flow(shard, "session_time", 0, edge) == dull.session_ms(edge)
    assert flow(shard, "activated_users", 0, edge) == dull.activated(edge)


@pytest.mark.parametrize("zone", PLANS)
@given(
    facts=histories(),
    edge=st.integers(START - 10, START + SPAN_TILES + 40 * 96),
    seed=st.integers(),
)
def test_readings_are_the_definitions(zone: str, facts: list[Told], edge: int, seed: int) -> None:
    """At any edge, in any order, with repeats and any flushes: the figures are as defined."""
    random = Random(seed)
    told = [*facts, *random.sample(facts, len(facts) // 2)]
    random.shuffle(told)
    shard = fold(PLANS[zone], "usage", told, batch=random.randint(1, 9))
    _agrees(shard, facts, zone, edge)


@pytest.mark.parametrize("settings", SETTINGS)
@examples(40)
@given(facts=histories(), seed=st.integers())
def test_order_and_batches_leave_no_trace(
    settings: dict[str, Any], facts: list[Told], seed: int
) -> None:
    """Any order in any batches gives the same ledger, bit for bit, as one bulk load."""
    plan = Plan(Policy.model_validate(settings), families=FAMILIES)
    random = Random(seed)
    told = [*facts, *random.sample(facts, len(facts) // 2)]
    random.shuffle(told)
    shard = fold(plan, "usage", told, batch=random.randint(1, 9))
    assert shard.ledger == fold(plan, "usage", facts, bulk=True).ledger
    assert is_consistent(shard)


@given(facts=histories(), batch=st.integers(1, 9))
def test_a_family_that_tells_no_changes_is_settled(facts: list[Told], batch: int) -> None:
    """A family over users need not tell what a day changes: its ledger is the same."""
    told = activity.FAMILY
    plain = Family(told.name, told.reads, told.measures, told.contributions)
    settled = fold(Plan(families=[plain, adoption.FAMILY]), "usage", facts, batch)
    followed = fold(Plan(families=[told, adoption.FAMILY]), "usage", facts, batch)
    assert settled.ledger == followed.ledger


@given(facts=histories(), cut=st.integers(0, 25))
def test_a_restored_shard_goes_on(facts: list[Told], cut: int) -> None:
    """Rows packed half-way and restored, with the rest folded after, give the same ledger."""
    plan = PLANS["UTC"]
    first = fold(plan, "usage", facts[:cut], batch=3)
    second = Shard(plan)
    for key, value in first.handover.dirty_rows("usage"):
        second.handover.restore_row("usage", key, value)
    second.settling.rebuild()
    assert second.ledger == first.ledger
    tell(second, "usage", facts[cut:], batch=4)
    assert second.ledger == fold(plan, "usage", facts, bulk=True).ledger

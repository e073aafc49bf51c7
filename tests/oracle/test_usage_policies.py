"""Usage under other settings than the defaults: the ledger against SQL, account by account."""

from random import Random
from typing import Any, NamedTuple

import pytest

from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.usage import (
    activity,
    adoption,
    engagement,
    life_cycle,
    user_adoption,
    weekday_usage,
)
from events import format_instant, parse_instant
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import Story, stories

ACCOUNTS = 120
EDGES = 14
FAMILIES = (
    activity.FAMILY,
    life_cycle.FAMILY,
    engagement.FAMILY,
    adoption.FAMILY,
    user_adoption.FAMILY,
    weekday_usage.FAMILY,
)
FILES = ("events", "windows", "persons", "usage")
"""The SQL of these families."""
FEATURES = ("alerts", "reports", "exports")
LONG_AGO_MS = parse_instant("2020-01-01T00:00:00Z")
SINCE_MS = parse_instant("2026-04-01T06:00:00Z")
LATER_MS = parse_instant("2026-05-01T00:00:00Z")


class Settings(NamedTuple):
    """The same settings as a policy and as SQL."""

    policy: dict[str, Any]
    sql: str


def _settings(
    active: tuple[str, ...],
    core: tuple[tuple[str, int], ...],
    action: str | None,
    days: int,
    *others: str,
    until: dict[str, int] | None = None,
    aliases: dict[str, str] | None = None,
) -> Settings:
    defaults = ("accounts", "all", "seen", "ended")
    unit, stickiness, basis, session_days = (*others, *defaults[len(others) :])
    ends, names = until or {}, aliases or {}
    named = [
        {
            "feature": name,
            "valid_from": format_instant(since_ms),
            "valid_until": format_instant(ends[name]) if name in ends else None,
            "aliases": [alias for alias, feature in names.items() if feature == name],
        }
        for name, since_ms in core
    ]
    policy = {
        "active_features": active,
        "core_features": named,
        "engagement_feature": action,
        "engagement_days": days,
        "adoption_unit": unit,
        "stickiness_days": stickiness,
        "user_basis": basis,
        "session_days": session_days,
    }
    structs = ", ".join(
        f"{{'feature': '{name}', 'since_ms': {ms}, 'until_ms': {ends.get(name, 'NULL')}}}"
        for name, ms in core
    )
    renamed = ", ".join(f"('{alias}', '{name}')" for alias, name in names.items())
    sql = f"""
        CREATE TABLE usage_policy AS SELECT
            {list(active)}::VARCHAR[] AS active_features,
            [{structs}]::STRUCT(feature VARCHAR, since_ms BIGINT, until_ms BIGINT)[]
                AS core_features,
            {"NULL" if action is None else f"'{action}'"}::VARCHAR AS engagement_feature,
            {days} AS engagement_days,
            '{unit}' AS adoption_unit,
            '{stickiness}' AS stickiness_days;
        CREATE TABLE people_policy AS
        SELECT '{basis}' AS user_basis, '{session_days}' AS session_days;
        CREATE TABLE feature_aliases (alias VARCHAR, feature VARCHAR);
        {f"INSERT INTO feature_aliases VALUES {renamed}" if renamed else ""}
    """
    return Settings(policy, sql)


SETTINGS = [
    _settings(("reports",), (("alerts", LONG_AGO_MS),), "alerts", 1),
    _settings(("reports", "exports"), (("alerts", SINCE_MS), ("nobody", LONG_AGO_MS)), None, 2),
    _settings((), (("reports", SINCE_MS), ("exports", LONG_AGO_MS)), "reports", 3),
    _settings(("alerts", "exports", "reports"), (), None, 4),
    _settings((), (), None, 1, "users", "weekdays"),
    _settings((), (("alerts", SINCE_MS), ("nobody", LONG_AGO_MS)), None, 1, "users", "all"),
    _settings(("reports",), (("reports", LONG_AGO_MS),), "alerts", 2, "users", "weekdays"),
    _settings((), (), None, 1, "accounts", "all", "added", "ended"),
    _settings(("exports",), (), None, 2, "users", "all", "added", "touched"),
    _settings(
        ("exports", "reports"),
        (("alerts", LONG_AGO_MS), ("reports", SINCE_MS)),
        "exports",
        1,
        "users",
        until={"alerts": SINCE_MS},
        aliases={"exports": "reports"},
    ),
    _settings(
        (),
        (("alerts", LONG_AGO_MS), ("reports", SINCE_MS)),
        None,
        2,
        until={"alerts": SINCE_MS, "reports": LATER_MS},
    ),
]


def _use(story: Story) -> None:
    """Tells many uses of few features by two users, and how users come, go and are one."""
    rng = story.rng
    kind = rng.choices(
        ("feature.used", "session.ended", "user.added", "user.removed", "user.merged"),
        (20, 4, 2, 1, 0.5),
    )[0]
    user = rng.randint(1, 2)
    data: dict[str, Any] = {"user_id": f"u{user}"}
    if kind == "feature.used":
        data["feature"] = rng.choice(FEATURES)
    elif kind == "session.ended":
        data["duration_s"] = rng.randint(0, rng.choice((4_000, 200_000)))
        data["session_id"] = story.maybe(0.8, f"s{rng.randint(1, 4)}")
    elif kind == "user.merged":
        data["into_user_id"] = f"u{user + 1}"
    else:
        data["is_internal"] = story.maybe(0.1, rng.random() < 0.5)
    story.tell(kind, **data)


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings(settings: Settings) -> None:
    """What makes active, what is core, and the engagement action are as set, in SQL and here."""
    rng = Random(str(settings.policy))
    lines = stories(7, ACCOUNTS, (_use,))
    edges = random_edges(rng, EDGES)
    plan = Plan(Policy.model_validate(settings.policy), families=FAMILIES)
    ledger = folded_in_batches(lines, plan, rng)
    recomputed = Recomputation(lines, edges, settings.sql, FILES).figures()
    assert not differences(ledger, plan, recomputed, edges)
    moved = {series for series, _ in ledger.cells}
    assert ("engaged_users", "30d") in moved
    by_user = settings.policy["adoption_unit"] == "users"
    assert (("feature_users", "30d", "alerts") in moved) == by_user
    assert (("active_user_weekdays",) in moved) == (
        settings.policy["stickiness_days"] == "weekdays"
    )

"""KPIs that a setting chooses a formula for, or that read one: the readings against SQL."""

from fractions import Fraction
from math import isclose, isnan
from random import Random
from typing import Any, Final, NamedTuple

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS
from events import format_instant, parse_instant
from streams.local.intake import Intake
from tests.aggregates.reading.readings import evaluate
from tests.oracle.recomputation import Place, Recomputation
from tests.oracle.stories import BEGIN_MS, END_MS, stories

ACCOUNTS: Final = 240
EDGES: Final = 12
LONG_AGO_MS: Final = parse_instant("2020-01-01T00:00:00Z")
SINCE_MS: Final = parse_instant("2026-03-15T06:00:00Z")
LATER_MS: Final = parse_instant("2026-05-01T00:00:00Z")
KPIS: Final = (
    *("work_focus_ratio", "stickiness_ratio", "feature_adoption_ratio", "product_adoption_ratio"),
    "cac",
)


class Settings(NamedTuple):
    """The same settings as a policy and as SQL."""

    policy: dict[str, Any]
    sql: str


def _settings(
    unit: str, stickiness: str, work: str, lag: int, cap: int, *margins: tuple[int, str]
) -> Settings:
    dated = [{"valid_from": format_instant(at), "value": Fraction(text)} for at, text in margins]
    structs = ", ".join(f"{{'since_ms': {at}, 'share': {text}::DOUBLE}}" for at, text in margins)
    policy = {
        "adoption_unit": unit,
        "stickiness_days": stickiness,
        "work_basis": work,
        "cac_lag_months": lag,
        "ltv_cap_months": cap,
        "gross_margin": dated,
    }
    sql = f"""
        CREATE TABLE usage_policy AS SELECT
            []::VARCHAR[] AS active_features,
            []::STRUCT(feature VARCHAR, since_ms BIGINT, until_ms BIGINT)[] AS core_features,
            NULL::VARCHAR AS engagement_feature,
            1 AS engagement_days,
            '{unit}' AS adoption_unit,
            '{stickiness}' AS stickiness_days;
        CREATE TABLE work_policy AS SELECT '{work}' AS work_basis;
        CREATE TABLE cost_policy AS SELECT {lag} AS cac_lag_months;
        CREATE TABLE lifetime_policy AS
        SELECT [{structs}] AS margins, {cap} AS cap_months
    """
    return Settings(policy, sql)


SETTINGS: Final = [
    _settings("users", "weekdays", "tasks", 2, 4, (SINCE_MS, "0.5"), (LATER_MS, "0.25")),
    _settings("accounts", "weekdays", "seconds", 6, 1, (LATER_MS, "0.9")),
    _settings(
        "users", "all", "tasks", 1, 600, (LONG_AGO_MS, "0.75"), (SINCE_MS, "1"), (LATER_MS, "0")
    ),
]


class Both(NamedTuple):
    """One history read under some settings, and its recomputation."""

    found: dict[Place, tuple[float, ...]]
    oracle: Recomputation

    def values(self, kpi: str) -> dict[int, float]:
        """Returns the values of a KPI of one series, where it has one."""
        return {
            place.edge_ms: parts[0]
            for place, parts in self.found.items()
            if place.kpi == kpi and not isnan(parts[0])
        }


@pytest.fixture(scope="module", params=SETTINGS)
def both(request: pytest.FixtureRequest) -> Both:
    """Reads every KPI of random stories under some settings, and recomputes them."""
    settings: Settings = request.param
    rng = Random(str(settings.policy))
    lines = stories(10, ACCOUNTS)
    edges = sorted(rng.randrange(BEGIN_MS, END_MS) // TILE_MS * TILE_MS for _ in range(EDGES))
    plan = Plan(Policy.model_validate(settings.policy))
    intake = Intake(plan, 1, bulk=True)
    intake.take(lines)
    intake.settle()
    shipped = load(plan.measures.values(), shipped_source(), policy=plan.policy)
    tiles = [edge_ms // TILE_MS for edge_ms in edges]
    found = {}
    for result in evaluate(shipped, intake.shards[0].ledger, plan.calendar, tiles):
        labels = tuple(f"{name}={value}" for name, value in result.labels)
        parts = [part for part in (result.numerator, result.denominator) if part is not None]
        for column, edge_ms in enumerate(edges):
            figures = tuple(float(part[column]) for part in (result.values, *parts))
            found[Place(edge_ms, result.kpi.id, labels)] = figures
    return Both(found, Recomputation(lines, edges, settings.sql))


def test_quotients(both: Both) -> None:
    """A4, A7, W1, U2: value, numerator and denominator are SQL's under the settings."""
    quotients = {at: parts for at, parts in both.oracle.quotients().items() if at.kpi in KPIS}
    assert {place.kpi for place in quotients} == set(KPIS)
    for place, (above, below) in quotients.items():
        value, *parts = both.found[place]
        assert parts == [above, below], place
        assert isclose(value, above / below, rel_tol=1e-14) if below else isnan(value), place


def test_lifetime_values(both: Both) -> None:
    """U1: margin by date and cap are as set; none where no margin holds; clv_net less cac."""
    wanted = both.oracle.lifetime_values()
    assert wanted
    assert both.values("ltv") == pytest.approx(wanted, rel=1e-12)
    spent = {
        place.edge_ms: above / below
        for place, (above, below) in both.oracle.quotients().items()
        if place.kpi == "cac" and below
    }
    net = {edge_ms: wanted[edge_ms] - spent[edge_ms] for edge_ms in wanted.keys() & spent}
    assert both.values("clv_net") == pytest.approx(net, rel=1e-9)

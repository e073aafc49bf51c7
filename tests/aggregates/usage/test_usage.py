"""Usage and adoption: random lives of users against the definitions, counted the dull way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.policies.policy import Policy
from aggregates.rows.family import Family
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.time.tile import TILE_MS
from aggregates.time.zone import zone as rules_of
from aggregates.usage import (
    activity,
    adoption,
    engagement,
    life_cycle,
    seats,
    user_adoption,
    weekday_usage,
)
from tests.aggregates.folding import START, START_MS, Told, flow, fold, is_consistent, level, tell

BERLIN = "Europe/Berlin"
FAMILIES = (
    activity.FAMILY,
    life_cycle.FAMILY,
    engagement.FAMILY,
    adoption.FAMILY,
    seats.FAMILY,
    user_adoption.FAMILY,
    weekday_usage.FAMILY,
)
PLANS = {zone: Plan(Policy(timezone=zone), families=FAMILIES) for zone in ("UTC", BERLIN)}
SPAN_TILES = 75 * 96
USERS = ("u1", "u2", "u3", "u4")
FEATURES = ("alerts", "reports")
WINDOWS = {"1d": 1, "7d": 7, "30d": 30}
SETTINGS: list[dict[str, Any]] = [
    {},
    {"active_features": ["alerts"], "engagement_feature": "reports", "engagement_days": 3},
    {"active_features": ["alerts", "reports"], "engagement_days": 2, "timezone": BERLIN},
    {"core_features": ["alerts", {"feature": "reports", "valid_from": "2026-03-20T00:00:00Z"}]},
    {"adoption_unit": "users", "stickiness_days": "weekdays", "timezone": BERLIN},
    {"adoption_unit": "users", "core_features": ["alerts"], "active_features": ["reports"]},
]


@st.composite
def _facts(draw: st.DrawFn) -> list[Told]:
    facts = []
    for number in range(draw(st.integers(0, 25))):
        ms = START_MS + draw(st.integers(0, SPAN_TILES)) * TILE_MS + draw(st.integers(0, 899_999))
        user = draw(st.sampled_from(USERS))
        kind = draw(
            st.sampled_from(
                ["feature.used"] * 6
                + ["session.ended"] * 2
                + ["user.added", "user.added", "user.removed", "user.merged", "internal"]
            )
        )
        data: dict[str, object] = {"user_id": user}
        if kind == "feature.used":
            data["feature"] = draw(st.sampled_from(FEATURES))
        elif kind == "session.ended":
            data |= {
                "session_id": f"s{draw(st.integers(0, 9))}",
                "duration_s": draw(st.integers(0, 5000)),
            }
        elif kind == "user.merged":
            data["into_user_id"] = draw(st.sampled_from(USERS))
        elif kind == "internal":
            kind, data["is_internal"] = "user.added", draw(st.booleans())
        facts.append(Told(ms, 0, f"evt_{number}", kind, data))
    return facts


def _persons(facts: Sequence[Told]) -> dict[str, str]:
    """Returns the person behind each user: the last merge of each user holds."""
    into = {
        fact.data["user_id"]: fact.data["into_user_id"]
        for fact in sorted(facts, key=lambda fact: fact.order)
        if fact.type == "user.merged"
    }
    person = {}
    for user in USERS:
        path = [user]
        while path[-1] in into and into[path[-1]] not in path:
            path.append(into[path[-1]])
        ring = path[-1] in into
        person[user] = min(path[path.index(into[path[-1]]) :]) if ring else path[-1]
    return person


class Dull:
    """Counts from the facts themselves, one definition after the other."""

    def __init__(self, facts: Sequence[Told], zone: str) -> None:
        self._zone = rules_of(zone)
        self._person = _persons(facts)
        told = {}
        for fact in sorted(facts, key=lambda fact: fact.order):
            if "is_internal" in fact.data:
                told[fact.data["user_id"]] = fact.data["is_internal"]
        internal_persons = {self._person[user] for user, internal in told.items() if internal}
        self._internal = {user for user, internal in told.items() if internal}
        self._facts = [f for f in facts if self._person[f.data["user_id"]] not in internal_persons]
        self._uses = [f for f in facts if f.data["user_id"] not in self._internal]

    def _day(self, ms: int) -> object:
        moment = datetime.fromtimestamp(ms / 1000, tz=self._zone)
        return moment.date()

    def _days_before(self, edge: int, count: int) -> set[object]:
        last = datetime.fromtimestamp((edge * TILE_MS - 1) / 1000, tz=self._zone).date()
        return {last - timedelta(days=back) for back in range(count)}

    def active_users(self, edge: int, count: int) -> int:
        """Distinct persons with activity on one of the last days, before the edge."""
        days = self._days_before(edge, count)
        return len(
            {
                self._person[fact.data["user_id"]]
                for fact in self._facts
                if fact.type in ("feature.used", "session.ended")
                and fact.ms < edge * TILE_MS
                and self._day(fact.ms) in days
            }
        )

    def using(self, edge: int, feature: str | None) -> int:
        """Whether the account used a feature, or anything, in the last 30 days."""
        days = self._days_before(edge, 30)
        return int(
            any(
                fact.type in ("feature.used", "session.ended")
                and feature in (None, fact.data.get("feature"))
                and fact.ms < edge * TILE_MS
                and self._day(fact.ms) in days
                for fact in self._uses
            )
        )

    def users(self, edge: int) -> int:
        """Persons whose last coming or going before the edge was coming."""
        present: dict[str, bool] = {}
        for fact in sorted(self._facts, key=lambda fact: fact.order):
            if fact.type in ("user.added", "user.removed") and fact.ms < edge * TILE_MS:
                present[self._person[fact.data["user_id"]]] = fact.type == "user.added"
        return sum(present.values())

    def session_ms(self, first: int, edge: int) -> int:
        """Time of sessions that ended in the span; of two reports of a session the later holds."""
        reports: dict[object, tuple[int, int]] = {}
        for fact in self._facts:
            if fact.type == "session.ended":
                session = fact.data["user_id"], fact.data["session_id"]
                report = fact.ms // 1000, round(fact.data["duration_s"] * 1000)
                reports[session] = max(report, reports.get(session, report))
        tile_s = TILE_MS // 1000
        inside = [d for s, d in reports.values() if first * tile_s <= s < edge * tile_s]
        return sum(inside)

    def life_cycle(self, edge: int) -> tuple[int, int, int, int]:
        """Persons new, returning, resurrected and dormant."""
        now, both = self._days_before(edge, 30), self._days_before(edge, 60)
        active: dict[str, set[object]] = {}
        created: dict[str, int] = {}
        for fact in self._facts:
            person = self._person[fact.data["user_id"]]
            if fact.type in ("feature.used", "session.ended") and fact.ms < edge * TILE_MS:
                active.setdefault(person, set()).add(self._day(fact.ms))
            if fact.type in ("feature.used", "session.ended", "user.added"):
                created[person] = min(fact.ms, created.get(person, fact.ms))
        counts = [0, 0, 0, 0]
        for person, days in active.items():
            if not days & now:
                counts[3] += bool(days & both)
            elif self._day(created[person]) in now:
                counts[0] += 1
            else:
                counts[1 if days & (both - now) else 2] += 1
        return counts[0], counts[1], counts[2], counts[3]

    def activated(self, edge: int) -> int:
        """Persons who were ever active before the edge."""
        return len(
            {
                self._person[fact.data["user_id"]]
                for fact in self._facts
                if fact.type in ("feature.used", "session.ended") and fact.ms < edge * TILE_MS
            }
        )


def _life_cycle(shard: Shard, edge: int) -> tuple[int, int, int, int]:
    """Returns what the KPIs of the life cycle compute from the measures."""
    names = ("active_users", "active_users_lately", "active_users_before", "new_active_users")
    active, lately, before, new = (level(shard, (name, "30d"), edge) for name in names)
    return new, active + before - lately, lately - before - new, lately - active


def _agrees(shard: Shard, facts: Sequence[Told], zone: str, edge: int) -> None:
    dull = Dull(facts, zone)
    for name, count in WINDOWS.items():
        assert level(shard, ("active_users", name), edge) == dull.active_users(edge, count)
    for feature in FEATURES:
        found = level(shard, ("feature_accounts", "30d", feature), edge)
        assert found == dull.using(edge, feature)
    assert level(shard, ("active_accounts", "30d"), edge) == dull.using(edge, None)
    assert level(shard, ("users",), edge) == dull.users(edge)
    assert _life_cycle(shard, edge) == dull.life_cycle(edge)
    assert flow(shard, "session_time", START, edge) == dull.session_ms(START, edge)
    assert flow(shard, "activated_users", 0, edge) == dull.activated(edge)


@pytest.mark.parametrize("zone", PLANS)
@given(
    facts=_facts(), edge=st.integers(START - 10, START + SPAN_TILES + 40 * 96), seed=st.integers()
)
def test_readings_are_the_definitions(zone: str, facts: list[Told], edge: int, seed: int) -> None:
    """At any edge, in any order, with repeats and any flushes: the figures are as defined."""
    random = Random(seed)
    told = [*facts, *random.sample(facts, len(facts) // 2)]
    random.shuffle(told)
    shard = fold(PLANS[zone], "usage", told, batch=random.randint(1, 9))
    _agrees(shard, facts, zone, edge)


@pytest.mark.parametrize("settings", SETTINGS)
@given(facts=_facts(), seed=st.integers())
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


@given(facts=_facts(), batch=st.integers(1, 9))
def test_a_family_that_tells_no_changes_is_settled(facts: list[Told], batch: int) -> None:
    """A family over users need not tell what a day changes: its ledger is the same."""
    told = activity.FAMILY
    plain = Family(told.name, told.reads, told.measures, told.contributions)
    settled = fold(Plan(families=[plain, adoption.FAMILY]), "usage", facts, batch)
    followed = fold(Plan(families=[told, adoption.FAMILY]), "usage", facts, batch)
    assert settled.ledger == followed.ledger


@given(facts=_facts(), cut=st.integers(0, 25))
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

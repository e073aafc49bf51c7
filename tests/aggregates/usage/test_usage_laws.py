"""Laws of usage: shares are shares, merged users are one, and parts are of the same days."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.shard.plan import Plan
from aggregates.time.tile import tile_of
from events import parse_instant
from tests.aggregates.folding import START, START_MS, Told, fold
from tests.aggregates.usage.test_usage import FAMILIES, SETTINGS
from tests.aggregates.usage.usage_oracle import KINDS, SPAN_TILES, Dull, histories, person_of
from tests.examples import examples

ZONES = (
    *("America/Los_Angeles", "America/New_York", "Europe/Berlin", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "UTC"),
)
"""Zones whose clocks change in March and April, by an hour or half of one, and some that do not."""
SHARES = {
    "stickiness_ratio",
    "daily_usage_ratio",
    "adoption_ratio",
    "engagement_ratio",
    "product_adoption_ratio",
    "feature_adoption_ratio",
}
_PLACES = st.tuples(st.sampled_from(range(len(SETTINGS))), st.sampled_from(ZONES))
_LIVES = tuple(kind for kind in KINDS if kind != "user.merged")
_EDGES = st.lists(st.integers(START - 10, START + SPAN_TILES + 40 * 96), min_size=1, max_size=20)


@cache
def planned(place: tuple[int, str]) -> tuple[Plan, Catalogue]:
    """Returns a plan, and the catalogue under its settings, of one of some and a zone."""
    policy = Policy.model_validate(
        {"session_days": "touched", **SETTINGS[place[0]], "timezone": place[1]}
    )
    catalogue = load(Plan(policy).measures.values(), shipped_source(), policy=policy)
    return Plan(policy, families=FAMILIES), catalogue


def readings(
    place: tuple[int, str], facts: list[Told], edges: list[int], ids: Iterable[str]
) -> list[Result]:
    """Reads some KPIs at some edges."""
    plan, catalogue = planned(place)
    ledger = fold(plan, "usage", facts, bulk=True).ledger
    kpis = [catalogue[kpi] for kpi in ids]
    return Reader(ledger, plan.calendar).evaluate(catalogue, edges, kpis=kpis)


@examples(60)
@given(place=_PLACES, facts=histories(), edges=_EDGES)
def test_a_share_is_one(place: tuple[int, str], facts: list[Told], edges: list[int]) -> None:
    """Every share of usage lies from 0 to 1 or has no value: at any edge, setting and zone."""
    days = [planned(place)[0].calendar.day_around(edge)[0] for edge in edges]
    around = [tile for day in days for tile in (day - 1, day, day + 1)]
    found = readings(place, facts, [*edges, *around], sorted(SHARES))
    assert {result.kpi.id for result in found} >= SHARES - {"feature_adoption_ratio"}
    for result in found:
        assert not ((result.values < 0) | (result.values > 1)).any(), result.kpi.id


@examples(60)
@given(
    place=_PLACES,
    facts=histories(_LIVES),
    merged=st.lists(st.sampled_from([("u2", "u1"), ("u3", "u2"), ("u4", "u3")]), unique=True),
    at=st.lists(st.integers(0, SPAN_TILES), min_size=3, max_size=3),
    batch=st.integers(1, 9),
)
def test_merged_users_were_one_from_the_start(
    place: tuple[int, str],
    facts: list[Told],
    merged: list[tuple[str, str]],
    at: list[int],
    batch: int,
) -> None:
    """Whenever a merge is told, the ledger is that of a history told under one user."""
    plan, _ = planned(place)
    merges = [
        Told(START_MS + tile * 900_000, 0, f"merge_{user}", "user.merged", data)
        for tile, (user, into) in zip(at, merged, strict=False)
        for data in ({"user_id": user, "into_user_id": into},)
    ]
    person = person_of(merges)
    renamed = [
        fact._replace(data={**fact.data, "user_id": person[fact.data["user_id"]]}) for fact in facts
    ]
    told = sorted([*facts, *merges], key=lambda fact: fact.id[::-1])
    one = fold(plan, "usage", renamed, bulk=True).ledger
    assert fold(plan, "usage", told, batch).ledger == one


@examples(60)
@given(zone=st.sampled_from(ZONES), facts=histories(), edge=st.sampled_from(range(-9, 9600, 37)))
def test_parts_are_of_the_same_days(zone: str, facts: list[Told], edge: int) -> None:
    """Stickiness and time by user divide days and time of the last 30 local days by their users."""
    dull, at = Dull(facts, zone), START + edge
    results = readings((0, zone), facts, [at], ["stickiness_ratio", "session_seconds_per_user"])
    found = {r.kpi.id: float(r.values[0]) for r in results}
    users = dull.active_users(at, 30)
    if users:
        assert found["stickiness_ratio"] == pytest.approx(dull.user_days(at) / 30 / users)
        time_ms = dull.session_ms(at, dull.days_before(at, 30))
        assert found["session_seconds_per_user"] == pytest.approx(time_ms / 1000 / users)


SESSION = {"user_id": "u", "session_id": "s", "duration_s": 40 * 60}
MIDNIGHT = "2026-03-04T00:00:00Z"


@pytest.mark.parametrize(
    ("told", "settings", "active"),
    [
        ({}, {}, {"03T23:45": 1, "04T00:00": 1, "04T00:15": 1, "04T00:30": 1, "05T00:15": 0}),
        ({}, {"session_days": "ended"}, {"04T00:00": 0, "04T00:30": 1}),
        ({"started_at": "2026-03-02T09:00:00Z"}, {}, {"02T09:15": 1, "03T00:15": 1, "04T00:00": 1}),
        ({"started_at": "2026-03-04T00:10:00Z"}, {}, {"04T00:00": 0, "04T00:15": 1}),
        ({"started_at": "2026-03-05T00:00:00Z"}, {}, {"04T00:15": 0, "04T00:30": 1}),
        ({}, {"active_features": ["alerts"]}, {"04T00:00": 0, "04T00:30": 0}),
        ({}, {"timezone": "Europe/Berlin"}, {"03T23:30": 0, "03T23:45": 1, "04T23:15": 0}),
    ],
)
def test_a_session_is_on_each_day_that_it_touches(
    told: dict[str, Any], settings: dict[str, Any], active: dict[str, int]
) -> None:
    """One from 23:40 to 00:20 UTC: by its start, else by its duration; or on its last day only."""
    policy = Policy.model_validate({"session_days": "touched", **settings})
    plan = Plan(policy, families=FAMILIES)
    end_ms = parse_instant(MIDNIGHT) + 20 * 60_000
    facts = [Told(end_ms, 0, "e", "session.ended", {**SESSION, **told})]
    for batch, bulk in ((1, False), (1, True)):
        ledger = fold(plan, "usage", facts, batch, bulk=bulk).ledger
        for at, users in active.items():
            edge = tile_of(parse_instant(f"2026-03-{at}:00Z"))
            assert ledger.level(("active_users", "1d"), ("unknown",), edge) == users, at

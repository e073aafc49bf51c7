"""Usage where settings count something else: single users, weekdays. Stories begin on a Monday."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.time.calendar import Calendar
from aggregates.usage import weekday_usage
from tests.aggregates.folding import DAY, START, Told, fold, story
from tests.aggregates.reading.kpi_ledger import read
from tests.aggregates.usage.test_usage import FAMILIES
from tests.aggregates.usage.test_usage_kpis import BREADTH, Step, added, used, visited

BERLIN = "Europe/Berlin"


def kpis(day: float, *steps: Step, **settings: Any) -> dict[tuple[str, ...], float]:
    """Reads the KPIs some days after the start by id and labels, settled step by step."""
    return read_of(day, story(steps), **settings)


def read_of(day: float, facts: list[Told], **settings: Any) -> dict[tuple[str, ...], float]:
    """Reads the KPIs of facts."""
    plan = Plan(Policy.model_validate(settings), families=FAMILIES)
    shipped = load(Plan(plan.policy).measures.values(), shipped_source(), policy=plan.policy)
    return read(fold(plan, "usage", facts, batch=1).ledger, START + round(day * DAY), shipped)


CORE = ["alerts", "reports"]


@pytest.mark.parametrize(
    ("day", "core", "accounts", "users"),
    [
        (4, CORE, 0.75, 3 / 6),
        (4, [*CORE, "unused", "other"], 0.375, 3 / 12),
        (4, [], 4 / 6, 4 / 9),
        (4, ["alerts"], 1, 2 / 3),
        (4, ["unused"], 0, 0),
        (32, CORE, 0.5, 2 / 4),
        (33, CORE, None, None),
    ],
)
def test_breadth(day: int, core: list[str], accounts: float | None, users: float | None) -> None:
    """A4: the mean over active accounts, or users, of the core features in use."""
    for unit, ratio in (("accounts", accounts), ("users", users)):
        found = kpis(day, *BREADTH, core_features=core, adoption_unit=unit)
        wanted = None if ratio is None else pytest.approx(ratio)
        assert found.get(("product_adoption_ratio", "30d")) == wanted, unit


def test_depth() -> None:
    """A4: by feature, the share of active accounts, or users; each user counts once."""
    steps = [*BREADTH, used(3, "alerts", "u", "a"), visited(2, "x")]
    by_account = kpis(4, *steps)
    by_user = kpis(4, *steps, adoption_unit="users")
    depth = {name: ("feature_adoption_ratio", name, "30d") for name in ("alerts", "extra")}
    assert [by_account[key] for key in depth.values()] == [1, 0.5]
    assert [by_user[key] for key in depth.values()] == [2 / 4, 1 / 4]


def test_users_are_persons() -> None:
    """Merged users are one in adoption; internal ones are in none, also when learned late."""
    merge: Step = (24 * 3, "user.merged", {"user_id": "v", "into_user_id": "u", "account_id": "a"})
    known: Step = (*added(3, "w")[:2], {**added(3, "w")[2], "is_internal": True, "account_id": "b"})
    found = kpis(4, *BREADTH, merge, known, adoption_unit="users")
    assert found["feature_adoption_ratio", "alerts", "30d"] == 1
    assert found["product_adoption_ratio", "30d"] == 1
    assert ("feature_adoption_ratio", "extra", "30d") not in found


@pytest.mark.parametrize(
    ("day", "steps", "every", "weekdays"),
    [
        (30, [used(n) for n in range(30)], 1, 1),
        (30, [used(n) for n in range(30) if n % 7 < 5], 22 / 30, 1),
        (30, [used(5), used(6)], 2 / 30, 0),
        (30, [used(0), used(5)], 2 / 30, 1 / 22),
        (36, [used(7), used(35, user="v")], 2 / 60, 2 / 21 / 2),
        (35, [used(7)], 1 / 30, 1 / 20),
        (35.5, [used(7)], 1 / 30, 1 / 21),
        (34.5, [used(4.25), used(7)], 1 / 30, 1 / 20),
        (34.5, [used(4.75), used(7)], 1 / 30, 1 / 20),
        (33.5, [used(4.75), used(7)], 2 / 30, 2 / 21),
        (90, [used(7)], None, None),
    ],
)
def test_stickiness(
    day: float, steps: list[Step], every: float | None, weekdays: float | None
) -> None:
    """A7: mean of the last 30 local days, or weekdays of them, by the users active in them."""
    for days, ratio in (("all", every), ("weekdays", weekdays)):
        found = kpis(day, *steps, stickiness_days=days).get(("stickiness_ratio", "30d"))
        assert found == (None if ratio is None else pytest.approx(ratio, rel=1e-12)), days


def test_weekdays_are_local() -> None:
    """Late on Friday in UTC is Saturday in Berlin, and late on Sunday is Monday."""
    friday, sunday = used(4 + 23.5 / 24), used(6 + 23.5 / 24)
    series = ("active_user_weekdays",)
    for zone, counted in (("UTC", START + 4 * DAY + 94), (BERLIN, START + 6 * DAY + 94)):
        policy = Policy(stickiness_days="weekdays", timezone=zone)
        plan = Plan(policy, families=[weekday_usage.FAMILY])
        ledger = fold(plan, "usage", story([friday, sunday])).ledger
        assert [dict(cells) for cells in ledger.cells.values()] == [{counted: 1}], zone
        assert {key[0] for key in ledger.cells} == {series}


@pytest.mark.parametrize("setting", ["adoption_unit", "stickiness_days"])
def test_what_is_not_asked_for_is_not_counted(setting: str) -> None:
    """By default families of single users and of weekdays are not in force: they cost nothing."""
    other = {"adoption_unit": "users", "stickiness_days": "weekdays"}[setting]
    in_force = {family.name for family in Plan().families["user"]}
    chosen = {
        family.name for family in Plan(Policy.model_validate({setting: other})).families["user"]
    }
    assert len(chosen - in_force) == 1
    assert in_force == {"engagement", "life_cycle", "usage"}


def test_weekdays_of_a_week_with_a_shorter_sunday() -> None:
    """A week has five weekdays in any zone, in spring too."""
    for zone in ("UTC", BERLIN, "America/New_York", "Asia/Kathmandu"):
        calendar = Calendar(zone)
        first = calendar.day_of(START + 48)
        starts = [calendar.day_start(first + 7 * n) for n in range(60)]
        for begin, end in pairwise(starts):
            assert calendar.weekdays_between(np.array([begin]), np.array([end])) == 5

"""KPIs of usage: each rule by stories told in days after the start, read by the catalogue."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from tests.aggregates.folding import DAY, START, fold, story
from tests.aggregates.reading.kpi_ledger import read
from tests.aggregates.usage.test_usage import FAMILIES

Step = tuple[float, str, Mapping[str, Any]]

LIFE_CYCLE = ("new_users", "returning_users", "resurrected_users", "dormant_users")
NEW, RETURNING, RESURRECTED, DORMANT, GONE = (
    (1, 0, 0, 0),
    (0, 1, 0, 0),
    (0, 0, 1, 0),
    (0, 0, 0, 1),
    (0, 0, 0, 0),
)


def used(day: float, feature: str = "alerts", user: str = "u", account: str = "a") -> Step:
    """Tells a use."""
    data = {"user_id": user, "feature": feature, "account_id": account}
    return 24 * day, "feature.used", data


def visited(day: float, user: str = "u") -> Step:
    """Tells a session."""
    return 24 * day, "session.ended", {"user_id": user, "duration_s": 60, "account_id": "a"}


def added(day: float, user: str = "u") -> Step:
    """Tells that a user was added."""
    return 24 * day, "user.added", {"user_id": user, "account_id": "a"}


def seated(day: float, seats: int, account: str = "a") -> Step:
    """Tells a number of seats."""
    return 24 * day, "seats.set", {"seats": seats, "account_id": account}


def kpis(day: int, *steps: Step, **settings: Any) -> dict[str, float]:
    """Reads the KPIs without labels of their own at the end of a day, settled step by step."""
    plan = Plan(Policy.model_validate(settings), families=FAMILIES)
    shard = fold(plan, "usage", story(steps), batch=1)
    found = read(shard.ledger, START + (day + 1) * DAY)
    return {key[0]: value for key, value in found.items() if key[1:] == ("30d",)}


@pytest.mark.parametrize(
    ("steps", "readings"),
    [
        ([], [(0, GONE)]),
        ([used(0)], [(0, NEW), (29, NEW), (30, DORMANT), (59, DORMANT), (60, GONE)]),
        ([added(-3), used(0)], [(0, NEW), (26, NEW), (27, RESURRECTED), (30, DORMANT)]),
        ([added(-30), used(0)], [(0, RESURRECTED)]),
        ([added(0), used(40)], [(39, GONE), (40, RESURRECTED), (70, DORMANT)]),
        ([used(0), added(9)], [(9, NEW), (29, NEW), (30, DORMANT)]),
        ([used(0), used(20)], [(29, NEW), (30, RETURNING), (49, RETURNING), (50, DORMANT)]),
        ([used(0), used(40)], [(39, DORMANT), (40, RETURNING), (60, RESURRECTED), (70, DORMANT)]),
        ([used(0), used(60)], [(59, DORMANT), (60, RESURRECTED), (89, RESURRECTED)]),
        ([visited(0), used(30)], [(30, RETURNING)]),
        ([used(20), used(0)], [(20, NEW), (30, RETURNING)]),
        ([used(20), added(40), added(0)], [(20, NEW), (29, NEW), (30, RESURRECTED)]),
    ],
)
def test_life_cycle(steps: list[Step], readings: list[tuple[int, tuple[int, ...]]]) -> None:
    """New by creation; returning if active in the window before; else resurrected; or dormant."""
    for day, expected in readings:
        found = kpis(day, *steps)
        assert tuple(found[name] for name in LIFE_CYCLE) == expected, day


def test_life_cycle_makes_up_active_users() -> None:
    """New, returning and resurrected users are the active ones, each in one place."""
    steps = [added(0, "a"), added(0, "b"), used(3, user="a"), used(35, user="a")]
    steps += [used(2, user="b"), used(33, user="c"), used(-40, user="d"), used(34, user="d")]
    found = kpis(36, *steps)
    assert [found[name] for name in LIFE_CYCLE] == [1, 1, 1, 1]
    assert found["active_users"] == 3


@pytest.mark.parametrize(
    ("steps", "settings", "ratio"),
    [
        ([visited(1)], {}, 0),
        ([used(1)], {}, 1),
        ([used(1), visited(1, "v")], {}, 0.5),
        ([used(1, "alerts"), used(1, "reports", "v")], {"engagement_feature": "reports"}, 0.5),
        ([used(1), used(1.1), used(1.2)], {"engagement_days": 2}, 0),
        ([used(1), used(2)], {"engagement_days": 2}, 1),
        ([used(1, "alerts"), used(2, "reports")], {"engagement_days": 2}, 1),
        ([used(-25), used(4)], {"engagement_days": 2}, 1),
        ([used(-26), used(4)], {"engagement_days": 2}, 0),
        (
            [used(1, "reports"), used(2, "alerts"), used(3, "reports")],
            {"engagement_feature": "reports", "engagement_days": 3},
            0,
        ),
        ([used(1, "alerts"), used(2, "reports")], {"active_features": ["reports"]}, 1),
    ],
)
def test_engagement(steps: list[Step], settings: dict[str, Any], ratio: float) -> None:
    """Users with the action on enough days of the window, each day once, by active users."""
    assert kpis(4, *steps, **settings)["engagement_ratio"] == ratio


def test_nobody_active() -> None:
    """Without active users, active accounts or seats the ratios have no value."""
    ratios = {"engagement_ratio", "product_adoption_ratio", "seat_utilisation_ratio"}
    assert not ratios & kpis(4).keys()


def test_active_features() -> None:
    """With features named only their use makes active: no session, no other use; time is theirs."""
    steps = [used(1, "reports", "u"), used(1, "alerts", "v"), visited(1, "w"), added(0, "v")]
    named = kpis(2, *steps, active_features=["reports", "exports"])
    assert (named["active_users"], kpis(2, *steps)["active_users"]) == (1, 3)
    assert named["adoption_ratio"] == 1 / 3
    assert named["session_seconds_per_user"] == 0
    again = kpis(2, *steps, visited(1, "u"), active_features=["reports", "exports"])
    assert again["session_seconds_per_user"] == 60


CORE = ["alerts", "reports"]
BREADTH = [
    used(1, "alerts", "u", "a"),
    used(2, "reports", "v", "a"),
    used(2, "alerts", "w", "b"),
    used(2, "extra", "w", "b"),
]


@pytest.mark.parametrize(
    ("day", "steps", "core", "ratio"),
    [
        (3, BREADTH, CORE, 0.75),
        (3, BREADTH, [*CORE, "unused", "other"], 0.375),
        (3, BREADTH, [], 4 / 6),
        (3, [visited(1)], CORE, 0),
        (3, [visited(1)], [], None),
        (3, [visited(1), used(2, "alerts", "u", "b")], [], 0.5),
        (31, BREADTH, CORE, 0.5),
        (32, BREADTH, CORE, None),
        (3, BREADTH, ["alerts", {"feature": "x", "valid_from": "2026-03-06T00:00:00Z"}], 1),
        (4, BREADTH, ["alerts", {"feature": "x", "valid_from": "2026-03-06T00:00:00Z"}], 0.5),
    ],
)
def test_product_adoption(
    day: int, steps: list[Step], core: list[Any], ratio: float | None
) -> None:
    """The mean over active accounts of the core features in use; none named: all in use."""
    found = kpis(day, *steps, core_features=core).get("product_adoption_ratio")
    assert found == (None if ratio is None else pytest.approx(ratio))


def test_seats() -> None:
    """Active users by seats: the last number of each account counts, 0 too."""
    steps = [used(1), used(1, user="v"), seated(0, 10), seated(2, 4), seated(2, 4, "b")]
    assert kpis(1, *steps)["seat_utilisation_ratio"] == 0.2
    assert kpis(2, *steps)["seat_utilisation_ratio"] == 0.25
    assert kpis(3, *steps, seated(3, 0, "b"))["seat_utilisation_ratio"] == 0.5
    assert "seat_utilisation_ratio" not in kpis(3, used(1), seated(1, 5), seated(3, 0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"core_features": ["a", {"feature": "a"}]},
        {"core_features": [""]},
        {"core_features": [{"feature": "a", "valid_from": "soon"}]},
        {"core_features": "alerts"},
        {"active_features": [""]},
        {"engagement_feature": ""},
        {"engagement_days": 0},
        {"engagement_days": 31},
    ],
)
def test_wrong_settings(wrong: dict[str, Any]) -> None:
    """Names that are empty or twice, instants that are none and days outside 30 are refused."""
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)

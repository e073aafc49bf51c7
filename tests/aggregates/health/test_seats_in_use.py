"""Seats in use: users and seats of accounts whose licence runs."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.health.bands import FAMILY as BANDS
from aggregates.health.seats_in_use import FAMILY
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from tests.aggregates.folding import DAY, START, Told, decoded, is_consistent, level, story, tell
from tests.aggregates.usage.test_usage import FAMILIES
from tests.aggregates.usage.usage_oracle import BERLIN, histories
from tests.examples import examples

Step = tuple[float, str, Mapping[str, Any]]
IN_PLACE: Final = {"replaces_subscription_id": "s"}


def seats(day: float, number: int) -> Step:
    """Tells a number of seats."""
    return 24 * day, "seats.set", {"seats": number}


def used(day: float, user: str = "u") -> Step:
    """Tells a use."""
    return 24 * day, "feature.used", {"user_id": user, "feature": "alerts"}


def removed(day: float, user: str = "u") -> Step:
    """Tells that a user was removed."""
    return 24 * day, "user.removed", {"user_id": user}


def pays(day: float, sub: str = "s", status: str = "active", **more: Any) -> Step:
    """Tells a state of a subscription."""
    item = {"item_id": "i", "amount": 100, "currency": "USD", "interval": "month"}
    data = {"subscription_id": sub, "status": status, "items": [item], **more}
    return 24 * day, "subscription.updated", data


def ended(day: float, sub: str = "s") -> Step:
    """Tells the end of a subscription."""
    return 24 * day, "subscription.deleted", {"subscription_id": sub}


@pytest.mark.parametrize(
    ("steps", "settings", "expected"),
    [
        ([used(9)], {}, (0, 0)),
        ([seats(0, 4), used(9)], {}, (1, 4)),
        ([seats(0, 4), used(9), seats(9.5, 0)], {}, (0, 0)),
        ([seats(0, 1), used(8, "v"), used(9), removed(9.5, "v")], {}, (1, 1)),
        ([seats(0, 4), used(8), pays(0), ended(9)], {}, (0, 0)),
        ([seats(0, 4), used(8), pays(0), ended(9)], {"seat_accounts": "told"}, (1, 4)),
        ([seats(0, 4), used(8), pays(0), pays(1, "t"), ended(9)], {}, (1, 4)),
        ([seats(0, 4), used(8), pays(0), pays(1, "t", **IN_PLACE), ended(9, "t")], {}, (0, 0)),
        ([seats(0, 4), used(8), pays(0), pays(1, "t", **IN_PLACE), ended(9)], {}, (1, 4)),
        ([seats(0, 4), used(8), pays(0), ended(5), pays(6, "t", "trialing")], {}, (1, 4)),
        ([seats(0, 4), used(8), pays(0, cancel_at="2026-03-10T00:00:00Z")], {}, (0, 0)),
        ([seats(0, 4), used(8), pays(0, cancel_at="2026-03-20T00:00:00Z")], {}, (1, 4)),
        ([seats(0, 4), used(8), pays(0), pays(2, status="canceled")], {}, (0, 0)),
        ([seats(0, 4), used(8), pays(0), pays(2, status="paused")], {}, (1, 4)),
        ([seats(0, 4), used(8), pays(12)], {}, (1, 4)),
    ],
)
def test_seats(steps: list[Step], settings: dict[str, Any], expected: tuple[int, int]) -> None:
    """Active users who are users, and seats, of an account with seats that has not left."""
    for order in (1, -1):
        shard = Shard(Plan(Policy.model_validate(settings), families=[FAMILY]))
        for fact in story(steps)[::order]:
            topic = "subscription" if fact.type.startswith("subscription") else "usage"
            tell(shard, topic, [fact], 1)
        edge = START + 10 * DAY
        names = (("seated_active_users", "30d"), ("licensed_seats",))
        assert tuple(level(shard, name, edge) for name in names) == expected
        assert is_consistent(shard)


_SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"timezone": BERLIN},
    {"user_basis": "added"},
    {"active_features": ["alerts"]},
)
_LICENCES = st.lists(
    st.tuples(
        st.integers(0, 75),
        st.sampled_from([seats(0, 3), seats(0, 0), pays(0), ended(0), pays(0, status="paused")]),
    ),
    max_size=4,
)


@examples(60)
@given(
    settings=st.sampled_from(_SETTINGS),
    lives=histories(),
    licences=_LICENCES,
    batch=st.integers(1, 5),
    deferred=st.sampled_from([None, 0, 1]),
    data=st.data(),
)
def test_law_whoever_follows_uses(
    settings: dict[str, Any],
    lives: list[Told],
    licences: list[tuple[int, Step]],
    batch: int,
    deferred: int | None,
    data: st.DataObject,
) -> None:
    """Law: followed day by day or not, settled late or not, it is what all of the rows give."""
    steps = [(24.0 * day, kind, told) for day, (_, kind, told) in licences]
    facts = data.draw(st.permutations([*lives, *story(steps, "licence")]))
    shard = Shard(Plan(Policy.model_validate(settings), families=[BANDS, *FAMILIES]))
    tell(shard, "usage", story([seats(0, 2)], "seats"), 1)
    for first in range(0, len(facts), batch):
        for fact in facts[first : first + batch]:
            topic = "subscription" if fact.type.startswith("subscription") else "usage"
            assert not shard.fold(topic, decoded([fact]))
        shard.settle(deferred)
    shard.settle()
    assert is_consistent(shard)

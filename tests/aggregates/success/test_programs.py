"""Programmes: paying accounts that take part."""

import pytest

from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.success import programs
from tests.aggregates.folding import is_consistent, level, retraction, story, tell
from tests.aggregates.success.account_story import Step, day

PLAN = Plan(families=[programs.FAMILY])
ITEM = {"amount": 4_900, "currency": "USD", "interval": "month"}


def part(on_day: float, program: str = "webinar") -> Step:
    """Tells that the account took part, on a day after the start."""
    return 24 * on_day, "program.participated", {"program": program}


def pays(on_day: float, status: str = "active") -> Step:
    """Tells the state of the account's subscription."""
    data = {"subscription_id": "s1", "status": status, "items": [ITEM]}
    return 24 * on_day, "subscription.updated", data


def folded(*steps: Step, account_first: bool = True) -> Shard:
    """Folds facts of both topics."""
    facts = story(steps)
    shard = Shard(PLAN)
    for topic in ("account", "subscription")[:: 1 if account_first else -1]:
        own = [f for f in facts if f.type.startswith("subscription") == (topic != "account")]
        tell(shard, topic, own, 1)
    return shard


def engaged(shard: Shard, *days: float) -> list[int]:
    """Reads the figure on some days."""
    return [level(shard, ("program_accounts", "90d"), day(number)) for number in days]


ENGAGED: list[tuple[list[Step], list[int]]] = [
    ([], [0, 0, 0, 0]),
    ([part(1)], [0, 0, 0, 0]),
    ([pays(0)], [0, 0, 0, 0]),
    ([pays(0), part(1)], [1, 1, 1, 0]),
    ([pays(0), part(1), part(50, "qbr")], [1, 1, 1, 1]),
    ([part(1), pays(20)], [0, 1, 1, 0]),
    ([pays(0), part(1), pays(20, "canceled")], [1, 0, 0, 0]),
    ([pays(0), part(1), pays(20, "canceled"), pays(80)], [1, 0, 1, 0]),
]


@pytest.mark.parametrize(("steps", "expected"), ENGAGED)
def test_engaged(steps: list[Step], expected: list[int]) -> None:
    """A9: took part within 90 days and pays at T; who stops paying is out while it does not."""
    shard = folded(*steps)
    assert engaged(shard, 10, 30, 90, 92) == expected
    assert folded(*steps, account_first=False).ledger == shard.ledger
    assert is_consistent(shard)


def test_retracted_participation() -> None:
    """A participation that is taken back never was one."""
    shard = folded(pays(0), part(1), part(3))
    tell(shard, "account", [retraction("evt_2"), retraction("evt_3")], 1)
    assert engaged(shard, 2, 10) == [0, 0]
    tell(shard, "account", story([part(5)], prefix="again"), 1)
    assert engaged(shard, 2, 10) == [0, 1]
    assert is_consistent(shard)

"""Accounts on their way: onboarding, time to value, milestones."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.policies.policy import Policy
from aggregates.rows.family import Family
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.success import onboarding, progress
from aggregates.success.milestones import MILESTONES
from aggregates.time.tile import TILE_MS
from events import topic_of
from tests.aggregates.folding import (
    DAY,
    HOUR_MS,
    START_MS,
    Told,
    durations,
    fold,
    is_consistent,
    level,
    readings,
    restored,
    story,
    tell,
)
from tests.aggregates.success.account_story import Step, check_any_order, day, edge, instant
from tests.examples import examples

FAMILIES: list[Family[Any]] = [onboarding.FAMILY, progress.FAMILY]
PLAN = Plan(families=FAMILIES)
EXAMPLES = examples(100)

STARTED, COMPLETED = "onboarding.started", "onboarding.completed"
CANCELLED = "onboarding.cancelled"
PAYS, ENDS = "subscription.updated", "subscription.deleted"
REACHED, CREATED = "milestone.reached", "account.created"


def folded(*steps: Step, plan: Plan = PLAN, usage_first: bool = False) -> Shard:
    """Folds facts of an account, those of the account topic and those of the usage topic."""
    facts = story(steps)
    shard = Shard(plan)
    for topic in ("usage", "account")[:: 1 if usage_first else -1]:
        own = [fact for fact in facts if (fact.type == REACHED) == (topic == "usage")]
        tell(shard, topic, own, 1)
    return shard


def hours_of(shard: Shard, name: str, at: int, *labels: str) -> tuple[int, float]:
    """Reads a duration over 90 days: how many, and their sum in hours."""
    counts, total_ms = durations(shard, name, "90d", at, *labels)
    return sum(counts.values()), total_ms / HOUR_MS


def reached(hours: float, milestone: str = "first_value") -> Step:
    """Tells that a milestone was reached."""
    return hours, REACHED, {"milestone": milestone}


ONBOARDED: list[tuple[list[tuple[float, str]], tuple[int, float], list[int]]] = [
    ([], (0, 0), []),
    ([(1, STARTED)], (0, 0), list(range(1, 50))),
    ([(1, COMPLETED)], (0, 0), []),
    ([(1, STARTED), (9, COMPLETED)], (1, 8), list(range(1, 9))),
    ([(1, STARTED), (5, STARTED), (9, COMPLETED)], (1, 4), list(range(1, 9))),
    ([(1, STARTED), (9, COMPLETED), (20, COMPLETED)], (1, 8), list(range(1, 9))),
    ([(1, STARTED), (9, COMPLETED), (20, STARTED)], (1, 8), [*range(1, 9), *range(20, 50)]),
    (
        [(1, STARTED), (9, COMPLETED), (20, STARTED), (22, COMPLETED)],
        (2, 10),
        [*range(1, 9), 20, 21],
    ),
    ([(9, COMPLETED), (20, STARTED)], (0, 0), list(range(20, 50))),
    ([(1, CANCELLED)], (0, 0), []),
    ([(1, STARTED), (9, CANCELLED)], (0, 0), list(range(1, 9))),
    ([(1, STARTED), (9, CANCELLED), (20, COMPLETED)], (0, 0), list(range(1, 9))),
    (
        [(1, STARTED), (9, CANCELLED), (20, STARTED), (22, COMPLETED)],
        (1, 2),
        [*range(1, 9), 20, 21],
    ),
]


@pytest.mark.parametrize(("steps", "expected", "is_open"), ONBOARDED)
def test_onboarding(
    steps: list[tuple[float, str]], expected: tuple[int, float], is_open: list[int]
) -> None:
    """A1: completed - last start, by completion; open from the first start to completion."""
    shard = folded(*((hours, kind, {}) for hours, kind in steps))
    assert hours_of(shard, "onboarding", day(3)) == expected
    hours = [h for h in range(50) if level(shard, ("onboardings_open",), edge(h))]
    assert hours == is_open


def paying(hours: float, status: str = "active", sub: str = "s", **more: Any) -> Step:
    """Tells a state of a subscription."""
    return hours, PAYS, {"subscription_id": sub, "status": status, "items": [], **more}


def ended(hours: float, sub: str = "s") -> Step:
    """Tells the end of a subscription."""
    return hours, ENDS, {"subscription_id": sub}


START: Final[Step] = (1, STARTED, {})
IN_PLACE: Final = {"replaces_subscription_id": "s"}
LEFT: list[tuple[list[Step], list[int]]] = [
    ([START, paying(2), ended(20)], list(range(1, 20))),
    ([paying(0), START, ended(20), paying(30, sub="b")], [*range(1, 20), *range(30, 50)]),
    ([paying(0), ended(0.5), START], []),  # it left before
    ([paying(0), START, paying(20, "paused")], list(range(1, 50))),
    ([paying(0), START, paying(20, "unpaid")], list(range(1, 20))),
    ([paying(0, "trialing"), START, ended(20)], list(range(1, 20))),
    ([paying(0, "incomplete"), START], list(range(1, 50))),  # it was never there
    ([paying(0), paying(0, sub="b"), START, ended(20)], list(range(1, 50))),
    ([paying(0), START, ended(20), paying(20, sub="b")], list(range(1, 50))),  # another one
    ([paying(0, cancel_at=instant(20)), START], list(range(1, 20))),  # by the clock alone
    ([paying(0), paying(9, sub="b", **IN_PLACE), START, ended(20, "b")], list(range(1, 20))),
    (
        [paying(0, "trialing"), paying(9, sub="b", **IN_PLACE), START, ended(20, "b")],
        [*range(1, 20)],
    ),
    (
        [paying(0), paying(9, "trialing", "b", **IN_PLACE), START, ended(20, "b")],
        list(range(1, 50)),
    ),
    ([paying(0), START, ended(20), (30, STARTED, {}), (40, COMPLETED, {})], list(range(1, 20))),
]


@pytest.mark.parametrize(("steps", "is_open"), LEFT)
def test_who_has_left_is_not_being_onboarded(steps: list[Step], is_open: list[int]) -> None:
    """While no subscription goes on any more nothing is open, unless the setting says otherwise."""
    assert _open_hours(steps, PLAN) == is_open
    told = Plan(Policy(onboarding_given_up="told"), FAMILIES)
    own = [step for step in steps if step[1] not in (PAYS, ENDS)]
    assert _open_hours(steps, told) == _open_hours(own, told) == _open_hours(own, PLAN)


def _open_hours(steps: list[Step], plan: Plan) -> list[int]:
    shard = Shard(plan)
    for topic in ("account", "subscription"):
        facts = story(steps)
        tell(shard, topic, [fact for fact in facts if topic_of(fact.type) == topic], 1)
    return [hour for hour in range(50) if level(shard, ("onboardings_open",), edge(hour))]


def test_completed_after_leaving_is_completed() -> None:
    """What is completed although the account had left took its time all the same."""
    shard = folded(START, (9, COMPLETED, {}))
    tell(shard, "subscription", story([paying(0), ended(5)], prefix="s"), 1)
    assert hours_of(shard, "onboarding", day(3)) == (1, 8)
    assert [level(shard, ("onboardings_open",), edge(hour)) for hour in (4, 6, 10)] == [1, 0, 0]


def test_each_onboarding_has_its_own_time() -> None:
    """Onboardings with ids do not mix; a completion leaves the window after 90 days."""
    steps = [(1.0, STARTED, "a"), (2, STARTED, "b"), (5, COMPLETED, "a"), (9, COMPLETED, "b")]
    shard = folded(*((h, kind, {"onboarding_id": name}) for h, kind, name in steps))
    assert hours_of(shard, "onboarding", day(3)) == (2, 4 + 7)
    assert hours_of(shard, "onboarding", edge(5) + 90 * DAY) == (1, 7)


VALUE: list[tuple[list[Step], tuple[int, float], tuple[int, float]]] = [
    ([], (0, 0), (0, 0)),
    ([reached(9)], (0, 0), (0, 0)),
    ([(1, CREATED, {})], (0, 0), (0, 0)),
    ([(1, "account.updated", {}), reached(9)], (0, 0), (0, 0)),
    ([(1, CREATED, {}), reached(9, "invited")], (0, 0), (0, 0)),
    ([(1, CREATED, {}), reached(9)], (1, 8), (0, 0)),
    ([(1, CREATED, {}), reached(9), reached(5)], (1, 4), (0, 0)),
    ([(1, CREATED, {}), (3, CREATED, {}), reached(9)], (1, 8), (0, 0)),
    ([reached(5), (9, CREATED, {})], (1, 0), (0, 0)),
    ([(1, CREATED, {}), (3, STARTED, {}), reached(9)], (1, 8), (1, 6)),
    ([(1, CREATED, {}), (3, STARTED, {}), (7, STARTED, {}), reached(9)], (1, 8), (1, 2)),
    ([(1, CREATED, {}), (3, STARTED, {}), (20, STARTED, {}), reached(9)], (1, 8), (1, 6)),
    ([(3, STARTED, {}), reached(9)], (0, 0), (1, 6)),
    ([(20, STARTED, {}), reached(9)], (0, 0), (0, 0)),
]


@pytest.mark.parametrize(("steps", "created", "onboarded"), VALUE)
def test_time_to_value(
    steps: list[Step], created: tuple[int, float], onboarded: tuple[int, float]
) -> None:
    """A2: first value - creation, or the last start of an onboarding before it by policy."""
    assert hours_of(folded(*steps), "time_to_value", day(3)) == created
    plan = Plan(Policy(value_start="onboarding_started"), FAMILIES)
    assert hours_of(folded(*steps, plan=plan), "time_to_value", day(3)) == onboarded


def test_late_earlier_value_restates() -> None:
    """A first value that is told late moves the figure to where it belongs."""
    steps: list[Step] = [(0, CREATED, {}), reached(24 * 50)]
    shard = folded(*steps)
    assert hours_of(shard, "time_to_value", day(60)) == (1, 24 * 50)
    tell(shard, "usage", story([reached(24 * 2)], prefix="late"), 1)
    assert hours_of(shard, "time_to_value", day(3)) == (1, 48)
    assert hours_of(shard, "time_to_value", day(95)) == (0, 0)
    assert is_consistent(shard)


def test_milestones_of_grown_accounts() -> None:
    """A3: an account counts from its 30th day for 90 days, with what it has reached by then."""
    shard = folded((0, CREATED, {}), reached(24, "invited"), reached(24 * 40))
    eligible = [level(shard, ("milestone_accounts", "90d"), day(n)) for n in (30, 30.1, 120, 121)]
    assert eligible == [0, 1, 1, 0]
    invited = [hours_of(shard, "milestone_time", day(n), "invited") for n in (30, 30.1, 121)]
    assert invited == [(0, 0), (1, 24), (0, 0)]
    value = [hours_of(shard, "milestone_time", day(n), "first_value") for n in (40, 41, 120, 121)]
    assert value == [(0, 0), (1, 960), (1, 960), (0, 0)]


@pytest.mark.parametrize(("days", "expected"), [(0, 1), (7, 0), (90, 0)])
def test_milestone_days(days: int, expected: int) -> None:
    """The age from which an account is asked is a policy."""
    plan = Plan(Policy(milestone_days=days), FAMILIES)
    shard = folded((0, CREATED, {}), reached(1), plan=plan)
    assert level(shard, ("milestone_accounts", "90d"), day(1)) == expected
    assert level(shard, ("milestone_accounts", "90d"), day(days + 1)) == 1


def test_topics_in_any_order() -> None:
    """The figures are the same whichever topic comes first, also from restored rows."""
    steps: list[Step] = [(0, CREATED, {"segment": "smb"}), (2, STARTED, {}), reached(5), reached(9)]
    shard, other = folded(*steps), folded(*steps, usage_first=True)
    assert shard.ledger == other.ledger
    assert is_consistent(shard)
    packed = MILESTONES.pack({"first_value": 5, "a": 7})
    assert MILESTONES.unpack(packed) == {"a": 7, "first_value": 5}
    assert restored(folded(reached(5)), "usage").store.of(MILESTONES.name, "acct_1") == {
        "": {"first_value": START_MS + 5 * HOUR_MS}
    }


_HOURS = st.sampled_from([0, 1, 5, 24, 24 * 30, 24 * 31, 24 * 90, 24 * 120])


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """Onboardings and creations of an account."""
    facts: list[Told] = []
    for number in range(draw(st.integers(0, 8))):
        kinds = [STARTED, STARTED, COMPLETED, COMPLETED, CANCELLED, CREATED]
        kind = draw(st.sampled_from(kinds))
        data: dict[str, Any] = {}
        if kind != CREATED:
            data["onboarding_id"] = draw(st.sampled_from([None, "b"]))
        ms = START_MS + draw(_HOURS) * HOUR_MS
        facts.append(Told(ms, draw(st.integers(0, 3)), f"e{number}", kind, data))
    return facts


@EXAMPLES
@given(histories(), st.data(), st.integers(1, 4))
def test_any_order(facts: list[Told], data: st.DataObject, batch: int) -> None:
    """Order, repetition, batches and retractions change nothing."""
    check_any_order(PLAN, facts, data, batch)


@EXAMPLES
@given(histories(), st.builds(edge, _HOURS), _HOURS)
def test_no_hindsight(facts: list[Told], at: int, value_hours: float) -> None:
    """A reading is the same whether what is effective later is known or not."""

    def read(facts: list[Told], values: list[Told]) -> dict[tuple[str, ...], int]:
        shard = fold(PLAN, "account", facts)
        tell(shard, "usage", values, 1)
        return readings(shard, at)

    values = story([reached(value_hours), reached(value_hours + 24, "invited")], prefix="v")
    known = [fact for fact in facts if fact.ms < at * TILE_MS]
    assert read(facts, values) == read(known, [v for v in values if v.ms < at * TILE_MS])


_STATES = st.sampled_from(["active", "past_due", "trialing", "paused", "unpaid", "canceled", ENDS])
_GOING_ON = {"active", "past_due", "trialing", "paused"}


@examples(60)
@given(
    histories(),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from("ab"), _STATES), max_size=8),
    st.lists(st.integers(0, 200), min_size=1, max_size=6),
)
def test_law_open_is_begun_and_not_given_up(
    facts: list[Told], states: list[tuple[int, str, str]], quarters: list[int]
) -> None:
    """At T what is open is what the onboardings alone leave open, or nothing if the account left.

    It has left if its subscriptions went on for a time before T, and none does at T.
    """
    steps = [
        ended(day * 24.0, sub) if status == ENDS else paying(day * 24.0, status, sub)
        for day, sub, status in states
    ]
    shard, alone = fold(PLAN, "account", facts), fold(PLAN, "account", facts)
    tell(shard, "subscription", story(steps, prefix="s"), 1)
    in_order = sorted(states, key=lambda state: state[0])  # stable: as told in one instant
    for days in quarters:
        at = day(days)
        there = [False]
        for begun in sorted({begun for begun, _, _ in states if begun < days}):
            known = {sub: status for at_day, sub, status in in_order if at_day <= begun}
            there.append(any(status in _GOING_ON for status in known.values()))
        left = any(there) and not there[-1]
        wanted = 0 if left else level(alone, ("onboardings_open",), at)
        assert level(shard, ("onboardings_open",), at) == wanted

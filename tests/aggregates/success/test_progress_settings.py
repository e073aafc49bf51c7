"""Accounts on their way under other settings: cohorts, contracts, milestones that are asked for."""

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.success import contract_value, onboarding, progress
from aggregates.time.tile import TILE_MS
from events import topic_of
from tests.aggregates.folding import HOUR_MS, START_MS, Told, is_consistent, readings, story, tell
from tests.aggregates.reading.kpi_ledger import read
from tests.aggregates.reading.readings import evaluate
from tests.aggregates.success.account_story import Step, day, edge
from tests.aggregates.success.test_progress import COMPLETED, CREATED, STARTED, hours_of, reached
from tests.examples import examples

FAMILIES: list[Family[Any]] = [onboarding.FAMILY, progress.FAMILY, contract_value.FAMILY]
TOPICS = ("account", "usage", "subscription")
EXAMPLES = examples(100)


def plan_of(**policy: Any) -> Plan:
    """Returns the plan of these families under some settings."""
    return Plan(Policy.model_validate(policy), FAMILIES)


def folded(plan: Plan, facts: Iterable[Told], topics: Iterable[str] = TOPICS) -> Shard:
    """Folds facts topic by topic, settled after each."""
    shard, told = Shard(plan), list(facts)
    for topic in topics:
        own = [fact for fact in told if topic_of(fact.type) == topic]
        tell(shard, topic, own, 1)
    return shard


def subscribed(hours: float, status: str = "active", amount: int = 4_900, **more: Any) -> Step:
    """Tells the state of a subscription."""
    item = {"amount": amount, "currency": "USD", "interval": "month"}
    data = {"subscription_id": "s1", "status": status, "items": [item], **more}
    return hours, "subscription.updated", data


def ended(hours: float) -> Step:
    """Tells that a subscription is over."""
    return hours, "subscription.deleted", {"subscription_id": "s1"}


COHORT: list[tuple[list[tuple[float, str]], float, tuple[int, float]]] = [
    ([(0, STARTED), (10, COMPLETED)], 1, (0, 0)),
    ([(0, STARTED), (10, COMPLETED)], 11, (1, 240)),
    ([(0, STARTED), (10, COMPLETED)], 90, (1, 240)),
    ([(0, STARTED), (10, COMPLETED)], 91, (0, 0)),
    ([(0, STARTED), (60, STARTED), (80, COMPLETED)], 120, (1, 480)),
    ([(0, STARTED), (60, STARTED), (80, COMPLETED)], 151, (0, 0)),
    ([(0, STARTED), (95, COMPLETED)], 96, (0, 0)),
    ([(0, STARTED), (10, COMPLETED), (20, STARTED), (30, COMPLETED)], 95, (1, 240)),
]


@pytest.mark.parametrize(("steps", "days", "expected"), COHORT)
def test_onboardings_by_start(
    steps: list[tuple[float, str]], days: float, expected: tuple[int, float]
) -> None:
    """A1: known from completion on, in the window that holds the start its time counts from."""
    facts = story([(24 * at, kind, {}) for at, kind in steps])
    shard = folded(plan_of(onboarding_cohort="started"), facts)
    assert hours_of(shard, "onboarding", day(days)) == expected


CONTRACT: list[tuple[list[Step], tuple[int, float]]] = [
    ([reached(9)], (0, 0)),
    ([subscribed(1)], (0, 0)),
    ([subscribed(1), reached(9)], (1, 8)),
    ([subscribed(1, "trialing"), reached(9)], (0, 0)),
    ([subscribed(1, "trialing"), subscribed(5), reached(9)], (1, 4)),
    ([subscribed(1, "trialing"), reached(5), subscribed(9)], (1, 0)),
    ([subscribed(1, amount=0), subscribed(6), reached(9)], (1, 3)),
    ([subscribed(1), ended(3), subscribed(8), reached(9)], (1, 8)),
    ([subscribed(1.1), reached(9)], (1, 8)),
    ([subscribed(1.3), reached(9)], (1, 7.75)),
    ([subscribed(1), ended(1.2), subscribed(5), reached(9)], (1, 4)),
    ([subscribed(1, start_date="2026-03-02T06:00:00Z"), reached(9)], (1, 3)),
    ([(0, CREATED, {}), (2, STARTED, {}), subscribed(1), reached(9), reached(4)], (1, 3)),
]


@pytest.mark.parametrize(("steps", "expected"), CONTRACT)
def test_value_from_the_contract(steps: list[Step], expected: tuple[int, float]) -> None:
    """A2: from the quarter of an hour in which revenue begins for the first time; 0 if before."""
    facts = story(steps)
    for topics in permutations(TOPICS):
        shard = folded(plan_of(value_start="contract"), facts, topics)
        assert hours_of(shard, "time_to_value", day(3)) == expected, topics
        assert is_consistent(shard)


def test_other_starts_read_no_contract() -> None:
    """Only this setting joins subscriptions; under others their changes settle no progress."""
    assert "contract_value" not in Plan().derived
    derived = {kind.name for kind in Plan().derived_from["subscription"]}
    contract = {kind.name for kind in plan_of(value_start="contract").derived_from["subscription"]}
    assert "contract_value" in contract - derived
    facts = story([subscribed(1), reached(9)])
    assert not hours_of(folded(plan_of(), facts), "time_to_value", day(3))[0]


def test_milestones_that_are_asked_for() -> None:
    """A3: only the named ones count, also while nobody has reached them; none without accounts."""
    policy = Policy(milestones=("invited", "exported"))
    shipped = load(Plan(policy).measures.values(), shipped_source(), policy=policy)
    facts = story([(0, CREATED, {}), reached(24, "invited"), reached(48)])
    shard = folded(Plan(policy, FAMILIES), facts)

    def shares(days: float) -> dict[str, float]:
        found = read(shard.ledger, day(days), shipped)
        return {key[1]: at for key, at in found.items() if key[0] == "milestone_reached_ratio"}

    assert shares(30) == {}
    assert shares(31) == {"invited": 1, "exported": 0}
    times = [
        dict(result.labels)["milestone"]
        for result in evaluate(shipped, shard.ledger, shard.plan.calendar, [day(31)])
        if result.kpi.id == "milestone_seconds" and result.values[0] == result.values[0]
    ]
    assert set(times) == {"invited"}
    every = load(Plan().measures.values(), shipped_source())
    found = read(folded(plan_of(), facts).ledger, day(31), every)
    assert {key[1] for key in found if key[0] == "milestone_reached_ratio"} == {
        "first_value",
        "invited",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"milestones": ["a", "a"]},
        {"milestones": [""]},
        {"value_start": "sign_up"},
        {"onboarding_cohort": "open"},
        {"work_basis": "hours"},
        {"adoption_unit": "seats"},
        {"stickiness_days": "weekends"},
    ],
)
def test_wrong_settings(wrong: dict[str, Any]) -> None:
    """Names that are empty or twice, and choices that are none, are refused."""
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)


_HOURS = st.sampled_from([0, 1, 1.3, 5, 24, 24 * 30, 24 * 31, 24 * 90, 24 * 120])
_POLICIES = st.sampled_from(
    [
        {"onboarding_cohort": "started", "value_start": "contract", "milestones": ["invited"]},
        {"onboarding_cohort": "started", "value_start": "onboarding_started"},
        {"value_start": "contract", "milestone_days": 0},
    ]
)


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """What an account may do on its way, on three topics."""
    steps: list[Step] = []
    for _ in range(draw(st.integers(0, 8))):
        at = draw(_HOURS)
        choices: list[Step] = [
            (at, STARTED, {}),
            (at, COMPLETED, {}),
            (at, CREATED, {}),
            reached(at, draw(st.sampled_from(["first_value", "invited"]))),
            subscribed(at, draw(st.sampled_from(["active", "trialing"]))),
            ended(at),
        ]
        steps.append(draw(st.sampled_from(choices)))
    return story(steps)


@EXAMPLES
@given(histories(), _POLICIES, st.permutations(TOPICS), st.randoms(use_true_random=False))
def test_any_order(
    facts: list[Told], policy: dict[str, Any], topics: list[str], random: Any
) -> None:
    """Order of facts and topics, and repetition, change nothing; settled is what is rebuilt."""
    plan = plan_of(**policy)
    again = random.sample(facts, len(facts) // 2)
    told = [*facts, *again]
    random.shuffle(told)
    shard = folded(plan, told, topics)
    assert shard.ledger == folded(plan, facts).ledger
    assert is_consistent(shard)


@EXAMPLES
@given(histories(), _POLICIES, st.builds(edge, _HOURS))
def test_no_hindsight(facts: list[Told], policy: dict[str, Any], at: int) -> None:
    """A reading is the same whether what is effective later is known or not."""
    plan = plan_of(**policy)
    known = [fact for fact in facts if fact.ms < at * TILE_MS]
    assert readings(folded(plan, facts), at) == readings(folded(plan, known), at)


def test_a_retracted_contract_is_none() -> None:
    """A subscription that is taken back begins no contract, in whatever order that is told."""
    facts = story([subscribed(1), subscribed(5), reached(9)])
    back = Told(
        START_MS + HOUR_MS,
        0,
        "back",
        "event.retracted",
        {"retracts": "evt_1", "retracts_type": "subscription.updated"},
    )
    for told in ([*facts, back], [back, *facts]):
        shard = Shard(plan_of(value_start="contract"))
        tell(shard, "usage", [fact for fact in told if fact.type == "milestone.reached"], 1)
        others = [fact for fact in told if fact.type != "milestone.reached"]
        tell(shard, "subscription", others, 1)
        assert hours_of(shard, "time_to_value", day(3)) == (1, 4)

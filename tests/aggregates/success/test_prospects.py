"""Those who may become customers: visitors and the goals they reach, referrals."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.success import referrals, visitors
from aggregates.time.tile import TILE_MS
from tests.aggregates.folding import HOUR_MS, START_MS, Told, fold, level, readings, story
from tests.aggregates.success.account_story import Shared, Step, check_any_order, day, edge, shared
from tests.examples import examples

PLAN = Plan(families=[referrals.FAMILY, visitors.FAMILY])
SESSIONS = Plan(Policy(conversion_days=0), families=[visitors.FAMILY])
EXAMPLES = examples(150)
MADE, WON = "referral.created", "referral.converted"


def visit(on_day: float) -> Step:
    """Tells that a visitor looked."""
    return 24 * on_day, "visitor.seen", {}


def goal(on_day: float, name: str = "demo") -> Step:
    """Tells that a visitor reached a goal."""
    return 24 * on_day, "goal.converted", {"goal": name}


def counts(shard: Shard, on_day: float) -> tuple[int, int, int]:
    """Reads visitors, those with a demo, and those that signed up."""
    at = day(on_day)
    goals = [level(shard, ("converted_visitors", "30d", name), at) for name in ("demo", "signup")]
    return level(shard, ("visitors", "30d"), at), goals[0], goals[1]


VISITS: list[tuple[list[Step], tuple[int, int, int], tuple[int, int, int]]] = [
    ([], (0, 0, 0), (0, 0, 0)),
    ([visit(1)], (1, 0, 0), (0, 0, 0)),
    ([visit(1), visit(2), visit(20)], (1, 0, 0), (1, 0, 0)),
    ([goal(1)], (1, 1, 0), (0, 0, 0)),
    ([visit(1), goal(2), goal(3)], (1, 1, 0), (0, 0, 0)),
    ([visit(1), goal(2), goal(3, "signup")], (1, 1, 1), (0, 0, 0)),
    ([visit(1), goal(2), goal(20)], (1, 1, 0), (1, 1, 0)),
]


@pytest.mark.parametrize(("steps", "on_day_4", "on_day_35"), VISITS)
def test_visitors(
    steps: list[Step], on_day_4: tuple[int, int, int], on_day_35: tuple[int, int, int]
) -> None:
    """C10: one visitor is one, a goal counts once, and whoever reaches one is a visitor."""
    shard = fold(PLAN, "account", shared(steps, "v1", visitor_id="v1"))
    assert (counts(shard, 4), counts(shard, 35)) == (on_day_4, on_day_35)


HOUR = 1 / 24
"""In days."""


@pytest.mark.parametrize(
    ("days", "steps", "demos"),
    [
        (0, [goal(1)], 0),
        (0, [visit(1), goal(1)], 1),
        (0, [visit(1), goal(1 + HOUR / 2)], 1),
        (0, [visit(1), goal(1 + HOUR / 2 + 1e-6)], 0),
        (0, [visit(1), goal(1 + HOUR), visit(1 + HOUR)], 1),
        (0, [goal(1), visit(1 + HOUR)], 0),
        (1, [visit(1), goal(2)], 1),
        (1, [visit(1), goal(2 + 1e-6)], 0),
        (1, [visit(1), visit(2), goal(2.5)], 1),
        (14, [visit(1), goal(15)], 1),
        (14, [visit(1), goal(15.01)], 0),
        (14, [visit(1), goal(15.01), goal(15)], 1),
        (None, [visit(1), goal(15.01)], 1),
        (None, [goal(15)], 1),
    ],
)
def test_how_long_after_a_visit_a_goal_counts(
    days: int | None, steps: list[Step], demos: int
) -> None:
    """``conversion_days``; 0 is the session. Whoever reached a goal is a visitor in any case."""
    plan = Plan(Policy(conversion_days=days), families=[visitors.FAMILY])
    for order in (steps, steps[::-1]):
        shard = fold(plan, "account", shared(order, "v1", visitor_id="v1"))
        assert counts(shard, 16) == (1, demos, 0)


def test_visitors_add_up() -> None:
    """Each visitor is a key of its own: figures are sums over them."""
    stories = {"v1": [visit(1), goal(2)], "v2": [visit(1)], "v3": [visit(1)], "v4": [goal(3)]}
    facts = [
        fact for name, steps in stories.items() for fact in shared(steps, name, visitor_id=name)
    ]
    assert counts(fold(PLAN, "account", facts), 4) == (4, 2, 0)


def refer(on_day: float, kind: str, referral: str, referred: str | None = None) -> Step:
    """Tells a step of a referral."""
    return 24 * on_day, kind, {"referral_id": referral, "referred_account_id": referred}


def won(shard: Shard, at: int) -> int:
    """Returns how many accounts were won in 30 days, each once."""
    found = readings(shard, at)
    return sum(found[series] > 0 for series in found if series[:2] == ("referred_accounts", "30d"))


REFERRALS: list[tuple[list[Step], tuple[int, int]]] = [
    ([], (0, 0)),
    ([refer(1, MADE, "r1")], (1, 0)),
    ([refer(1, MADE, "r1"), refer(2, MADE, "r1")], (1, 0)),
    ([refer(1, MADE, "r1"), refer(2, MADE, "r2")], (2, 0)),
    ([refer(1, MADE, "r1", "x"), refer(2, MADE, "r2", "x")], (1, 0)),
    ([refer(1, MADE, "r1", "x"), refer(2, MADE, "r2", "y")], (2, 0)),
    ([refer(1, MADE, "r1", "acct_1")], (0, 0)),
    ([refer(1, MADE, "r1"), refer(2, WON, "r1", "acct_1")], (0, 0)),
    ([refer(1, MADE, "r1"), refer(2, WON, "r1", "x")], (1, 1)),
    ([refer(1, MADE, "r1", "x"), refer(2, WON, "r1")], (1, 1)),
    ([refer(2, WON, "r1", "x")], (0, 1)),
    ([refer(2, WON, "r1", "x"), refer(3, WON, "r2", "x"), refer(4, WON, "r3")], (0, 2)),
    (
        [
            refer(1, MADE, "r1"),
            refer(1, MADE, "r2"),
            refer(2, WON, "r2", "x"),
            refer(3, WON, "r1", "x"),
        ],
        (1, 1),
    ),
]


@pytest.mark.parametrize(("steps", "expected"), REFERRALS)
def test_referrals(steps: list[Step], expected: tuple[int, int]) -> None:
    """C11: referrals made and accounts won; not of oneself, nor of the same account again."""
    shard = fold(PLAN, "account", story(steps))
    assert (level(shard, ("referrals", "30d"), day(5)), won(shard, day(5))) == expected


def test_referral_is_known_as_of_then() -> None:
    """What names the referred account late takes duplicates out from then on, not before."""
    steps = [refer(1, MADE, "r1", "x"), refer(2, MADE, "r2"), refer(9, WON, "r2", "x")]
    shard = fold(PLAN, "account", story(steps))
    assert [level(shard, ("referrals", "30d"), day(n)) for n in (3, 9, 10)] == [2, 2, 1]
    assert [level(shard, ("referrals", "30d"), day(n)) for n in (31, 31.1, 40)] == [1, 0, 0]
    assert [won(shard, day(n)) for n in (9, 10, 39.1)] == [0, 1, 0]
    assert [level(shard, ("referrals", "month"), day(n)) for n in (10, 30, 30.1)] == [1, 1, 0]


def test_an_account_that_several_recommended_is_won_once() -> None:
    """By whichever account, an account counts once; what names none, for each that made it."""
    steps = [
        (24 * 1, WON, {"account_id": account, "referral_id": "r1", **named})
        for account, named in (
            ("p", {"referred_account_id": "n"}),
            ("q", {"referred_account_id": "n"}),
            ("n", {"referred_account_id": "n"}),
            ("r", {}),
            ("s", {}),
        )
    ]
    assert won(fold(PLAN, "account", story(steps)), day(5)) == 1 + 2


_REFERRALS = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.sampled_from([MADE, WON]),
        st.sampled_from("pqr"),
        st.sampled_from(["r1", "r2"]),
        st.sampled_from([None, "n", "m", "p"]),
    ),
    max_size=12,
)


@examples(100)
@given(_REFERRALS)
def test_law_accounts_won_are_distinct(told: list[tuple[int, str, str, str, str | None]]) -> None:
    """All that was won is the set of accounts that converted referrals name, in any partition."""
    steps = [
        (
            24 * on_day,
            kind,
            {"account_id": by, "referral_id": referral, "referred_account_id": named},
        )
        for on_day, kind, by, referral, named in told
    ]
    names: dict[tuple[str, str], str] = {}
    for _, _, by, referral, named in sorted(told, key=lambda each: each[0]):  # stable
        names[by, referral] = named or names.get((by, referral), f"{by} {referral}")
    converted = {(by, referral) for _, kind, by, referral, _ in told if kind == WON}
    wanted = {names[key] for key in converted if names[key] != key[0]}
    facts = story(steps)
    whole = fold(PLAN, "account", facts)
    assert won(whole, day(25)) == len(wanted)
    parts = Ledger()
    for by in "pqr":
        own = [fact for fact in facts if fact.data["account_id"] == by]
        parts.merge(fold(PLAN, "account", own).ledger)
    assert parts == whole.ledger


_HOURS = st.sampled_from([0, 1, 24, 24 * 29, 24 * 30, 24 * 31, 24 * 60])


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    """Referrals of an account and visits of a visitor."""
    facts: list[Told] = []
    kinds = [MADE, MADE, WON, WON, "visitor.seen", "goal.converted"]
    for number, kind in enumerate(draw(st.lists(st.sampled_from(kinds), max_size=12))):
        ms = START_MS + draw(_HOURS) * HOUR_MS + draw(st.sampled_from([0, 1, 900_000]))
        place = ms, draw(st.integers(0, 3)), f"e{number}", kind
        if kind in (MADE, WON):
            data: dict[str, Any] = {
                "referral_id": draw(st.sampled_from("abc")),
                "referred_account_id": draw(st.sampled_from([None, None, "acct_1", "x", "y"])),
            }
            facts.append(Told(*place, data))
        else:
            goals = {"goal": draw(st.sampled_from("de"))} if kind == "goal.converted" else {}
            facts.append(Shared(*place, {"subject": "v1", "visitor_id": "v1", **goals}))
    return facts


@EXAMPLES
@given(histories(), st.data(), st.integers(1, 4))
def test_any_order(facts: list[Told], data: st.DataObject, batch: int) -> None:
    """Order, repetition, batches and retractions change nothing."""
    check_any_order(PLAN, facts, data, batch)
    check_any_order(SESSIONS, facts, data, batch)


@EXAMPLES
@given(histories(), st.builds(edge, _HOURS))
def test_no_hindsight(facts: list[Told], at: int) -> None:
    """A reading is the same whether what is effective later is known or not."""
    known = [fact for fact in facts if fact.ms < at * TILE_MS]
    for plan in (PLAN, SESSIONS):
        shard, early = fold(plan, "account", facts), fold(plan, "account", known)
        assert readings(shard, at) == readings(early, at)
        assert readings(shard, at - 5) == readings(early, at - 5)

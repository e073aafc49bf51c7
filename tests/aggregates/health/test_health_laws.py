"""Health: the same whatever the order or repetition of facts, settled at once or in pieces."""

from random import Random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from aggregates.shard.shard import Shard
from aggregates.time.tile import TILE_MS
from events import format_instant
from tests.aggregates.folding import DAY, START, START_MS, Told, is_consistent, readings
from tests.aggregates.health.health_story import (
    Step,
    answers,
    escalates,
    health,
    is_of_staff,
    judged,
    opens,
    pays,
    plan,
    seats,
    solves,
    tell,
    told,
    uses,
)
from tests.examples import examples

DAYS = st.integers(0, 60 * 8).map(lambda eighths: eighths / 8)
IDS = st.sampled_from("abc")


def _instant(day: float) -> str:
    return format_instant(START_MS + round(day * DAY) * TILE_MS)


STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(pays, DAYS, st.integers(1, 9)),
    st.builds(
        lambda day, status: pays(day, status=status),
        DAYS,
        st.sampled_from(["past_due", "canceled", "active"]),
    ),
    st.builds(uses, DAYS, IDS),
    st.builds(uses, DAYS, IDS),
    st.builds(seats, DAYS, st.integers(0, 4)),
    st.builds(opens, DAYS, IDS),
    st.builds(solves, DAYS, IDS),
    st.builds(escalates, DAYS, IDS),
    st.builds(answers, DAYS, IDS, st.integers(0, 10)),
    st.builds(answers, DAYS, IDS, st.integers(0, 10), who=IDS),
    st.builds(is_of_staff, DAYS, IDS, staff=st.booleans()),
    st.builds(judged, DAYS, st.integers(0, 100)),
    st.builds(judged, DAYS, st.integers(0, 100), DAYS.map(lambda day: _instant(day))),
)
STORIES = st.lists(STEPS, min_size=1, max_size=25).map(lambda steps: told(*steps))

PLAN = plan()


def folded(facts: list[Told], *, bulk: bool = False) -> Shard:
    """Folds facts."""
    shard = Shard(PLAN, bulk=bulk)
    tell(shard, facts)
    shard.settle()
    return shard


@examples(60)
@given(STORIES, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(facts: list[Told], random: Random) -> None:
    """Shuffled and repeated, live or in bulk, facts give the same ledger."""
    shuffled = [*facts, *random.sample(facts, len(facts) // 2)]
    random.shuffle(shuffled)
    once = folded(facts)
    assert folded(shuffled).ledger == once.ledger
    assert folded(shuffled, bulk=True).ledger == once.ledger
    assert is_consistent(once)


@examples(60)
@given(STORIES, st.integers(0, 2))
def test_deferred_settling_ends_the_same(facts: list[Told], deferred_max: int) -> None:
    """Settled late or a few at a time, the ledger lags, and is the same once all are settled."""
    shard = Shard(PLAN)
    tell(shard, facts, deferred_max)
    shard.settle()
    assert shard.deferred == 0
    assert shard.ledger == folded(facts).ledger


@examples(60)
@given(STORIES, st.integers(0, 60))
def test_later_events_change_no_reading(facts: list[Told], day: int) -> None:
    """Facts from T on leave every reading at T as it is, but who is internal holds for all time."""
    edge = START + day * DAY
    early = [fact for fact in facts if fact.ms < edge * TILE_MS or fact.type == "user.added"]
    assert readings(folded(facts), edge) == readings(folded(early), edge)


@examples(60)
@given(
    st.lists(STEPS, max_size=20),
    st.lists(st.builds(pays, DAYS, st.integers(1, 9)), min_size=1, max_size=4),
    st.data(),
)
def test_what_is_taken_back_is_gone(
    steps: list[Step], paid: list[Step], data: st.DataObject
) -> None:
    """A retracted subscription event leaves what there is without it, before or after it."""
    facts = told(*paid, *steps)
    taken = data.draw(st.sampled_from(facts[: len(paid)]))
    assert taken.type == "subscription.updated"
    back = Told(
        START_MS,
        0,
        "back",
        "event.retracted",
        {"retracts": taken.id, "retracts_type": "subscription.updated"},
    )
    rest = folded([fact for fact in facts if fact is not taken]).ledger
    assert folded([*facts, back]).ledger == rest
    assert folded([back, *facts]).ledger == rest


@examples(60)
@given(
    st.lists(st.tuples(DAYS, st.integers(0, 100), st.none() | DAYS), max_size=8),
    st.lists(st.integers(0, 61), min_size=1, max_size=6),
)
def test_law_a_judgement_without_an_end_ends_with_the_next(
    judgements: list[tuple[float, int, float | None]], days: list[int]
) -> None:
    """The score is the latest judgement's that has not expired, else the computed one."""
    steps = [
        judged(day, score, None if until is None else _instant(until))
        for day, score, until in judgements
    ]
    shard = folded(told(pays(0), *steps))
    in_order = sorted(judgements, key=lambda judgement: judgement[0])  # stable: told in order
    for day in days:
        begun = [judgement for judgement in in_order if judgement[0] < day]
        held = [
            score
            for place, (_, score, until) in enumerate(begun, 1)
            if (place == len(begun) if until is None else until >= day)
        ]
        found = health(shard, day)
        assert (found.centi if found else None) == (100 * held[-1] if held else _COMPUTED[day > 0])


_COMPUTED: Final = (None, 10_000)
"""The score of the account without a judgement: none before it pays, then all of 100 points."""


def test_what_is_taken_back_counted_before() -> None:
    """The law above compares ledgers that differ without the retraction."""
    facts = told(pays(1, 5), uses(2, "a"))
    assert folded(facts).ledger != folded(facts[1:]).ledger

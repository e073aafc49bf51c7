"""Health: components by stories of one account, the score from them, and who has one."""

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from aggregates.policies.policy import Policy
from aggregates.shard.shard import Shard
from events import format_instant
from tests.aggregates.folding import DAY, HOUR_MS, START, START_MS, is_consistent
from tests.aggregates.health.health_story import (
    Health,
    Step,
    answers,
    escalates,
    folded,
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

DOLLARS = 1_000_000


def component(name: str, day: float, *steps: Step, **policies: Any) -> int | None:
    """Points of one component of an account that pays from the start on."""
    found = health(folded(pays(0), *steps, **policies), day)
    assert found is not None
    return found.components.get(name)


def test_only_paying_accounts_have_a_score() -> None:
    """Before it pays and after it left an account is in no band, whatever else is known."""
    shard = folded(answers(0, "r", 9), pays(2), pays(5, status="canceled"))
    assert health(shard, 1) is None
    assert health(shard, 3) == Health(
        9_500, "green", 100 * DOLLARS, {"sentiment": 90, "commercial": 100}
    )
    assert health(shard, 6) is None


def test_weights_of_components_with_data() -> None:
    """Components without data are left out: (40 x 0 + 20 x 90 + 20 x 100) / 80 = 47.5."""
    steps = [pays(0), seats(0, 10), answers(0, "r", 9)]
    assert health(folded(*steps), 2) == Health(
        4_750, "red", 100 * DOLLARS, {"usage": 0, "sentiment": 90, "commercial": 100}
    )
    weights = {"usage": 0, "support": 0, "sentiment": 1, "commercial": 0}
    only = health(folded(*steps, health_weights=weights), 2)
    assert only is not None
    assert (only.centi, only.band) == (9_000, "green")
    by_segment = folded(*steps, health_segment_weights={"unknown": weights})
    assert health(by_segment, 2) == only


@pytest.mark.parametrize(
    ("score", "centi", "band"),
    [
        (50, 5_000, "red"),
        (50.004, 5_000, "yellow"),
        (62.125, 6_213, "yellow"),
        (75, 7_500, "yellow"),
        (75.01, 7_501, "green"),
    ],
)
def test_bands(score: float, centi: int, band: str) -> None:
    """Red up to 50, yellow up to 75, green above, however it is rounded; settings move that."""
    found = health(folded(pays(0), judged(0, score)), 1)
    assert found is not None
    assert (found.centi, found.band) == (centi, band)
    moved = folded(pays(0), judged(0, score), health_red_max=0, health_yellow_max=100)
    found = health(moved, 1)
    assert found is not None
    assert found.band == "yellow"


def test_an_override_holds_until_it_ends() -> None:
    """A judgement replaces the score, a later one replaces that, and it expires by itself."""
    until = format_instant(START_MS + 4 * 24 * HOUR_MS)
    shard = folded(pays(0), judged(1, 10, until), judged(2, 60))
    expected = [(0.5, 10_000), (1.5, 1_000), (2.5, 6_000), (9, 6_000)]
    shorter = folded(pays(0), judged(1, 10, until))
    for day, centi in expected:
        found = health(shard, day)
        assert found is not None
        assert found.centi == centi
    found = health(shorter, 5)
    assert found is not None
    assert found.centi == 10_000


def test_an_override_without_an_end_is_over_with_the_next() -> None:
    """It does not come back when the next one has expired, or when that one never held."""
    until, past = (format_instant(START_MS + day * 24 * HOUR_MS) for day in (4, 1))
    expired = folded(pays(0), judged(1, 10), judged(2, 60, until))
    empty = folded(pays(0), judged(1, 10), judged(2, 60, past))
    dated = folded(pays(0), judged(1, 10, until), judged(2, 60, format_instant(_ms(3))))
    for shard, expected in (
        (expired, [(1.5, 1_000), (2.5, 6_000), (5, 10_000)]),
        (empty, [(1.5, 1_000), (2.5, 10_000), (5, 10_000)]),
        (dated, [(1.5, 1_000), (2.5, 6_000), (3.5, 1_000), (5, 10_000)]),  # the first named its end
    ):
        for day, centi in expected:
            found = health(shard, day)
            assert found is not None
            assert (day, found.centi) == (day, centi)


def _ms(day: float) -> int:
    return START_MS + round(day * 24 * HOUR_MS)


def test_usage_is_of_the_days_before_today() -> None:
    """Two users of two seats, each day of three: from the next morning on, and not today.

    A third of the seats is poor, half of them concerning; 1 active day in 30 is not sticky.
    """
    steps = [seats(0, 2), *(uses(day + 0.5, f"u{n}") for day in range(3) for n in range(2))]
    assert component("usage", 0.9, *steps) is None
    assert component("usage", 1.1, *steps) == (100 + 0) // 2
    assert component("usage", 1.1, *[seats(0, 4), *steps[1:]]) == (50 + 0) // 2
    assert component("usage", 3.1, *steps) == (100 + 50) // 2  # 3 of 30 days are a tenth
    assert component("usage", 32, *steps) == 50  # two days ago the first of them fell out
    assert component("usage", 40, *steps) == 0


def test_usage_without_seats_is_stickiness() -> None:
    """Without seats only the days count; seats without any use are poor from the next day on."""
    daily = [uses(day + 0.5, "u") for day in range(6)]
    assert component("usage", 6.1, *daily) == 100
    assert component("usage", 0.9, seats(0.5, 3)) is None
    assert component("usage", 1.1, seats(0.5, 3)) == 0


def test_support() -> None:
    """Unsolved tickets and those of 90 days, each good, concerning or poor; escalated is poor."""
    assert component("support", 1) is None
    assert component("support", 2, opens(1, "a")) == 100
    two = [opens(1, "a"), opens(1, "b")]
    assert component("support", 2, *two) == (50 + 100) // 2
    assert component("support", 4, *two, solves(3, "a")) == 100
    assert component("support", 2, *(opens(1, f"t{n}") for n in range(5))) == (0 + 50) // 2
    assert component("support", 2, *(opens(1, f"t{n}") for n in range(10))) == 0
    assert component("support", 92, *(opens(1, f"t{n}") for n in range(10))) == (0 + 100) // 2
    raised = [opens(1, "a"), escalates(2, "a"), solves(3, "a")]
    assert [component("support", day, *raised) for day in (1.5, 2.5, 3.5)] == [100, 50, 100]


def test_sentiment() -> None:
    """The latest answer as a share of its scale, for so many days."""
    assert component("sentiment", 1) is None
    steps = [answers(1, "a", 10), answers(3, "b", 2, "csat"), answers(5, "c", 6)]
    expected = [(2, 100), (4, 25), (6, 60), (184, 60), (186, None)]
    for day, points in expected:
        assert component("sentiment", day, *steps) == points, day
    assert component("sentiment", 9, *steps, health_sentiment_days=3) is None


def test_internal_people_have_no_sentiment() -> None:
    """What the vendor's own staff answers is no sentiment, whenever it is learned who that is."""
    steps = [answers(1, "a", 2, who="u1"), answers(2, "b", 10, who="staff")]
    assert component("sentiment", 3, *steps) == 100
    for told_so in (0, 3, 30):
        known = [is_of_staff(told_so, "staff"), *steps]
        assert component("sentiment", 3, *known) == component("sentiment", 3, *known[::-1]) == 20
    assert component("sentiment", 3, steps[1], is_of_staff(0, "staff")) is None
    back = is_of_staff(9, "staff", staff=False)
    assert component("sentiment", 3, is_of_staff(0, "staff"), *steps, back) == 100


def test_commercial() -> None:
    """A late payment is poor; a downgrade of the last 90 days and an open renewal concern."""
    assert component("commercial", 1) == 100
    steps = [pays(1, status="past_due"), pays(2), pays(4, 50)]
    expected = [(1.5, 0), (2.5, 100), (4.5, 50), (93.5, 50), (94.5, 100)]
    for day, points in expected:
        assert component("commercial", day, *steps) == points, day


def test_a_downgrade_that_is_taken_back_at_once_is_none() -> None:
    """Changes within the hour are one movement: while it is a downgrade it concerns, then not."""
    steps = [pays(4, 50), pays(4 + 1 / 48, 100)]
    expected = [(4 + 1 / 96, 50), (5, 100), (30, 100)]
    for day, points in expected:
        assert component("commercial", day, *steps) == points, day


def term(first: float, last: float) -> dict[str, Any]:
    """A term by the days on which it begins and ends."""
    ends = {"term_start": first, "term_end": last}
    return {k: format_instant(START_MS + round(d * 24 * HOUR_MS)) for k, d in ends.items()}


def commercial(shard: Shard, days: Sequence[float]) -> list[int]:
    """The commercial points on some days."""
    found = [health(shard, day) for day in days]
    return [one.components["commercial"] for one in found if one is not None]


def test_open_renewals_of_long_terms() -> None:
    """A yearly term concerns from 90 days before it is due until it is renewed; a month never."""
    year = folded(pays(0, **term(0, 365)), pays(300, **term(365, 730)))
    month = folded(pays(0, **term(0, 30)))
    assert commercial(year, (100, 274, 276, 299, 301)) == [100, 100, 50, 50, 100]
    assert commercial(month, (5, 15, 29)) == [100, 100, 100]


def test_an_open_renewal_concerns_until_another_due_date_takes_its_place() -> None:
    """What was near stays near in earlier readings; the new due date is near in its turn."""
    moved = folded(pays(0, **term(0, 365)), pays(300, 200, **term(300, 500)))
    assert commercial(moved, (274, 276, 299, 301, 409, 411)) == [100, 50, 50, 100, 100, 50]


def test_what_is_over_has_no_renewal_to_come() -> None:
    """A subscription that ended leaves nothing to decide to an account that pays for another."""
    other = pays(0, subscription_id="other", **term(0, 365))
    ended = pays(180, subscription_id="other", status="canceled")
    days = (276, 364, 394, 396)
    assert commercial(folded(pays(0), other), days) == [50, 50, 50, 100]  # 30 days of grace
    assert commercial(folded(pays(0), other, ended), days) == [100, 100, 100, 100]


def test_a_long_scale() -> None:
    """Points are rounded half up on any scale: 29 of 200 are 14.5 hundredths."""
    told = {"response_id": "a", "survey_type": "csat", "scale_min": 0, "scale_max": 200}
    answer = (24.0, "survey_response.created", {**told, "score": 29})
    assert component("sentiment", 2, answer) == 15


def test_a_segment_that_changes_before_settling_takes_the_score_along() -> None:
    """Put off, an account's score leaves the segment that it had, and is in one only."""
    moves: Step = (24.0, "account.updated", {"segment": "smb"})
    facts = told(pays(0), judged(0, 40), moves, judged(3, 60))
    shard = Shard(plan())
    tell(shard, facts[:2])
    tell(shard, facts[2:], 0)
    assert shard.deferred == 1
    shard.settle()
    assert is_consistent(shard)
    assert shard.ledger.level(("health_points",), ("smb",), START + 4 * DAY) == 6_000
    assert shard.ledger.level(("health_points",), ("unknown",), START + 4 * DAY) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"health_red_max": 80},
        {"health_weights": {"usage": 0, "support": 0, "sentiment": 0, "commercial": 0}},
        {"health_weights": {"mood": 3}},
        {"health_open_tickets": {"poor": 3}},
    ],
)
def test_settings_that_make_no_sense(wrong: dict[str, Any]) -> None:
    """Bands out of order, no weight at all, unknown components, half a threshold."""
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)

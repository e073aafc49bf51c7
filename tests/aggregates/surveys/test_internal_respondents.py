"""Internal people: what the vendor's own staff is asked and answers is in no survey figure."""

from collections.abc import Iterable

import pytest

from aggregates.shard.shard import Shard
from aggregates.surveys.responses import RESPONSES
from aggregates.surveys.sends import SURVEY_SENDS
from events import Decoder
from tests.aggregates.folding import (
    ACCOUNT,
    DAY,
    START,
    START_MS,
    Told,
    is_consistent,
    readings,
    story,
    tell,
)
from tests.aggregates.surveys.survey_story import PLAN, Step, answer, groups, rating, update

ANSWERS: list[Step] = [
    *(answer(1, "own", 10, respondent_id="staff"), answer(1, "nps", 3, respondent_id="u1")),
    answer(1, "skipped", None, respondent_id="staff"),
    rating(2, "rated", 5, respondent_id="staff", ticket_id="t"),
    rating(1, "by_customer", 1, respondent_id="u1", ticket_id="t"),
    answer(1, "easy", 7, survey_type="ces", respondent_id="staff"),
    answer(1, "content", 5, survey_type="satisfaction", respondent_id="staff"),
    (1, "survey.sent", {"survey_type": "nps", "respondent_id": "staff"}),
    *((1, "survey.sent", {"survey_type": "nps", "respondent_id": who}) for who in ("u1", None)),
]
HEARD = {
    ("nps_detractors", "90d"): 1,
    ("csat_negative", "90d"): 1,
    ("csat_rated", "90d"): 1,
    ("satisfaction_answers", "90d"): 1,
    ("rated_accounts", "90d", "dissatisfied"): 1,
    ("survey_answers", "90d"): 2,
    ("surveys_sent",): 2,
}
"""What is left of them without those of staff."""

MORE = {
    ("nps_promoters", "90d"): 1,
    ("csat_positive", "90d"): 1,
    ("ces_answers", "90d", "very_easy"): 1,
    ("happy_answers", "90d"): 2,
    ("survey_answers", "90d"): 7,
    ("surveys_sent",): 3,
}
"""Some of what they are with them."""


def user(hours: float, kind: str, user_id: str, **data: object) -> Step:
    """Tells something of a user."""
    return hours, f"user.{kind}", {"user_id": user_id, **data}


STAFF: list[tuple[list[Step], bool]] = [
    ([user(0, "added", "staff", is_internal=True)], True),
    ([user(900, "added", "staff", is_internal=True)], True),
    ([user(0, "added", "staff"), user(5, "removed", "staff", is_internal=True)], True),
    ([user(0, "added", "staff", is_internal=True), user(5, "removed", "staff")], True),
    (
        [user(0, "added", "staff", is_internal=True), user(5, "added", "staff", is_internal=False)],
        False,
    ),
    (
        [user(0, "added", "staff", is_internal=False), user(5, "added", "staff", is_internal=True)],
        True,
    ),
    # said of another id of the same person
    (
        [
            user(0, "added", "colleague", is_internal=True),
            user(2, "merged", "staff", into_user_id="colleague"),
        ],
        True,
    ),
    (
        [
            user(0, "added", "alias", is_internal=True),
            user(2, "merged", "alias", into_user_id="staff"),
        ],
        True,
    ),
    (
        [
            user(0, "added", "alias", is_internal=True),
            user(2, "merged", "alias", into_user_id="nobody_yet"),
            user(3, "merged", "staff", into_user_id="nobody_yet"),
        ],
        True,
    ),
    (
        [
            user(0, "added", "staff", is_internal=True),
            user(2, "merged", "alias", into_user_id="staff"),
            user(3, "added", "alias", is_internal=False),
        ],
        False,
    ),
    ([user(0, "added", "other", is_internal=True)], False),
]


def figures(shard: Shard) -> dict[tuple[str, ...], int]:
    """Reads every series of a shard a day after the start; those at 0 are left out."""
    return readings(shard, START + DAY)


def folded(*topics: tuple[str, Iterable[Told]]) -> Shard:
    """Folds facts topic by topic, each by itself."""
    shard = Shard(PLAN)
    for topic, facts in topics:
        tell(shard, topic, facts, 1)
    return shard


@pytest.mark.parametrize(("steps", "is_staff"), STAFF)
def test_who_is_internal(steps: list[Step], is_staff: bool) -> None:
    """Answers of all types, skipped ones and invitations are out, whichever topic comes first."""
    facts, users = story(ANSWERS), story(steps, "user")
    shard = folded(("survey", facts), ("usage", users))
    found = figures(shard)
    expected = HEARD if is_staff else MORE
    assert {series: found.get(series) for series in expected} == expected
    assert is_staff == (("nps_promoters", "90d") not in found)
    for users_told in (users, users[::-1]):
        others = folded(("usage", users_told), ("survey", facts[::-1]))
        assert others.ledger == shard.ledger
        assert is_consistent(others)


def test_whose_answer_it_is() -> None:
    """The respondent that is told last decides: an answer may turn out to be of staff, or not."""
    users = story([user(0, "added", "staff", is_internal=True)], "user")
    was = story([answer(1, "r", 10, respondent_id="staff"), update(5, "r", 10, respondent_id="u")])
    turned = story([answer(1, "r", 10), update(5, "r", 10, respondent_id="staff")])
    assert groups(folded(("usage", users), ("survey", was)), START + DAY) == (1, 0, 0)
    assert groups(folded(("survey", turned), ("usage", users)), START + DAY) == (0, 0, 0)


def test_no_unit() -> None:
    """What is in no figure is of no unit; anonymous answers are, whatever is told of users."""
    users = story([user(0, "added", "staff", is_internal=True)], "user")
    shard = folded(("survey", story([*ANSWERS, answer(2, "x", 9)])), ("usage", users))
    assert len(shard.store.of(RESPONSES.name, ACCOUNT)) == 8
    assert sorted(shard.store.units.present(RESPONSES.name, ACCOUNT)) == ["by_customer", "nps", "x"]
    assert len(shard.store.units.present(SURVEY_SENDS.name, ACCOUNT)) == 2


def test_sends_of_two_systems() -> None:
    """Sendings of two systems under one id are two: the one to staff does not hide the other."""
    asked = [
        Told(START_MS, 0, "1", "survey.sent", {"survey_type": "nps", "respondent_id": who})
        for who in ("staff", "u")
    ]
    records = [
        asked[0].record(),
        asked[1].record().replace(b'"source": "test"', b'"source": "crm"'),
    ]
    shard = folded(("usage", story([user(0, "added", "staff", is_internal=True)], "user")))
    shard.fold("survey", Decoder().decode(records))
    shard.settle()
    assert figures(shard)[("surveys_sent",)] == 1

"""NPS, and what all surveys share: each rule by stories told in hours after the start."""

import pytest

from aggregates.rows.kind import RowKey
from aggregates.surveys.responses import RESPONSES
from tests.aggregates.folding import ACCOUNT, DAY, HOUR, START, Told, fold, retraction, story
from tests.aggregates.surveys.survey_story import (
    PLAN,
    Step,
    answer,
    at,
    deletion,
    folded,
    groups,
    nps_of,
    rating,
    ratings,
    update,
)


def test_golden_nps() -> None:
    """X12: latest answers 9,10,9,8,7,6,3, one a 3 before its 9: 14.29; without the 3: 33.33."""
    steps = [answer(0, "r0", 3, respondent_id="u0")]
    for n, score in enumerate((9, 10, 9, 8, 7, 6, 3)):
        steps.append(answer(1 + n, f"r{n + 1}", score, respondent_id=f"u{n}"))
    steps.append(deletion(48, "r7"))
    shard = folded(*steps)
    assert round(nps_of(shard, START + DAY), 2) == 14.29
    assert round(nps_of(shard, START + 3 * DAY), 2) == 33.33


PROMOTER, PASSIVE, DETRACTOR, NOBODY = (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)

ANSWERS: list[tuple[list[Step], list[tuple[int, tuple[int, int, int]]]]] = [
    ([], [(1, NOBODY)]),
    ([answer(1, "r", 9)], [(1, NOBODY), (2, PROMOTER), (24 * 90, PROMOTER), (24 * 90 + 2, NOBODY)]),
    ([answer(1, "r", None)], [(2, NOBODY)]),
    ([answer(1, "r", 9), update(3, "r", 7)], [(2, PROMOTER), (3, PROMOTER), (4, PASSIVE)]),
    ([answer(1, "r", 9), update(3, "r", None)], [(2, PROMOTER), (4, NOBODY)]),
    ([answer(1, "r", None), update(3, "r", 2)], [(2, NOBODY), (4, DETRACTOR)]),
    ([answer(1, "r", 9), deletion(3, "r")], [(2, PROMOTER), (4, NOBODY)]),
    ([answer(1, "r", 9), deletion(3, "r"), update(5, "r", 8)], [(2, PROMOTER), (6, NOBODY)]),
    ([deletion(1, "r"), answer(3, "r", 9)], [(2, NOBODY), (4, NOBODY)]),
    ([update(1, "r", 9)], [(2, PROMOTER)]),
    ([answer(1, "r", 9), answer(1, "s", 9)], [(2, (2, 0, 0))]),
    # the time of the answer decides to which window it belongs, its effect from when it is known
    (
        [answer(48, "r", 9, responded_at=at(1))],
        [(24, NOBODY), (49, PROMOTER), (24 * 90 + 2, NOBODY)],
    ),
    ([answer(1, "r", 9, responded_at=at(48))], [(24, NOBODY), (49, PROMOTER)]),
    ([answer(1, "r", 9), update(48, "r", 9)], [(49, PROMOTER), (24 * 90 + 2, NOBODY)]),
    (
        [answer(1, "r", 9), update(48, "r", 8, responded_at=at(24))],
        [(24, PROMOTER), (49, PASSIVE), (24 * 91, PASSIVE), (24 * 91 + 1, NOBODY)],
    ),
    ([answer(24 * 91, "r", 9, responded_at=at(0))], [(24 * 91 + 1, NOBODY)]),
]


@pytest.mark.parametrize(("steps", "expected"), ANSWERS)
def test_answer(steps: list[Step], expected: list[tuple[int, tuple[int, int, int]]]) -> None:
    """An answer stands from its time and effect until replaced or deleted, for good."""
    shard = folded(*steps)
    found = [(hour, groups(shard, START + hour * HOUR)) for hour, _ in expected]
    assert found == expected


LATEST: list[tuple[list[Step], list[tuple[int, tuple[int, int, int]]]]] = [
    (
        [answer(1, "r", 9, respondent_id="u"), answer(3, "s", 2, respondent_id="u")],
        [(2, PROMOTER), (4, DETRACTOR), (24 * 90 + 2, DETRACTOR), (24 * 90 + 4, NOBODY)],
    ),
    (
        [
            answer(1, "r", 9, respondent_id="u"),
            answer(3, "s", 2, respondent_id="u"),
            deletion(5, "s"),
        ],
        [(2, PROMOTER), (4, DETRACTOR), (6, PROMOTER), (24 * 90 + 2, NOBODY)],
    ),
    (
        [
            answer(3, "s", 2, respondent_id="u"),
            answer(5, "r", 9, respondent_id="u", responded_at=at(1)),
        ],
        [(4, DETRACTOR), (6, DETRACTOR)],
    ),
    (
        [
            answer(1, "r", 9, respondent_id="u"),
            answer(3, "s", 2, respondent_id="u"),
            update(5, "r", 7, respondent_id="u", responded_at=at(5)),
        ],
        [(4, DETRACTOR), (6, PASSIVE)],
    ),
    (
        [
            answer(1, "r", 9, respondent_id="u"),
            answer(3, "s", 2, respondent_id="u"),
            update(5, "r", 8, respondent_id="u"),
        ],
        [(4, DETRACTOR), (6, DETRACTOR)],
    ),
    (
        [answer(1, "r", 9, respondent_id="u"), answer(3, "s", 2, respondent_id="v")],
        [(4, (1, 0, 1))],
    ),
    (
        [
            answer(1, "r", 9, respondent_id="u"),
            update(3, "r", 9),
            answer(5, "s", 2, respondent_id="u"),
        ],
        [(2, PROMOTER), (4, PROMOTER), (6, (1, 0, 1))],
    ),
    (
        [
            answer(1, "r", 9),
            answer(3, "s", 2, respondent_id="u"),
            update(5, "r", 9, respondent_id="u"),
        ],
        [(4, DETRACTOR), (6, DETRACTOR)],
    ),
    (
        [
            answer(1, "r", 9, respondent_id="u"),
            update(3, "r", 9, respondent_id="v"),
            answer(5, "s", 2, respondent_id="u"),
        ],
        [(2, PROMOTER), (4, PROMOTER), (6, (1, 0, 1))],
    ),
    # ids that look like a voice, or like another's
    ([answer(1, "respondent:u", 9), answer(2, "s", 2, respondent_id="u")], [(3, (1, 0, 1))]),
    ([answer(1, "r", 9), answer(2, "s", 2, respondent_id="r")], [(3, (1, 0, 1))]),
    ([answer(1, "response:r", 9), answer(2, "r", 8), answer(3, "r:", 1)], [(4, (1, 1, 1))]),
]


@pytest.mark.parametrize(("steps", "expected"), LATEST)
def test_latest_answer(steps: list[Step], expected: list[tuple[int, tuple[int, int, int]]]) -> None:
    """Of each respondent the latest answer that stands counts, by the time of the answer."""
    shard = folded(*steps)
    found = [(hour, groups(shard, START + hour * HOUR)) for hour, _ in expected]
    assert found == expected


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        *((10, PROMOTER), (9, PROMOTER), (8.9, PASSIVE), (8, PASSIVE), (7, PASSIVE)),
        *((6.9, DETRACTOR), (6, DETRACTOR), (1, DETRACTOR), (0, DETRACTOR)),
    ],
)
def test_groups(score: float, expected: tuple[int, int, int]) -> None:
    """Promoters answer 9 or 10, passives 7 or 8, detractors 0 to 6."""
    assert groups(folded(answer(1, "r", score)), START + DAY) == expected


def test_units() -> None:
    """Each voice is a unit, and so is each response of no voice, whatever the ids look like."""
    shard = folded(
        *(answer(1, "a", 9, respondent_id="x"), answer(1, "b", 9, respondent_id="x")),
        *(rating(1, "c", 5, ticket_id="x"), rating(1, "d", 5, ticket_id="x")),
        *(answer(1, "x", 9), rating(1, "respondent:x", 5), answer(1, "ticket:x", 9)),
        deletion(1, "response:x"),
    )
    units = {id_: shard.store.units.of(RowKey(RESPONSES.name, ACCOUNT, id_)) for id_ in "abcdx"}
    assert units["a"] == units["b"]
    assert units["c"] == units["d"]
    assert units["x"] == "x"
    assert len(shard.store.units.all(RESPONSES.name, ACCOUNT)) == 6


def test_kinds_of_voices() -> None:
    """A ticket and a respondent of the same id are two voices; other surveys feed no figure."""
    shard = folded(
        answer(1, "r", 9, respondent_id="x", ticket_id="x"),
        rating(2, "s", 5, respondent_id="x", ticket_id="x"),
        answer(3, "v", 1, survey_type="ces", respondent_id="x", ticket_id="x"),
        answer(4, "w", 1, survey_type="satisfaction", respondent_id="x"),
    )
    assert groups(shard, START + DAY) == PROMOTER
    assert ratings(shard, START + DAY) == (1, 1)
    assert set(shard.store.of(RESPONSES.name, ACCOUNT)) == {"r", "s", "v", "w"}


@pytest.mark.parametrize("arrives_first", [True, False])
def test_retracted_answer(arrives_first: bool) -> None:
    """A retracted answer, or deletion, never was, whether the retraction comes before or after."""
    facts = story(
        [
            answer(1, "r", 9, respondent_id="u"),
            answer(3, "s", 2, respondent_id="u"),
            deletion(4, "r"),
        ]
    )
    taken = [retraction(facts[1].id), retraction(facts[2].id)]
    records: list[Told] = [*taken, *facts] if arrives_first else [*facts, *taken]
    shard = fold(PLAN, "survey", records, batch=1)
    assert groups(shard, START + DAY) == PROMOTER


def test_packed_response() -> None:
    """A row comes back from its bytes as it was, and a typical response takes at most 200 bytes."""
    full = {"survey_id": "q2", "touchpoint": "relationship", "respondent_id": "user_000123"}
    shard = folded(answer(1, "resp_000042", 9, **full, responded_at=at(1)))
    row = shard.store.of(RESPONSES.name, ACCOUNT)["resp_000042"]
    packed = RESPONSES.pack(row)
    assert RESPONSES.unpack(packed).facts == row.facts
    assert len(packed) <= 200

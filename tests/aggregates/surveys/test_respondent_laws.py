"""Laws of respondents: who answered is one person, whenever that is learned."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregates.shard.shard import Shard
from aggregates.time.tile import TILE_MS
from tests.aggregates.folding import (
    ACCOUNT,
    DAY,
    START_MS,
    Told,
    is_consistent,
    retraction,
    tell,
)
from tests.aggregates.surveys.test_survey_laws import PLANS, histories
from tests.examples import examples

EXAMPLES = examples(60)
_NAMES = ("a", "b", "c", "d")

_ANSWERS = st.lists(
    st.tuples(st.sampled_from(_NAMES), st.integers(0, 30), st.sampled_from([1, 3, 7, 8, 9, 10])),
    min_size=3,
    max_size=8,
)


def _recommendations(answers: list[tuple[str, int, int]]) -> list[Told]:
    """Tells NPS answers of respondents, each on a day."""
    return [
        Told(
            START_MS + days * DAY * TILE_MS,
            number,
            f"e{number}",
            "survey_response.created",
            {
                "response_id": f"r{number}",
                "survey_type": "nps",
                "survey_id": None,
                "ticket_id": None,
                "respondent_id": name,
                "score": score,
                "responded_at": None,
            },
        )
        for number, (name, days, score) in enumerate(answers, 1)
    ]


_HISTORIES = histories() | _ANSWERS.map(_recommendations)

Record = tuple[str, Told]
"""A topic and a fact of it."""

_MERGES = st.lists(
    st.tuples(st.sampled_from(_NAMES), st.sampled_from(_NAMES), st.integers(-3, 100)),
    unique_by=lambda merge: merge[0],
    min_size=1,
    max_size=3,
)
"""Users that turn out to be others, and the day on which it is learned."""


def _merged(merges: list[tuple[str, str, int]]) -> list[Told]:
    return [
        Told(
            START_MS + days * DAY * TILE_MS,
            0,
            f"m{number}",
            "user.merged",
            {"user_id": user, "into_user_id": into},
        )
        for number, (user, into, days) in enumerate(merges)
        if user < into  # no rings
    ]


def _person(name: Any, merges: list[Told]) -> Any:
    into = {merge.data["user_id"]: merge.data["into_user_id"] for merge in merges}
    while name in into:
        name = into[name]
    return name


def _folded(plan: Any, records: list[Record], batch: int = 1) -> Shard:
    shard = Shard(plan)
    for topic, fact in records:
        tell(shard, topic, [fact], batch)
    return shard


@EXAMPLES
@given(_HISTORIES, _MERGES, PLANS, st.data())
def test_merged_users_are_one_respondent(
    facts: list[Told], merges: list[tuple[str, str, int]], plan: Any, data: st.DataObject
) -> None:
    """Users merged at any time, in any order, give the figures of one person from the start."""
    told = _merged(merges)
    records = [("survey", fact) for fact in facts] + [("usage", merge) for merge in told]
    shard = _folded(plan, data.draw(st.permutations(records)))
    as_one = [
        fact._replace(
            data={**fact.data, "respondent_id": _person(fact.data.get("respondent_id"), told)}
        )
        if "score" in fact.data
        else fact
        for fact in facts
    ]
    assert shard.ledger == _folded(plan, [("survey", fact) for fact in as_one]).ledger
    assert is_consistent(shard)


@EXAMPLES
@given(_ANSWERS.map(_recommendations), PLANS, st.data())
def test_told_late_who_answered(facts: list[Told], plan: Any, data: st.DataObject) -> None:
    """An answer whose respondent is told by its last update was that person's from the start."""
    hidden = data.draw(st.sets(st.sampled_from([fact.id for fact in facts]), min_size=1))
    late, early = [], []
    for fact in facts:
        early.append(fact)
        late.append(fact)
        if fact.id in hidden:
            update = fact._replace(
                ms=fact.ms + DAY * TILE_MS, id=f"{fact.id}_more", type="survey_response.updated"
            )
            late[-1] = fact._replace(data={**fact.data, "respondent_id": None})
            early.append(update)
            late.append(update)
    shard = _folded(plan, [("survey", fact) for fact in data.draw(st.permutations(late))])
    assert shard.ledger == _folded(plan, [("survey", fact) for fact in early]).ledger


_STAFF = st.lists(
    st.tuples(
        st.sampled_from(_NAMES),
        st.sampled_from(["user.added", "user.removed"]),
        st.integers(-3, 100),
        st.sampled_from([None, True, True, False]),
    ),
    unique_by=lambda told: told[2],
    max_size=6,
)
"""What is told of users, on days of their own: whether they are of the vendor's own staff."""


def _users(staff: list[tuple[str, str, int, bool | None]]) -> list[Told]:
    facts = []
    for number, (user, kind, days, internal) in enumerate(staff):
        data = {"user_id": user} | ({} if internal is None else {"is_internal": internal})
        facts.append(Told(START_MS + days * DAY * TILE_MS + 1, 0, f"u{number}", kind, data))
    return facts


def _heard(facts: list[Told], users: list[Told], merges: list[Told]) -> list[Told]:
    """Leaves out what internal people were asked and answered, by the last that is said of them."""
    internal: dict[Any, bool] = {}
    for told in sorted(users, key=lambda told: told.ms):
        person = _person(told.data["user_id"], merges)
        internal[person] = told.data.get("is_internal", internal.get(person, False))
    last: dict[str, Any] = {}
    ended: set[str] = set()
    for fact in sorted(facts, key=lambda fact: fact.order):
        response = fact.data.get("response_id", fact.id)
        if fact.type.endswith("deleted"):
            ended.add(response)
        elif response not in ended:
            last[response] = fact.data["respondent_id"]
    staff = {of for of, name in last.items() if internal.get(_person(name, merges))}
    return [fact for fact in facts if fact.data.get("response_id", fact.id) not in staff]


@EXAMPLES
@given(_HISTORIES, _MERGES | st.just([]), _STAFF, PLANS, st.data())
def test_internal_people_are_not_heard(
    facts: list[Told], merges: list[Any], staff: list[Any], plan: Any, data: st.DataObject
) -> None:
    """Answers of the vendor's own staff are in no figure, in whichever order it is told who is.

    Nor is what they were asked. Whether somebody is internal says the last fact that says it, of
    whichever user of the person. Told in another account that is merged it is the same.
    """
    merged, users = _merged(merges), _users(staff)
    usage = [("usage", told) for told in (*merged, *users)]
    records = [("survey", fact) for fact in facts] + usage
    heard = [("survey", fact) for fact in _heard(facts, users, merged)]
    expected = _folded(plan, heard + usage).ledger
    shard = _folded(plan, data.draw(st.permutations(records)), data.draw(st.integers(1, 3)))
    assert shard.ledger == expected
    assert is_consistent(shard)
    elsewhere = data.draw(st.sets(st.sampled_from([_entity(fact) for _, fact in records])))
    told = [
        (topic, fact._replace(data={"account_id": _OTHER, **fact.data}))
        if _entity(fact) in elsewhere
        else (topic, fact)
        for topic, fact in records
    ]
    joined = Told(START_MS, 0, "j", "account.merged", {"account_id": _OTHER, **_JOINS})
    shard = _folded(plan, data.draw(st.permutations([*told, ("account", joined)])))
    assert shard.ledger == expected
    assert is_consistent(shard)
    tell(
        shard,
        "account",
        [retraction("j")._replace(data={"account_id": _OTHER, "retracts": "j"})],
        1,
    )
    apart = _folded(plan, told)
    assert shard.ledger == apart.ledger


_OTHER = "acct_0"
_JOINS = {"into_account_id": ACCOUNT}


def _entity(fact: Told) -> Any:
    return fact.data.get("response_id") or fact.data.get("user_id") or fact.id

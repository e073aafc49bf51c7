"""Answers of random histories: what holds for all of them, against the dullest count."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.surveys import csat, nps
from aggregates.surveys.answers import BY_SURVEY
from aggregates.time.tile import TILE_MS
from events import format_instant, parse_instant
from tests.aggregates.folding import (
    DAY,
    START,
    START_MS,
    Told,
    fold,
    is_consistent,
    readings,
    restored,
    retraction,
    told_apart,
)
from tests.aggregates.surveys.survey_story import FAMILIES, PLAN
from tests.examples import examples

EXAMPLES = examples(150)
PLANS = st.sampled_from(
    [
        PLAN,
        Plan(Policy(nps_population="account_average", csat_population="first"), FAMILIES),
        Plan(Policy(nps_population="account_average", nps_unscored="count"), FAMILIES),
        Plan(Policy(nps_population="all", csat_population="all", surveys_apart=("q2",)), FAMILIES),
    ]
)
MEASURES = (*nps.FAMILY.measures, *csat.FAMILY.measures)

_KINDS = st.sampled_from(["created", "created", "updated", "updated", "deleted"])
_TYPES = st.sampled_from(["nps", "nps", "nps", "csat", "csat", "ces", "satisfaction"])
_SCORES = st.one_of(st.none(), st.integers(1, 5), st.sampled_from([1, 4, 5]))
_NPS_SCORES = st.one_of(st.none(), st.integers(0, 10), st.sampled_from([6, 7, 8, 9]))
_VOICES = st.sampled_from([None, "a", "a", "b"])
_SURVEYS = st.sampled_from([None, "q1", "q1", "q2"])
_DAYS = st.sampled_from([0, 0, 1, 29, 30, 31, 89, 90, 91, 120, 364, 365])
_INSTANTS = st.builds(
    lambda days, tile, ms: START_MS + (days * DAY + tile) * TILE_MS + ms,
    _DAYS,
    st.one_of(st.integers(0, 3), st.integers(0, DAY - 1)),
    st.sampled_from([0, 1, TILE_MS - 1]),
)
_EDGES = st.builds(
    lambda days, tile: START + days * DAY + tile,
    st.one_of(_DAYS, st.integers(0, 800)),
    st.one_of(st.integers(0, 4), st.integers(0, DAY)),
)


@st.composite
def histories(draw: st.DrawFn, *, changing: bool = True) -> list[Told]:
    """Facts of a few responses of few respondents, most of them full of changes.

    ``changing`` says whether updates may name another survey type or voice.
    """
    facts: list[Told] = []
    for response in range(draw(st.integers(1, 5))):
        usual = draw(_TYPES), draw(_VOICES), draw(_VOICES)
        for kind in draw(st.lists(_KINDS, min_size=1, max_size=4)):
            data: dict[str, Any] = {"response_id": f"r{response}"}
            if kind != "deleted":
                changed = changing and draw(st.integers(0, 3)) == 0
                survey, who, ticket = (draw(_TYPES), draw(_VOICES), None) if changed else usual
                answered = draw(st.one_of(st.none(), _INSTANTS))
                data |= {"survey_type": survey, "respondent_id": who, "ticket_id": ticket}
                data["survey_id"] = draw(_SURVEYS)
                data["score"] = draw(_NPS_SCORES if survey == "nps" else _SCORES)
                data["responded_at"] = None if answered is None else format_instant(answered)
            event_id = f"{draw(st.integers(0, 9))}_{len(facts)}"
            type_ = f"survey_response.{kind}"
            facts.append(Told(draw(_INSTANTS), draw(st.integers(0, 3)), event_id, type_, data))
    for number in range(draw(st.integers(0, 3))):
        event_id = f"{draw(st.integers(0, 9))}_sent_{number}"
        sent = {"survey_type": "ces", "survey_id": draw(_SURVEYS), "respondent_id": draw(_VOICES)}
        facts.append(Told(draw(_INSTANTS), 0, event_id, "survey.sent", sent))
    return told_apart(facts)


class Answer(NamedTuple):
    """One response as of an instant."""

    answered_ms: int
    order: tuple[int, str, int, str, str]
    survey_type: str
    survey: str
    voice: str
    score: float


def voice_of(data: Any) -> str:
    """Names whose voice an answer is; none is its own."""
    field = {"nps": "respondent_id", "csat": "ticket_id"}.get(data["survey_type"], "")
    return str(data.get(field) or "")


def voices_now(facts: Iterable[Told]) -> dict[str, tuple[str, str]]:
    """Returns survey type and voice of each response, as its last state before its end says."""
    voices: dict[str, tuple[str, str]] = {}
    ended: set[str] = set()
    for fact in sorted(facts, key=lambda fact: fact.order):
        response = str(fact.data.get("response_id"))
        if fact.type.endswith("deleted"):
            ended.add(response)
        elif "survey_type" in fact.data and response not in ended:
            voices[response] = fact.data["survey_type"], voice_of(fact.data)
    return voices


def answers_at(facts: Iterable[Told], edge: int) -> Iterator[Answer]:
    """Yields the answers that stand before an edge, one response at a time."""
    facts = list(facts)
    voices = voices_now(facts)
    before = (fact for fact in facts if fact.ms < edge * TILE_MS and "response_id" in fact.data)
    known = sorted(before, key=lambda fact: fact.order)
    known.sort(key=lambda fact: str(fact.data["response_id"]))
    for response, group in groupby(known, key=lambda fact: str(fact.data["response_id"])):
        states = list(group)
        if any(state.type.endswith("deleted") for state in states):
            continue
        first, last = states[0], states[-1]
        now = voices[response]
        told = last.data["responded_at"]
        answered_ms = first.ms if told is None else parse_instant(told)
        if last.data["score"] is None or answered_ms >= edge * TILE_MS:
            continue
        survey = last.data["survey_type"]
        voice = f"voice {now[1]}" if now[0] == survey and now[1] else response
        asked = last.data["survey_id"] or "none"
        yield Answer(answered_ms, last.order, survey, asked, voice, last.data["score"])


def counted(facts: Iterable[Told], start: int, edge: int) -> Counter[tuple[str, ...]]:
    """Counts the latest answer of each voice from an edge on, by measure and survey."""
    latest: dict[tuple[str, str, str | None], Answer] = {}
    for answer in answers_at(facts, edge):
        if answer.answered_ms >= start * TILE_MS:
            for survey in (None, answer.survey):
                key = answer.survey_type, answer.voice, survey
                latest[key] = max(latest.get(key, answer), answer)
    counts: Counter[tuple[str, ...]] = Counter()
    for (survey_type, _, survey), answer in latest.items():
        for measure, figure in _figures(survey_type, answer.score):
            series = (measure,) if survey is None else (f"{measure}{BY_SURVEY}", survey)
            counts[series] += figure
    return counts


def _figures(survey_type: str, score: float) -> Iterator[tuple[str, int]]:
    if survey_type == "nps":
        groups = {9: "nps_promoters", 10: "nps_promoters", 7: "nps_passives", 8: "nps_passives"}
        yield groups.get(int(score), "nps_detractors"), 1
    elif survey_type == "csat":
        yield "csat_rated", 1
        yield "csat_points", int(10_000 * score)
        if score != 3:
            yield "csat_positive" if score > 3 else "csat_negative", 1


@EXAMPLES
@given(histories(), st.lists(_EDGES, min_size=1, max_size=6))
def test_windows(facts: list[Told], edges: list[int]) -> None:
    """Each window counts what the facts before the edge say."""
    shard = fold(PLAN, "survey", facts)
    for edge in edges:
        found = readings(shard, edge)
        for window in ("30d", "90d", "365d"):
            named = {m.name for m in MEASURES if window in m.windows}
            start = PLAN.calendar.windows[window].start(edge)
            expected = counted(facts, start, edge)
            assert {
                (series[0], *series[2:]): figure
                for series, figure in found.items()
                if series[0] in named and series[1] == window
            } == {key: figure for key, figure in expected.items() if key[0] in named}


@EXAMPLES
@given(histories(), PLANS, st.data(), st.integers(1, 5))
def test_any_order(facts: list[Told], plan: Plan, data: st.DataObject, batch: int) -> None:
    """Order, repetition and batches change nothing; settled step by step is rebuilt or restored."""
    whole = fold(plan, "survey", facts, bulk=True)
    again = data.draw(st.lists(st.sampled_from(facts), max_size=5))
    shard = fold(plan, "survey", data.draw(st.permutations([*facts, *again])), batch)
    assert shard.ledger == whole.ledger
    assert is_consistent(shard)
    assert restored(shard, "survey").ledger == whole.ledger


@EXAMPLES
@given(histories(), PLANS, st.data(), st.integers(1, 5))
def test_retracted(facts: list[Told], plan: Plan, data: st.DataObject, batch: int) -> None:
    """A history with facts retracted is the history without them, whenever that is learned."""
    taken = data.draw(st.sets(st.sampled_from([fact.id for fact in facts]), max_size=3))
    kept = [fact for fact in facts if fact.id not in taken]
    records = data.draw(st.permutations([*facts, *(retraction(i) for i in sorted(taken))]))
    shard = fold(plan, "survey", records, batch)
    assert shard.ledger == fold(plan, "survey", kept).ledger


@EXAMPLES
@given(histories(changing=False), PLANS, _EDGES)
def test_no_hindsight(facts: list[Told], plan: Plan, edge: int) -> None:
    """A reading is the same whether what is effective later is known or not, but for who it was."""
    known = [fact for fact in facts if fact.ms < edge * TILE_MS]
    shard, early = fold(plan, "survey", facts), fold(plan, "survey", known)
    assert readings(shard, edge) == readings(early, edge)
    assert readings(shard, edge - DAY) == readings(early, edge - DAY)

"""Answers of random histories: what holds for all of them, against the dullest count."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregates.families import csat, nps
from aggregates.tile import TILE_MS
from events import format_instant, parse_instant
from tests.aggregates.folding import (
    DAY,
    START,
    START_MS,
    Told,
    fold,
    is_consistent,
    level,
    readings,
    restored,
    retraction,
)
from tests.aggregates.survey_story import PLAN

EXAMPLES = settings(max_examples=150)

_KINDS = st.sampled_from(["created", "created", "updated", "updated", "deleted"])
_TYPES = st.sampled_from(["nps", "nps", "nps", "csat", "csat", "ces", "satisfaction"])
_SCORES = st.one_of(st.none(), st.integers(1, 5), st.sampled_from([1, 4, 5]))
_NPS_SCORES = st.one_of(st.none(), st.integers(0, 10), st.sampled_from([6, 7, 8, 9]))
_VOICES = st.sampled_from([None, "a", "a", "b"])
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
def histories(draw: st.DrawFn) -> list[Told]:
    """Facts of a few responses of few respondents, most of them full of changes."""
    facts: list[Told] = []
    for response in range(draw(st.integers(1, 5))):
        usual = draw(_TYPES), draw(_VOICES), draw(_VOICES)
        for kind in draw(st.lists(_KINDS, min_size=1, max_size=4)):
            data: dict[str, Any] = {"response_id": f"r{response}"}
            if kind != "deleted":
                changed = draw(st.integers(0, 3)) == 0
                survey, who, ticket = (draw(_TYPES), draw(_VOICES), None) if changed else usual
                answered = draw(st.one_of(st.none(), _INSTANTS))
                data |= {"survey_type": survey, "respondent_id": who, "ticket_id": ticket}
                data["score"] = draw(_NPS_SCORES if survey == "nps" else _SCORES)
                data["responded_at"] = None if answered is None else format_instant(answered)
            event_id = f"{draw(st.integers(0, 9))}_{len(facts)}"
            type_ = f"survey_response.{kind}"
            facts.append(Told(draw(_INSTANTS), draw(st.integers(0, 3)), event_id, type_, data))
    for number in range(draw(st.integers(0, 3))):
        event_id = f"{draw(st.integers(0, 9))}_sent_{number}"
        facts.append(Told(draw(_INSTANTS), 0, event_id, "survey.sent", {"survey_type": "ces"}))
    return facts


class Answer(NamedTuple):
    """One response as of an instant."""

    answered_ms: int
    order: tuple[int, str, str]
    survey_type: str
    voice: str
    score: float


def voice_of(data: Any) -> str:
    """Names whose voice an answer is; none is its own."""
    field = {"nps": "respondent_id", "csat": "ticket_id"}.get(data["survey_type"], "")
    return str(data.get(field) or "")


def answers_at(facts: Iterable[Told], edge: int) -> Iterator[Answer]:
    """Gives the answers that stand before an edge, one response at a time."""
    before = (fact for fact in facts if fact.ms < edge * TILE_MS and "response_id" in fact.data)
    known = sorted(before, key=lambda fact: fact.order)
    known.sort(key=lambda fact: str(fact.data["response_id"]))
    for response, group in groupby(known, key=lambda fact: str(fact.data["response_id"])):
        states = list(group)
        if any(state.type.endswith("deleted") for state in states):
            continue
        first, last = states[0], states[-1]
        told = last.data["responded_at"]
        answered_ms = first.ms if told is None else parse_instant(told)
        if last.data["score"] is None or answered_ms >= edge * TILE_MS:
            continue
        survey = last.data["survey_type"]
        same = (first.data["survey_type"], voice_of(first.data)) == (survey, voice_of(last.data))
        voice = f"voice {voice_of(last.data)}" if same and voice_of(last.data) else response
        yield Answer(answered_ms, last.order, survey, voice, last.data["score"])


def counted(facts: Iterable[Told], start: int, edge: int) -> dict[str, int]:
    """Counts the latest answer of each voice from an edge on."""
    counts = dict.fromkeys([m.name for f in (nps.FAMILY, csat.FAMILY) for m in f.measures], 0)
    latest: dict[tuple[str, str], Answer] = {}
    for answer in answers_at(facts, edge):
        key = answer.survey_type, answer.voice
        if answer.answered_ms >= start * TILE_MS:
            latest[key] = max(latest.get(key, answer), answer)
    for answer in latest.values():
        if answer.survey_type == "nps":
            counts["nps_promoters"] += answer.score in (9, 10)
            counts["nps_passives"] += answer.score in (7, 8)
            counts["nps_detractors"] += answer.score <= 6
        elif answer.survey_type == "csat":
            counts["csat_rated"] += 1
            counts["csat_positive"] += answer.score in (4, 5)
    return counts


@EXAMPLES
@given(histories(), st.lists(_EDGES, min_size=1, max_size=6))
def test_windows(facts: list[Told], edges: list[int]) -> None:
    """Each window counts what the facts before the edge say."""
    shard = fold(PLAN, "survey", facts)
    for edge in edges:
        for measure in (*nps.FAMILY.measures, *csat.FAMILY.measures):
            for window in measure.windows:
                start = PLAN.calendar.windows[window].start(edge)
                found = level(shard, (measure.name, window), edge)
                assert found == counted(facts, start, edge)[measure.name]


@EXAMPLES
@given(histories(), st.data(), st.integers(1, 5))
def test_any_order(facts: list[Told], data: st.DataObject, batch: int) -> None:
    """Order, repetition and batches change nothing; settled step by step is rebuilt or restored."""
    whole = fold(PLAN, "survey", facts, bulk=True)
    again = data.draw(st.lists(st.sampled_from(facts), max_size=5))
    shard = fold(PLAN, "survey", data.draw(st.permutations([*facts, *again])), batch)
    assert shard.ledger == whole.ledger
    assert is_consistent(shard)
    assert restored(shard, "survey").ledger == whole.ledger


@EXAMPLES
@given(histories(), st.data(), st.integers(1, 5))
def test_retracted(facts: list[Told], data: st.DataObject, batch: int) -> None:
    """A history with facts retracted is the history without them, whenever that is learned."""
    taken = data.draw(st.sets(st.sampled_from([fact.id for fact in facts]), max_size=3))
    kept = [fact for fact in facts if fact.id not in taken]
    records = data.draw(st.permutations([*facts, *(retraction(i) for i in sorted(taken))]))
    shard = fold(PLAN, "survey", records, batch)
    assert shard.ledger == fold(PLAN, "survey", kept).ledger


@EXAMPLES
@given(histories(), _EDGES)
def test_no_hindsight(facts: list[Told], edge: int) -> None:
    """A reading is the same whether what is effective later is known or not."""
    known = [fact for fact in facts if fact.ms < edge * TILE_MS]
    shard, early = fold(PLAN, "survey", facts), fold(PLAN, "survey", known)
    assert readings(shard, edge) == readings(early, edge)
    assert readings(shard, edge - DAY) == readings(early, edge - DAY)

"""Survey responses: what was answered, changed and deleted, and whose answer it is.

Of one voice only the latest answer counts: in NPS a respondent is one voice, in CSAT a ticket is;
any other answer is a voice of its own. A response belongs, for all of time, to the voice that its
last state names: who answered, and about what, may be known late. Respondents are persons:
those whose users were merged (``user.merged``) are one. What the vendor's own staff is asked and
answers (``is_internal``, ``aggregates.usage.users``) is in no figure.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final, cast

from typing_extensions import override

from aggregates.contributions.occurrence import FOREVER, Occurrence, Ranked
from aggregates.rows.history import Fact, History
from aggregates.rows.kind import DerivedKind, Followed, HistoryKind
from aggregates.rows.store import AccountRows
from events import Event
from events.survey import SurveyResponse, SurveyResponseDeleted

_CREATED: Final = "survey_response.created"
_UPDATED: Final = "survey_response.updated"
_DELETED: Final = "survey_response.deleted"

_MARK: Final = ":"
"""Ends the prefix of a voice; an id that holds it gets one too, so that none is another's voice."""

_PERSON: Final = "respondent"
_VOICES: Final = {"nps": (_PERSON, "respondent_id"), "csat": ("ticket", "ticket_id")}
"""Prefix and field of the voice, by survey type."""

AnswersOf = Callable[[History, Container[str]], Iterator[Ranked]]
"""Returns the answers of a response to surveys of some types: ``given`` or ``scored``."""


class RespondentKind(HistoryKind[History]):
    """Rows whose last state may name a respondent; those of internal people are in no figure."""

    follows = "user"

    @override
    def unit(self, entity: str, rows: Mapping[str, History], followed: Followed) -> str | None:
        named = _last(rows[entity]).get("respondent_id")
        return entity if named is None or followed(named) is not None else None


class _ResponseKind(RespondentKind):
    """One row a response; the responses of one voice are one unit."""

    @override
    def unit(self, entity: str, rows: Mapping[str, History], followed: Followed) -> str | None:
        if super().unit(entity, rows, followed) is None:
            return None
        voice = _voice(rows[entity])
        if voice is None:
            return f"response{_MARK}{entity}" if _MARK in entity else entity
        prefix, named = voice
        return f"{prefix}{_MARK}{followed(named) if prefix == _PERSON else named}"


def _kept(event: Event) -> dict[str, Any]:
    if event.type == _DELETED:
        return {}
    data = cast(SurveyResponse, event.data)
    score = data.score
    nps = data.survey_type == "nps"
    return {
        "survey_type": data.survey_type,
        "survey": data.survey_id,
        "score": int(score) if score is not None and score.is_integer() else score,
        "scale_min": None if nps else data.scale_min,
        "scale_max": None if nps else data.scale_max,
        "respondent_id": data.respondent_id,
        "ticket_id": data.ticket_id,
        "touchpoint": data.touchpoint if data.survey_type == "csat" else None,
        "responded_at": data.responded_at,
    }


RESPONSES: Final = _ResponseKind(
    History,
    name="response",
    topic="survey",
    types={_CREATED, _UPDATED, _DELETED},
    entity=lambda event: cast(SurveyResponse | SurveyResponseDeleted, event.data).response_id,
    keep=_kept,
    version=3,
)

ACCOUNT_ANSWERS: Final = DerivedKind[AccountRows]("account_answers", (RESPONSES,))
"""All answers of an account."""


def answers(row: History) -> Iterator[tuple[Fact, Occurrence]]:
    """Yields the successive states of a response, each while it is in force.

    An answer is given at ``responded_at``, else when the response takes effect first. It is in
    force from when that time has come and its fact is in effect, until an update replaces it or it
    is deleted. A deleted response stays deleted.
    """
    first_ms: int | None = None
    for fact, end_ms in _states(row):
        if first_ms is None:
            first_ms = fact.effective_ms
        answered_ms = fact.data.get("responded_at", first_ms)
        begin_ms = max(answered_ms, fact.effective_ms)
        if begin_ms < end_ms:
            yield fact, Occurrence(answered_ms, begin_ms, end_ms)


def given(row: History, survey_types: Container[str]) -> Iterator[Ranked]:
    """Yields the answers to surveys of some types, with their data."""
    for fact, occurrence in answers(row):
        if fact.data["survey_type"] in survey_types:
            yield Ranked((occurrence.position_ms, fact.order), occurrence, fact.data)


def scored(row: History, survey_types: Container[str]) -> Iterator[Ranked]:
    """Returns the answers that have a score, to surveys of some types."""
    return (answer for answer in given(row, survey_types) if "score" in answer.value)


def voices(
    rows: Sequence[History], survey_type: str, answers_of: AnswersOf = scored
) -> Iterator[list[Ranked]]:
    """Yields the answers of one unit to surveys of one type, those of one voice together."""
    shared: list[Ranked] = []
    prefix, _ = _VOICES.get(survey_type, (None, None))
    for row in rows:
        own = list(answers_of(row, (survey_type,)))
        voice = _voice(row)
        if voice is not None and voice[0] == prefix:
            shared += own
        elif own:
            yield own
    if shared:
        yield shared


def each(
    rows: Sequence[History], survey_type: str, answers_of: AnswersOf = scored
) -> Iterator[list[Ranked]]:
    """Returns the answers to surveys of one type, each response by itself."""
    return (list(answers_of(row, (survey_type,))) for row in rows)


def _voice(row: History) -> tuple[str, str] | None:
    """Returns prefix and name of the voice of a response, or None if it is a voice of its own."""
    last = _last(row)
    prefix, field = _VOICES.get(last.get("survey_type", ""), ("", ""))
    return (prefix, last[field]) if field in last else None


def _last(row: History) -> Mapping[str, Any]:
    """Returns what the last state of a row says; nothing if it has none."""
    last: Mapping[str, Any] = {}
    for fact, _ in _states(row):
        last = fact.data
    return last


def _states(row: History) -> Iterator[tuple[Fact, int]]:
    """Yields the successive states of a response, each with the instant (ms) at which it ends."""
    facts = row.unretracted()
    for fact, following in zip_longest(facts, facts[1:]):
        if fact.type == _DELETED:
            return
        yield fact, FOREVER if following is None else following.effective_ms

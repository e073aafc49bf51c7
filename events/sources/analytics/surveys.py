"""PostHog's surveys: what was asked, shown and answered, told as sendings and responses."""

from typing import Any, Final, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from events.sources.analytics.message import Message
from events.sources.source import GapError
from events.survey import SCALES, SurveyType

SHOWN: Final = "survey shown"
SENT: Final = "survey sent"

_NPS_MAX: Final = 10
_THUMBS: Final = 2


class SurveyQuestion(BaseModel):
    """The question of a survey whose answers are told: the events do not say what is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    survey: str = Field(min_length=1)
    """The id of the survey."""
    type: SurveyType
    """What is asked for."""
    question: str | None = None
    """The id of the question; left out, answers are found by its place."""
    place: int = Field(default=0, ge=0)
    """The place of the question among those of the survey, from 0 on: older clients tell it
    instead of the id."""
    scale: Literal[2, 3, 5, 7, 10] | None = None
    """The number of points; 10 of `nps` are 0 to 10. Left out, what is usual for the type."""
    every_showing: bool = False
    """Whether a person is asked anew each time that the survey is shown, as after each of many
    answers of an assistant; else who sees it twice is asked once."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.type == "nps" and self.scale not in (None, _NPS_MAX):
            raise ValueError("nps is asked on 10 points, 0 to 10")
        return self

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and highest answer."""
        lowest, highest = SCALES[self.type]
        return (lowest, highest) if self.type == "nps" else (lowest, self.scale or highest)


class Answer(NamedTuple):
    """What one message of a response says of the question.

    Attributes:
        given: Whether the message has the question at all; else another of the response may.
        score: The answer, on the scale; None if it was skipped.
    """

    given: bool
    score: int | None


def answer(asked: SurveyQuestion, properties: Message) -> Answer:
    """Returns what a message says of the question.

    Raises:
        GapError: If what was answered is no number on the scale.
    """
    fields = [f"$survey_response_{asked.place}"] if asked.place else ["$survey_response"]
    if asked.question is not None:
        fields.insert(0, f"$survey_response_{asked.question}")
    field = next((field for field in fields if field in properties), None)
    if field is None:
        return Answer(given=False, score=None)
    value = properties[field]
    if value is None or value == "":
        return Answer(given=True, score=None)
    return Answer(given=True, score=_score(asked, value, field))


def _score(asked: SurveyQuestion, value: Any, field: str) -> int:
    lowest, highest = asked.ends
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    score = int(text) if text.isascii() and text.isdecimal() and len(text) <= len("10") else -1
    if not lowest <= score <= highest:
        raise GapError("invalid_score", f"a whole number from {lowest} to {highest} as `{field}`")
    # Of two thumbs the first is up: 1 is the better answer.
    return lowest + highest - score if asked.scale == _THUMBS else score


def response(asked: SurveyQuestion, response_id: str, score: int | None) -> dict[str, Any]:
    """Returns the data of a response, without account and respondent."""
    lowest, highest = asked.ends
    data: dict[str, Any] = {
        "response_id": response_id,
        "survey_id": asked.survey,
        "survey_type": asked.type,
        "scale_min": lowest,
        "scale_max": highest,
    }
    return data if score is None else {**data, "score": score}

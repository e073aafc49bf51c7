"""Topic `survey`: questions asked and answers given."""

from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from events.envelope import AccountFact, Envelope
from events.fields import Id, Instant
from events.retraction import EventRetracted

SurveyType = Literal["nps", "csat", "ces", "satisfaction"]

SCALES: Final[dict[str, tuple[int, int]]] = {
    "nps": (0, 10),
    "csat": (1, 5),
    "ces": (1, 7),
    "satisfaction": (1, 5),
}
"""Lowest and highest answer of each survey type where the event does not say."""

NPS_SCALES: Final = ((0, 10), (1, 10))
"""The scales on which promoters and detractors are defined."""

SCALE_BOUND: Final = 1000
"""Largest magnitude of a scale's end; a longer scale is a measurement, not an answer."""

ScaleEnd = Annotated[int, Field(ge=-SCALE_BOUND, le=SCALE_BOUND)]
Score = Annotated[float, Field(allow_inf_nan=False)]


def _lowest(fields: dict[str, Any]) -> int:
    return SCALES[fields["survey_type"]][0]


def _highest(fields: dict[str, Any]) -> int:
    return SCALES[fields["survey_type"]][1]


class SurveySent(AccountFact):
    """Somebody was asked."""

    survey_id: Id | None = None
    survey_type: SurveyType
    respondent_id: Id | None = None
    ticket_id: Id | None = None


class SurveyResponse(AccountFact):
    """The full answer. No score: the question was skipped; no respondent: anonymous."""

    ENTITY: ClassVar[str | None] = "response_id"

    response_id: Id
    survey_id: Id | None = None
    survey_type: SurveyType
    touchpoint: Id | None = None
    scale_min: ScaleEnd = Field(default_factory=_lowest, description="By survey_type if left out.")
    scale_max: ScaleEnd = Field(default_factory=_highest, description="By survey_type if left out.")
    score: Score | None = None
    respondent_id: Id | None = None
    ticket_id: Id | None = None
    assignee_id: Id | None = None
    responded_at: Instant | None = None

    @model_validator(mode="after")
    def _on_scale(self) -> Self:
        if self.scale_min >= self.scale_max:
            raise ValueError("scale_min should be below scale_max")
        if self.survey_type == "nps" and (self.scale_min, self.scale_max) not in NPS_SCALES:
            raise ValueError("nps is asked on a scale of 0..10 or 1..10")
        if self.score is not None and not self.scale_min <= self.score <= self.scale_max:
            raise ValueError("score should lie within the scale")
        return self


class SurveyResponseCreated(SurveyResponse):
    """An answer was given."""


class SurveyResponseUpdated(SurveyResponse):
    """An answer was changed; the new one replaces it whole."""


class SurveyResponseDeleted(AccountFact):
    """An answer vanishes from every figure."""

    ENTITY: ClassVar[str | None] = "response_id"

    response_id: Id
    reason: str | None = None


SurveyEvent = Annotated[
    Envelope[Literal["survey.sent"], SurveySent]
    | Envelope[Literal["survey_response.created"], SurveyResponseCreated]
    | Envelope[Literal["survey_response.updated"], SurveyResponseUpdated]
    | Envelope[Literal["survey_response.deleted"], SurveyResponseDeleted]
    | Envelope[Literal["event.retracted"], EventRetracted],
    Field(discriminator="type"),
]
"""Every event of the topic."""

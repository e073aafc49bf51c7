"""Topic `survey`: questions asked and answers given."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from events.envelope import AccountData, EventData
from events.fields import WHOLE, Id, Instant
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

ScaleEnd = Annotated[int, Field(ge=-SCALE_BOUND, le=SCALE_BOUND), WHOLE]
Score = Annotated[float, Field(allow_inf_nan=False)]


def _lowest(fields: dict[str, Any]) -> int:
    return SCALES[fields["survey_type"]][0]


def _highest(fields: dict[str, Any]) -> int:
    return SCALES[fields["survey_type"]][1]


class SurveySent(AccountData):
    """Somebody was asked; one event a person asked, for the response rate."""

    survey_id: Id | None = None
    """The survey, shared by all that it was sent to; measures by survey go by it."""
    survey_type: SurveyType
    """What is asked for; kept in the log, no figure uses it: sendings count together."""
    respondent_id: Id | None = None
    """Who was asked: a user of the vendor's own staff (`is_internal`) counts as not asked. Answers
    are counted, not matched."""
    ticket_id: Id | None = None
    """The ticket that it is about; kept in the log, no figure uses it."""


class SurveyResponse(AccountData, entity="response_id"):
    """The full answer. No score: the question was skipped; no respondent: anonymous."""

    response_id: Id
    """The answer; its changes and its deletion name it again."""
    survey_id: Id | None = None
    """The survey that was answered, shared by all its answers; measures by survey go by it."""
    survey_type: SurveyType
    """What was asked: `nps` recommendation, `csat` satisfaction with one case, `ces` how easy it
    was, `satisfaction` the relationship."""
    touchpoint: Id | None = None
    """The occasion, such as `ticket`; the setting `csat_touchpoints` chooses among those of CSAT,
    others are kept in the log."""
    scale_min: ScaleEnd = Field(default_factory=_lowest)
    """Lowest answer possible; left out, 0 for `nps` (which may say 1) and 1 for the others."""
    scale_max: ScaleEnd = Field(default_factory=_highest)
    """Highest answer possible; left out, 10 for `nps` (which has no other), 7 for `ces`, 5 for the
    others; it decides from which score on a rating is positive."""
    score: Score | None = None
    """The answer, on the scale; left out, it was skipped: it counts as an answer, not in scores."""
    respondent_id: Id | None = None
    """Who answered: of one person the latest NPS answer counts, and none of the vendor's own staff
    (`is_internal`); left out it is anonymous, and an answer of its own."""
    ticket_id: Id | None = None
    """The ticket that it is about: of one ticket the latest CSAT rating counts."""
    assignee_id: Id | None = None
    """Who was working on the ticket then; kept in the log, no figure uses it."""
    responded_at: Instant | None = None
    """When it was answered, if not when the response took effect first; its window goes by it."""

    @model_validator(mode="after")
    def _on_scale(self) -> Self:
        if self.scale_min >= self.scale_max:
            raise ValueError("scale_min must be below scale_max")
        if self.survey_type == "nps" and (self.scale_min, self.scale_max) not in NPS_SCALES:
            raise ValueError("nps must be asked on a scale of 0..10 or 1..10")
        if self.score is not None and not self.scale_min <= self.score <= self.scale_max:
            raise ValueError("score must lie within the scale")
        return self


class SurveyResponseCreated(SurveyResponse):
    """An answer was given."""


class SurveyResponseUpdated(SurveyResponse):
    """An answer was changed; the new one, which has all fields, replaces it from then on."""


class SurveyResponseDeleted(AccountData, entity="response_id"):
    """An answer is gone: no figure from then on has it, and later changes do not bring it back."""

    response_id: Id
    """The answer that is gone."""
    reason: str | None = None
    """Why, such as `test`; kept in the log, no figure uses it."""


SURVEY_EVENTS: Final[dict[str, type[EventData]]] = {
    "survey.sent": SurveySent,
    "survey_response.created": SurveyResponseCreated,
    "survey_response.updated": SurveyResponseUpdated,
    "survey_response.deleted": SurveyResponseDeleted,
    "event.retracted": EventRetracted,
}
"""The model of each type of the topic."""

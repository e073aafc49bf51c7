"""Policies on surveys."""

from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from aggregates.policies.area import Area
from events.survey import SurveyType

CSAT_THRESHOLDS: Final = {3: 3.0, 4: 3.0, 5: 4.0, 7: 6.0, 10: 8.0}
"""Lowest positive rating, by highest rating of the scale (Formbricks)."""


class SurveyPolicy(Area):
    """Which answers count, and what a satisfied one is."""

    nps_population: Literal["latest", "all", "account_average"] = "latest"
    """What counts for NPS: of each respondent the ``latest`` answer (Freshsuccess), ``all`` answers
    (Delighted), or each account once, by the mean of its respondents' latest answers in the window
    (``account_average``): a promoter from 9 on, a passive from 7 on."""
    nps_unscored: Literal["leave_out", "count"] = "leave_out"
    """Answers without a score stay out of NPS; or they count among all, as neither promoters nor
    detractors (CustomerGauge)."""
    csat_thresholds: dict[int, float] = CSAT_THRESHOLDS
    """Lowest positive rating by highest rating of the scale; a scale left out keeps its default."""
    csat_population: Literal["latest", "first", "all"] = "latest"
    """Of each ticket the ``latest`` rating counts for CSAT, the ``first`` (dbt_zendesk), or ``all``
    do; a ticket whose first rating is older than the window has none in it."""
    csat_neutral: bool = True
    """Neutral ratings count among all ratings (Simplesat); or they stay out of CSAT."""
    csat_touchpoints: tuple[str, ...] = ()
    """Touchpoints whose ratings count for CSAT, for instance `ticket`; with none named all do."""
    ces_scale: Literal["any", "1-7"] = "any"
    """CES answers on other scales are stretched to 1-7; or only those on 1-7 count."""
    ces_reversed: bool = False
    """The lowest CES score is the easiest, as in the first edition of CES; then all are turned
    round."""
    satisfaction_surveys: tuple[SurveyType, ...] = ("csat", "satisfaction")
    """Survey types whose answers count for happiness and satisfaction balance."""
    surveys_apart: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Surveys, by id, that measures by survey tell apart; all others are `other`, and what has no
    id is `none`. With none named every survey is told apart: name them where each sending has an
    id of its own."""

    @field_validator("csat_thresholds")
    @classmethod
    def _with_default_scales(cls, given: dict[int, float]) -> dict[int, float]:
        return {**CSAT_THRESHOLDS, **given}

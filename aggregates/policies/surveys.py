"""Policies on surveys."""

from typing import Final, Literal

from pydantic import field_validator

from aggregates.policies.area import Area
from events.survey import SurveyType

CSAT_THRESHOLDS: Final = {3: 3.0, 4: 3.0, 5: 4.0, 7: 6.0, 10: 8.0}
"""Lowest positive rating, by highest rating of the scale (Formbricks)."""


class SurveyPolicy(Area):
    """Which answers count, and what a satisfied one is."""

    nps_population: Literal["latest", "all"] = "latest"
    """Of each respondent the latest answer counts for NPS; or all answers do."""
    csat_thresholds: dict[int, float] = CSAT_THRESHOLDS
    """Lowest positive rating by highest rating of the scale; a scale left out keeps its default."""
    csat_touchpoints: tuple[str, ...] = ()
    """Touchpoints whose ratings count for CSAT, for instance `ticket`; with none named all do."""
    ces_scale: Literal["any", "1-7"] = "any"
    """CES answers on other scales are stretched to 1-7; or only those on 1-7 count."""
    ces_reversed: bool = False
    """The lowest CES score is the easiest, as in the first edition of CES; then all are turned
    round."""
    satisfaction_surveys: tuple[SurveyType, ...] = ("csat", "satisfaction")
    """Survey types whose answers count for happiness and satisfaction balance."""

    @field_validator("csat_thresholds")
    @classmethod
    def _with_default_scales(cls, given: dict[int, float]) -> dict[int, float]:
        return {**CSAT_THRESHOLDS, **given}

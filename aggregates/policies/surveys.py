"""Policies on surveys."""

from typing import Final

from pydantic import BaseModel, field_validator

CSAT_THRESHOLDS: Final = {3: 3.0, 4: 3.0, 5: 4.0, 7: 6.0, 10: 8.0}
"""Lowest positive rating, by highest rating of the scale (Formbricks)."""


class SurveyPolicy(BaseModel):
    """What counts as a satisfied answer."""

    csat_thresholds: dict[int, float] = CSAT_THRESHOLDS
    """Lowest positive rating by highest rating of the scale; a scale left out keeps its default."""

    @field_validator("csat_thresholds")
    @classmethod
    def _with_default_scales(cls, given: dict[int, float]) -> dict[int, float]:
        return {**CSAT_THRESHOLDS, **given}

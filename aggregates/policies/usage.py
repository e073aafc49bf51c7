"""Policies on usage."""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from aggregates.policies.area import Area
from aggregates.policies.dated import Valid
from aggregates.time.tile import tile_of
from events import parse_instant

Feature = Annotated[str, Field(min_length=1)]


class CoreFeature(Valid):
    """A feature that is to be adopted, from an instant on."""

    feature: Feature
    """Name of the feature, as uses carry it."""


class UsagePolicy(Area):
    """What makes a user active or engaged, and what is to be adopted."""

    active_features: tuple[Feature, ...] = ()
    """Features whose use makes a user active; with none named every use and every session does."""
    core_features: tuple[CoreFeature, ...] = ()
    """Core features, by name or with `feature` and `valid_from`: product adoption is their use.
    With none named every feature that anybody used in the window is one."""
    adoption_unit: Literal["accounts", "users"] = "accounts"
    """Whose use of features adoption is taken over: accounts, each by all of its users together, or
    single users."""
    stickiness_days: Literal["all", "weekdays"] = "all"
    """Days of which stickiness takes the mean: all, or Monday to Friday in the reporting time zone,
    for products that are used at work."""
    engagement_feature: Feature | None = None
    """Feature whose use is the engagement action; left out, the use of any feature is."""
    engagement_days: Annotated[int, Field(ge=1, le=30)] = 1
    """Days of 30 on which an engaged user did the action; it counts once a day."""

    @field_validator("core_features", mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        if not isinstance(given, list | tuple):
            return given
        return [{"feature": each} if isinstance(each, str) else each for each in given]

    @field_validator("core_features")
    @classmethod
    def _once_each(cls, given: tuple[CoreFeature, ...]) -> tuple[CoreFeature, ...]:
        if len({core.feature for core in given}) != len(given):
            raise ValueError("a core feature is named once")
        return given

    @cached_property
    def core_tiles(self) -> dict[str, int]:
        """The tile from which on each core feature is one, by feature."""
        return {
            core.feature: tile_of(parse_instant(core.valid_from)) for core in self.core_features
        }

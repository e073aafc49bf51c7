"""Policies on usage."""

from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, field_validator

from aggregates.policies.area import Area
from aggregates.policies.dated import ValidBetween
from aggregates.time.tile import NEVER, tile_of
from events import parse_instant

Feature = Annotated[str, Field(min_length=1)]


class CoreFeature(ValidBetween):
    """A feature that is to be adopted, from an instant on, and perhaps until another."""

    feature: Feature
    """Name of the feature, as uses carry it."""
    aliases: tuple[Feature, ...] = ()
    """Other names that uses of it carry, such as the one from before it was renamed."""


class CoreTiles(NamedTuple):
    """The tiles ``[since, until)`` in which a feature is a core feature."""

    since: int
    until: int


class UsagePolicy(Area):
    """What makes a user active or engaged, and what is to be adopted."""

    active_features: tuple[Feature, ...] = ()
    """Features whose use makes a user active; with none named every use and every session does."""
    user_basis: Literal["seen", "added"] = "seen"
    """Who is a user: by default whoever was ever seen at work or told with `user.added`, as product
    analytics takes it; or only those added, where each user is told. Either way `user.removed` ends
    it until the user is added again. It decides what shares of all users are shares of."""
    session_days: Literal["ended", "touched"] = "ended"
    """Days on which a session makes active: the day on which it ended, since it is told then and a
    gauge must not learn of yesterday today; or each local day that it touches, from `started_at`
    (or its end less its duration, 49 days at most) on, which restates the day before."""
    seat_accounts: Literal["current", "told"] = "current"
    """Accounts whose seats count: all but those that left, that is had subscriptions of which none
    runs on, since a licence ends with its subscription; or all, until another number is told."""
    core_features: tuple[CoreFeature, ...] = ()
    """Core features, by name or with `feature` and any of `valid_from`, `valid_until` and `aliases`
    (other names of it, from before it was renamed): product adoption is their use. With none named
    every feature that anybody used in the window is one."""
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
        names = [name for core in given for name in (core.feature, *core.aliases)]
        if len(set(names)) != len(names):
            raise ValueError("a core feature is named once, and an alias is of one only")
        return given

    @cached_property
    def core_tiles(self) -> dict[str, CoreTiles]:
        """The tiles in which each core feature is one, by feature."""
        return {
            core.feature: CoreTiles(
                tile_of(parse_instant(core.valid_from)),
                NEVER if core.valid_until is None else tile_of(parse_instant(core.valid_until)),
            )
            for core in self.core_features
        }

    @cached_property
    def feature_names(self) -> dict[str, str]:
        """The name under which uses of a feature are kept, by each alias."""
        return {alias: core.feature for core in self.core_features for alias in core.aliases}

    @cached_property
    def activating(self) -> tuple[str, ...]:
        """The features whose use makes active, by the names under which uses are kept."""
        names = (self.feature_names.get(name, name) for name in self.active_features)
        return tuple(dict.fromkeys(names))

    @property
    def engaging(self) -> str | None:
        """The feature whose use is the engagement action, by its kept name; None for any."""
        named = self.engagement_feature
        return named if named is None else self.feature_names.get(named, named)

"""Policies on the health score."""

from typing import Annotated, Any, Self, overload

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, model_validator

from aggregates.policies.area import Area
from events.docstrings import Documented

Weight = Annotated[int, Field(ge=0, le=1000)]


class HealthWeights(Documented):
    """What each component of the health score weighs; 0 leaves it out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    usage: Weight = 40
    """Weight of how many of the seats are used, and how often."""
    support: Weight = 20
    """Weight of how much trouble it has, by its tickets."""
    sentiment: Weight = 20
    """Weight of how its people say they feel."""
    commercial: Weight = 20
    """Weight of whether it pays, shrinks, or is about to decide."""

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if not any((self.usage, self.support, self.sentiment, self.commercial)):
            raise ValueError("at least one component needs a weight above 0")
        return self


class Thresholds(Documented):
    """Where a signal is poor and where it is good; between them it is concerning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    poor: float
    """Limit of poor; the setting says on which side of it."""
    good: float
    """Limit of good; the setting says on which side of it."""

    @overload
    def points(self, share: float) -> int: ...

    @overload
    def points(self, share: NDArray[np.float64]) -> NDArray[np.int64]: ...

    def points(self, share: Any) -> Any:
        """Returns 0, 50 or 100 points; more is better if ``good`` is above ``poor``, else less is.

        >>> [Thresholds(poor=0.5, good=0.8).points(share) for share in (0.49, 0.5, 0.79, 0.8)]
        [0, 50, 50, 100]
        >>> [Thresholds(poor=5, good=1).points(count) for count in (1, 2, 5, 6)]
        [100, 50, 50, 0]
        """
        sign = 1 if self.good >= self.poor else -1
        return 50 * (sign * share >= sign * self.poor) + 50 * (sign * share >= sign * self.good)


class HealthPolicy(Area):
    """How the health score of an account is made."""

    health_weights: HealthWeights = HealthWeights()
    """Weights of the components; a component without data is left out."""
    health_segment_weights: dict[str, HealthWeights] = Field(default_factory=dict)
    """Other weights for accounts of a segment, by the value of the first segment attribute."""
    health_red_max: Annotated[int, Field(ge=0, le=100)] = 50
    """Highest score of the red band."""
    health_yellow_max: Annotated[int, Field(ge=0, le=100)] = 75
    """Highest score of the yellow band; above it an account is green."""
    health_seat_share: Thresholds = Thresholds(poor=0.5, good=0.8)
    """Monthly active users as a share of seats: poor below the one, good from the other on."""
    health_stickiness: Thresholds = Thresholds(poor=0.1, good=0.2)
    """Mean daily as a share of monthly active users: poor below the one, good from the other on."""
    health_open_tickets: Thresholds = Thresholds(poor=4, good=1)
    """Unsolved tickets: good up to the one, poor above the other; poor with an escalated one."""
    health_tickets_90d: Thresholds = Thresholds(poor=9, good=3)
    """Tickets of the last 90 days: good up to the one, poor above the other."""
    health_sentiment_days: Annotated[int, Field(ge=1, le=3650)] = 180
    """Days for which the latest answer of an account's people says how they feel."""

    @model_validator(mode="after")
    def _bands_in_order(self) -> Self:
        if self.health_red_max > self.health_yellow_max:
            raise ValueError("health_red_max is above health_yellow_max")
        return self

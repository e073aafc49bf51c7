"""Policies on what a customer is worth over its lifetime."""

from fractions import Fraction
from typing import Annotated

from pydantic import Field

from aggregates.policies.area import Area
from aggregates.policies.dated import DatedShare


class LifetimePolicy(Area):
    """How revenue becomes lifetime value."""

    gross_margin: tuple[DatedShare, ...] = (DatedShare(value=Fraction(4, 5)),)
    """Share of revenue that is left after the cost of serving it, with the instant from which on
    each holds; where none holds, lifetime value has no value."""
    ltv_cap_months: Annotated[int, Field(ge=1, le=600)] = 60
    """Months that a customer is taken to stay at most, whatever the churn: also without any."""

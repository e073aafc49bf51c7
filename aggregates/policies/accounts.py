"""Policies on what the account topic tells: costs, onboarding, progress."""

from typing import Annotated, Literal

from pydantic import Field

from aggregates.policies.area import Area


class AccountPolicy(Area):
    """When costs count, where the way to value begins, and when to ask for milestones."""

    cac_lag_months: Annotated[int, Field(ge=0, le=6)] = 0
    """Months between spending to acquire and winning the account: costs count that much later."""
    value_start: Literal["account_created", "onboarding_started"] = "account_created"
    """Where the time to value begins: when the account is created, or with the last start of an
    onboarding before the value (an account without one then has no time to value)."""
    milestone_days: Annotated[int, Field(ge=0, le=365)] = 30
    """Age in days from which on an account is asked which milestones it has reached."""

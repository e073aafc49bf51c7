"""Policies on facts of the account topic: costs, onboarding, progress, the team's work."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from aggregates.policies.area import Area

Name = Annotated[str, Field(min_length=1)]


class AccountPolicy(Area):
    """When costs count, where the way to value begins, and when to ask for milestones."""

    cac_lag_months: Annotated[int, Field(ge=0, le=6)] = 0
    """Months between spending to acquire and winning the account: costs count that much later."""
    onboarding_cohort: Literal["completed", "started"] = "completed"
    """Which window an onboarding that was completed belongs to: that in which it was completed, or
    that of the start from which its time counts. ClientSuccess reads it by completion."""
    onboarding_given_up: Literal["left", "told"] = "left"
    """When an onboarding that nobody completes is given up: while no subscription of the account
    goes on any more (``left``), or only when `onboarding.cancelled` tells it (``told``), which
    counts in either case. An account that never had a subscription has not left."""
    value_start: Literal["account_created", "onboarding_started", "contract"] = "account_created"
    """Where the time to value begins: when the account is created; with the last start of an
    onboarding before the value; or with the contract, in the quarter of an hour from which on a
    subscription of the account counts revenue for the first time. An account without what it begins
    with has no time to value; one that had the value before its creation or contract took none."""
    milestones: tuple[Name, ...] = ()
    """Milestones that are asked for: only these count, also while nobody has reached them. With
    none named each that anybody reached counts, from then on."""
    milestone_days: Annotated[int, Field(ge=0, le=365)] = 30
    """Age in days from which on an account is asked which milestones it has reached."""
    conversion_days: Annotated[int, Field(ge=0, le=365)] | None = None
    """Days after a visit in which a goal that is reached counts as its outcome; 0 is the session,
    30 minutes from a visit (`visitor.seen`) on. Without, a goal counts whenever it is reached, seen
    before or not: over 30 days that is attribution within 30 days of whatever came first."""
    work_basis: Literal["seconds", "tasks"] = "seconds"
    """What the team's work is measured by: logged time, or completed tasks where hours are not
    logged; by category in either case."""

    @field_validator("milestones")
    @classmethod
    def _named_once(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(given)) != len(given):
            raise ValueError("a milestone is named once")
        return given

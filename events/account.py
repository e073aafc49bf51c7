"""Topic `account`: facts about accounts, prospects, programmes, costs and the team's own work."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from events.envelope import AccountFact, Envelope, Fact
from events.fields import Amount, Currency, Id, Instant, Seconds
from events.retraction import EventRetracted

CostCategory = Literal["acquisition", "retention", "service"]
HealthScore = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class AccountAttributes(AccountFact):
    """An account's attributes. Those the settings name label every measure."""

    ENTITY: ClassVar[str | None] = "account_id"

    segment: Id | None = None
    region: Id | None = None
    csm_id: Id | None = None
    parent_account_id: Id | None = None
    is_internal: bool = False


class AccountCreated(AccountAttributes):
    """An account exists."""


class AccountUpdated(AccountAttributes):
    """An account's attributes changed; the event carries all of them."""


class AccountMerged(AccountFact):
    """An account goes on in another one. A copy travels under each of the two keys.

    To take a merge back, retract it under each of the two accounts.
    """

    ENTITY: ClassVar[str | None] = "account_id"

    into_account_id: Id


class AccountSignedUp(AccountFact):
    """An account registered itself."""

    ENTITY: ClassVar[str | None] = "account_id"

    visitor_id: Id | None = None
    plan: Id | None = None
    referral_id: Id | None = None


class VisitorSeen(Fact):
    """Somebody not yet known looked at the product."""

    ENTITY: ClassVar[str | None] = "visitor_id"

    visitor_id: Id
    campaign: Id | None = None


class GoalConverted(Fact):
    """A visitor did what was hoped for."""

    ENTITY: ClassVar[str | None] = "visitor_id"

    visitor_id: Id
    goal: Id


class OnboardingFact(AccountFact):
    """A step of getting started. No id: the account's one onboarding."""

    ENTITY: ClassVar[str | None] = "onboarding_id"

    onboarding_id: Id | None = None


class OnboardingStarted(OnboardingFact):
    """Getting started began."""


class OnboardingCompleted(OnboardingFact):
    """Getting started is done."""


class ReferralFact(AccountFact):
    """`account_id` recommended the product, perhaps to a known account."""

    ENTITY: ClassVar[str | None] = "referral_id"

    referral_id: Id
    referred_account_id: Id | None = None


class ReferralCreated(ReferralFact):
    """A recommendation was made."""


class ReferralConverted(ReferralFact):
    """A recommendation led to a customer."""


class ProgramParticipated(AccountFact):
    """An account took part in a programme: webinar, QBR, advocacy, community."""

    program: Id


class CostRecorded(Fact):
    """Money spent, spread evenly over its period; without a period it falls on its instant."""

    category: CostCategory
    kind: Id | None = None
    amount: Amount
    currency: Currency
    period_start: Instant | None = None
    period_end: Instant | None = None
    segment: Id | None = None

    @model_validator(mode="after")
    def _whole_period(self) -> Self:
        if (self.period_start is None) != (self.period_end is None):
            raise ValueError("period_start and period_end come together")
        if self.period_start is None or self.period_end is None:
            return self
        if self.period_start >= self.period_end:
            raise ValueError("period_start should be before period_end")
        return self


class TaskFact(Fact):
    """One task of the team, as far as the event tells; `task_id` is all it must."""

    ENTITY: ClassVar[str | None] = "task_id"

    task_id: Id
    owner_id: Id | None = None
    category: Id | None = None
    due_at: Instant | None = None
    snoozed_until: Instant | None = None
    completed_at: Instant | None = None


class TaskCreated(TaskFact):
    """There is something to do."""


class TaskUpdated(TaskFact):
    """A task changed: owner, category, due date, snooze."""


class TaskCompleted(TaskFact):
    """A task is done."""


class TaskReopened(TaskFact):
    """A task is not done after all."""


class TaskCancelled(TaskFact):
    """A task need not be done."""


class TimeLogged(Fact):
    """Somebody of the team worked for `seconds`; without a category it counts as uncategorised."""

    owner_id: Id | None = None
    category: Id | None = None
    seconds: Seconds

    def own_key(self) -> str | None:
        """The owner: a log of time has no id of its own."""
        return self.owner_id


class HealthOverrideSet(AccountFact):
    """A person's judgement replaces the computed score, until it expires."""

    score: HealthScore
    until: Instant | None = None
    reason: str | None = None


AccountEvent = Annotated[
    Envelope[Literal["account.created"], AccountCreated]
    | Envelope[Literal["account.updated"], AccountUpdated]
    | Envelope[Literal["account.merged"], AccountMerged]
    | Envelope[Literal["account.signed_up"], AccountSignedUp]
    | Envelope[Literal["visitor.seen"], VisitorSeen]
    | Envelope[Literal["goal.converted"], GoalConverted]
    | Envelope[Literal["onboarding.started"], OnboardingStarted]
    | Envelope[Literal["onboarding.completed"], OnboardingCompleted]
    | Envelope[Literal["referral.created"], ReferralCreated]
    | Envelope[Literal["referral.converted"], ReferralConverted]
    | Envelope[Literal["program.participated"], ProgramParticipated]
    | Envelope[Literal["cost.recorded"], CostRecorded]
    | Envelope[Literal["task.created"], TaskCreated]
    | Envelope[Literal["task.updated"], TaskUpdated]
    | Envelope[Literal["task.completed"], TaskCompleted]
    | Envelope[Literal["task.reopened"], TaskReopened]
    | Envelope[Literal["task.cancelled"], TaskCancelled]
    | Envelope[Literal["time.logged"], TimeLogged]
    | Envelope[Literal["health.override_set"], HealthOverrideSet]
    | Envelope[Literal["event.retracted"], EventRetracted],
    Field(discriminator="type"),
]
"""Every event of the topic."""

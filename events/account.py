"""Topic `account`: facts about accounts, prospects, programmes, costs and the team's own work."""

from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from events.envelope import AccountData, EventData
from events.fields import Currency, Id, Instant, Seconds, SignedAmount, label_of
from events.retraction import EventRetracted

CostCategory = Literal["acquisition", "retention", "service"]
HealthScore = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class AccountAttributes(
    AccountData,
    entity="account_id",
    partial=("segment", "region", "csm_id", "parent_account_id", "is_internal"),
):
    """An account's attributes. Those that the setting `segments` names label every measure.

    A field that is not declared is an attribute of the producer's own.
    """

    model_config = ConfigDict(extra="allow")

    segment: Id | None = None
    """Class of customer, such as `smb`: by default what figures are told apart by; until it is
    given, `unknown`."""
    region: Id | None = None
    """Where it is; figures are told apart by it if `segments` names it."""
    csm_id: Id | None = None
    """Its success manager; figures are told apart by it if `segments` names it."""
    parent_account_id: Id | None = None
    """The account that it belongs to; figures are told apart by it if `segments` names it."""
    is_internal: bool | None = None
    """Whether it is the vendor's own or a test, as last told: then it is in no figure, of any time,
    also where that lies ahead; null is false."""

    @classmethod
    def takes(cls, value: object) -> bool:
        """Returns whether it can be the value of an attribute."""
        return label_of(value) is not None


class AccountCreated(AccountAttributes):
    """An account exists; time to value and progress begin.

    Any further field is an attribute of your own, such as `plan_tier`: figures are told apart by it
    if `segments` names it. It is text, a number or a boolean; null and empty text take it away.
    """


class AccountUpdated(AccountAttributes):
    """An account's attributes changed: those left out stay as they were, null takes one away.

    Further fields are attributes of your own. Figures of all times are told apart by the attributes
    as last told, also where that lies ahead.
    """


class AccountMerged(AccountData, entity="account_id"):
    """An account was another one all along: both are one from the start, in every figure.

    A copy travels under each of the two keys. Revenue that goes along is neither churn nor new,
    whether subscriptions go on under their old account, under the other one by the same id, or by
    another that replaces it. To take a merge back, retract it under each of the two accounts.
    """

    into_account_id: Id
    """The account that goes on."""


class AccountSignedUp(AccountData, entity="account_id"):
    """An account registered itself: the setting `trial_base` asks if it becomes a customer."""

    visitor_id: Id | None = None
    """The visitor that it was before; kept in the log, no figure uses it."""
    plan: Id | None = None
    """The plan that was chosen, perhaps a free one; kept in the log, no figure uses it."""
    referral_id: Id | None = None
    """The recommendation that led to it; kept in the log, no figure uses it."""


class VisitorSeen(EventData, entity="visitor_id"):
    """Somebody not yet known looked at the product."""

    visitor_id: Id
    """The visitor, and the record's key where there is neither account nor subject."""
    campaign: Id | None = None
    """What led there; kept in the log, no figure uses it."""


class GoalConverted(EventData, entity="visitor_id"):
    """A visitor did what was hoped for."""

    visitor_id: Id
    """The visitor, under the same key as where it was seen."""
    goal: Id
    """Name of what was done, of a bounded set: the label of visitor conversion; it counts once a
    visitor."""


class OnboardingData(AccountData, entity="onboarding_id"):
    """A step of getting started. No id: the account's one onboarding."""

    onboarding_id: Id | None = None
    """The onboarding, of an account that has several; left out, its only one."""


class OnboardingStarted(OnboardingData):
    """Getting started began; again before it is completed, it began anew."""


class OnboardingCompleted(OnboardingData):
    """Getting started is done; without a start before, it says nothing."""


class OnboardingCancelled(OnboardingData):
    """Getting started is given up: it is open no longer, and a start begins another round."""


class ReferralData(AccountData, entity="referral_id"):
    """`account_id` recommended the product, perhaps to a known account."""

    referral_id: Id
    """The recommendation, of the account that made it."""
    referred_account_id: Id | None = None
    """The account that it led to, as soon as it is known: twice the same counts once, the own one
    not at all."""


class ReferralCreated(ReferralData):
    """A recommendation was made."""


class ReferralConverted(ReferralData):
    """A recommendation led to a customer; told under the account that made it."""


class ProgramParticipated(AccountData):
    """An account took part in a programme: webinar, QBR, advocacy, community."""

    program: Id
    """Name of the programme; all count alike."""


class CostRecorded(EventData):
    """Money spent, spread evenly over its period; without a period it falls on its instant."""

    category: CostCategory
    """What it was spent on: to win accounts or to keep them; `service` costs are in no figure."""
    kind: Id | None = None
    """What was paid, such as `tools`; kept in the log, no figure uses it."""
    amount: SignedAmount
    """What it cost, in minor units of the currency; below 0 what was given back, as by a credit
    note, which lowers the costs of its own period."""
    currency: Currency
    """ISO 4217 code; another than the reporting currency needs a rate in the settings."""
    period_start: Instant | None = None
    """When the time that it is for begins."""
    period_end: Instant | None = None
    """When it is over: that instant is no part of it."""
    segment: Id | None = None
    """The segment that bears it; left out, its account's; with neither it counts in the whole only.
    """

    @model_validator(mode="after")
    def _whole_period(self) -> Self:
        if (self.period_start is None) != (self.period_end is None):
            raise ValueError("period_start and period_end must come together")
        if self.period_start is None or self.period_end is None:
            return self
        if self.period_start >= self.period_end:
            raise ValueError("period_start must be before period_end")
        return self


class TaskData(
    EventData, entity="task_id", partial=("owner_id", "category", "due_at", "snoozed_until")
):
    """One task of the team, as far as the event tells; `task_id` is all it must."""

    task_id: Id
    """The task. What an event leaves out stays as it was; what it gives as null is taken away."""
    owner_id: Id | None = None
    """Who is to do it: the label of figures of tasks; nobody is `unassigned`."""
    category: Id | None = None
    """What kind of task it is, of a bounded set: the label of completed tasks by category."""
    due_at: Instant | None = None
    """Until when it is to be done; the date in force counts."""
    snoozed_until: Instant | None = None
    """Until when it is put off, and not overdue."""
    completed_at: Instant | None = None
    """When it was done; kept in the log, no figure uses it but in `task.completed`."""


class TaskCreated(TaskData):
    """There is something to do."""


class TaskUpdated(TaskData):
    """A task changed: owner, category, due date, snooze."""


class TaskCompleted(TaskData):
    """A task is done, to the credit of who owned it then."""

    completed_at: Instant | None = None
    """When it was done: what this tells, and else owner, category and due date of then count, of
    the first event where that is later; left out or later than this takes effect, when this does.
    """


class TaskReopened(TaskData):
    """A task is not done after all."""


class TaskCancelled(TaskData):
    """A task need not be done."""


class TimeLogged(EventData):
    """Somebody of the team worked. Times add up: another event is more time."""

    owner_id: Id | None = None
    """Who worked: the record's key where there is neither account nor subject; no figure uses it
    otherwise."""
    category: Id | None = None
    """What for, of a bounded set: the label of work focus; left out, `uncategorised`."""
    seconds: Seconds
    """How long, in seconds."""

    def own_key(self) -> str | None:
        """The owner: a log of time has no id of its own."""
        return self.owner_id


class HealthOverrideSet(AccountData):
    """A person's judgement replaces the computed score, until it expires."""

    score: HealthScore
    """Health from 0 to 100, in place of the computed score of a paying account."""
    until: Instant | None = None
    """When the judgement expires; left out, with the next one, after which it does not come back.
    """
    reason: str | None = None
    """Why; kept in the log, no figure uses it."""


ACCOUNT_EVENTS: Final[dict[str, type[EventData]]] = {
    "account.created": AccountCreated,
    "account.updated": AccountUpdated,
    "account.merged": AccountMerged,
    "account.signed_up": AccountSignedUp,
    "visitor.seen": VisitorSeen,
    "goal.converted": GoalConverted,
    "onboarding.started": OnboardingStarted,
    "onboarding.completed": OnboardingCompleted,
    "onboarding.cancelled": OnboardingCancelled,
    "referral.created": ReferralCreated,
    "referral.converted": ReferralConverted,
    "program.participated": ProgramParticipated,
    "cost.recorded": CostRecorded,
    "task.created": TaskCreated,
    "task.updated": TaskUpdated,
    "task.completed": TaskCompleted,
    "task.reopened": TaskReopened,
    "task.cancelled": TaskCancelled,
    "time.logged": TimeLogged,
    "health.override_set": HealthOverrideSet,
    "event.retracted": EventRetracted,
}
"""The model of each type of the topic."""

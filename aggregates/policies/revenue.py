"""Policies on subscriptions, recurring revenue, renewals and conversion."""

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from aggregates.policies.area import Area

Factors = Mapping[str, tuple[int, int]]
"""How many of an interval are a month, as a quotient."""

FACTORS: Final[Factors] = {"year": (1, 12), "month": (1, 1), "week": (52, 12), "day": (365, 12)}
"""The defaults: a year is 12 months, 52 weeks, 365 days."""

PRICING: Final = ("week_factor", "day_factor", "discounts_in_mrr", "fx_mode")
"""Policies that decide the MRR of a subscription."""

MOVING: Final = (
    *PRICING,
    "retention_offers",
    "past_due_churn_days",
    "paused_policy",
    "free_is_churn",
    "churn_recognition",
    "coalesce_minutes",
    "reactivation_min_days",
    "require_paid_invoice",
    "metered_mrr",
    "refunds_in_mrr",
)
"""Policies that decide what counts, and how its changes are told apart."""

REPLACING: Final = (
    "retention_offers",
    "past_due_churn_days",
    "paused_policy",
    "require_paid_invoice",
)
"""Policies that decide when a subscription counts in the place of another."""

_FACTOR_MAX: Final = 1_000
"""More weeks or days a month are not meant; sums stay in 64 bits below."""


class RevenuePolicy(Area):
    """What counts as recurring revenue, and how its changes are told apart."""

    week_factor: Fraction = Fraction(*FACTORS["week"])
    """Weeks in a month, exact (``"52/12"``); 4 is what some systems use."""
    day_factor: Fraction = Fraction(*FACTORS["day"])
    """Days in a month, exact (``"365/12"``); 30 is what some systems use."""
    discounts_in_mrr: Literal["lasting", "forever", "all", "none"] = "lasting"
    """Discounts that lower MRR: those that repeat or last (``lasting``), those without an end
    (``forever``), those for once too (``all``: MRR is billed MRR), or ``none`` (contract MRR)."""
    retention_offers: Literal["keep", "zero"] = "keep"
    """A free period that is to keep who pays goes on with MRR, if its subscription, or one that it
    replaces, had some just before (``keep``), or makes it 0."""
    past_due_churn_days: Annotated[int, Field(ge=1, le=90)] | None = None
    """Days after which a late payment is churn, involuntary; without, it counts until billing says
    ``unpaid`` or ends the subscription."""
    paused_policy: Literal["zero", "keep", "churn"] = "zero"
    """A pause makes MRR 0 without being churn (``zero``), changes nothing (``keep``), or is
    churn, and its end a reactivation (``churn``)."""
    free_is_churn: bool = True
    """An account that moves to a price of 0 is lost; if not, that is a downgrade: it stays among
    the paying accounts while a subscription of it goes on."""
    churn_recognition: Literal["ended", "canceled"] = "ended"
    """Revenue is lost when the subscription ends, or as soon as it is known that it will."""
    coalesce_minutes: Annotated[int, Field(ge=0, le=1440)] = 60
    """Subscription changes this close after the first of a group are classified as one movement; a
    window that begins between them holds those that follow, as a movement of their own."""
    reactivation_min_days: Annotated[int, Field(ge=0, le=366)] = 0
    """Days without revenue from which on a return is reactivation; a sooner one resumes: expansion
    with the reason ``resume``."""
    same_period_new_churn: Literal["count", "ignore"] = "count"
    """Whether accounts that are new and stop paying inside one window are among its churned ones.
    Movements of revenue count both anyway, and cohorts neither."""
    fx_mode: Literal["constant", "revalue"] = "constant"
    """A subscription keeps the exchange rate of when its currency came into use, or is revalued
    with every new rate: a movement of its own, ``fx_mrr``, never expansion or contraction."""
    require_paid_invoice: bool = False
    """A subscription counts only from its first paid invoice on (`invoice.paid` with an amount, by
    the time of its effect); one is enough for its life. Until then it is like a trial."""
    metered_mrr: Literal["exclude", "trailing_3m_avg"] = "exclude"
    """Metered use is not recurring, or a third of what was paid for it in the last 90 days is MRR
    while the subscription counts. Of an invoice of a subscription with a metered item, paid for use
    is what is more than the licensed items come to, less their discounts, in the months of its
    period."""
    refunds_in_mrr: Literal["none", "period"] = "none"
    """A refund is only cash, or lowers the MRR of the subscription, down to 0, by its share of each
    month of the invoice's period, from the refund until the period's end: for that, it names an
    invoice that tells its subscription and period (`period`)."""
    renewal_grace_days: Annotated[int, Field(ge=0, le=366)] = 30
    """Days after its due date in which a term may still be renewed; so long it is open. 0 takes
    renewals until the due date only."""
    renewal_min_term_days: Annotated[int, Field(ge=0, le=3660)] = 0
    """Terms of fewer days are not due and not renewed: 300 leaves out months and quarters, which
    renew by themselves. A term lasts from its told start (`term_start`), else from when the state
    that tells its end takes effect; by default each term counts, however short."""
    trial_conversion_days: Annotated[int, Field(ge=1, le=366)] = 30
    """Days from its start in which a trial has to become paid; then it is mature and counts."""
    trial_base: Literal["trials", "signups"] = "trials"
    """Who is asked whether it became a customer: an account that begins a trial, or one that signs
    up (`account.signed_up`), for a free plan that need not end: the freemium base."""
    trial_cohort: Literal["mature", "same_period"] = "mature"
    """A window holds the trials whose time to become paid ran out in it, and those of them that did
    (``mature``: ChartMogul's cohorts); or those that began in it, and those that became paid in it
    whenever they began (``same_period``: Baremetrics' ratio, at once, but of two groups)."""

    @field_validator("week_factor", "day_factor")
    @classmethod
    def _is_a_factor(cls, factor: Fraction) -> Fraction:
        if not 0 < factor <= _FACTOR_MAX:
            raise ValueError(f"a month has more than 0 and at most {_FACTOR_MAX} of an interval")
        return factor

    @property
    def reads_invoices(self) -> bool:
        """Whether what counts depends on what was paid or given back."""
        return (
            self.require_paid_invoice
            or self.metered_mrr != "exclude"
            or self.refunds_in_mrr != "none"
        )

    @cached_property
    def factors(self) -> Factors:
        """How many of each interval are a month."""
        week, day = self.week_factor.as_integer_ratio(), self.day_factor.as_integer_ratio()
        return {**FACTORS, "week": week, "day": day}

"""Movements: why an account's revenue changed, and how often it did.

At any instant

    start + new + reactivation + expansion - contraction - churn + transferred + fx = revenue
    start + news + returns - churns + moves = customers.

How changes become movements is in ``aggregates.revenue.movement_group``, what windows see that
begin inside a group of changes in ``aggregates.revenue.regrouping``.
"""

from operator import add, sub
from typing import Final, NamedTuple


class Movements(NamedTuple):
    """Sums of movements: micro-units a month, positive but for the last two; and their numbers.

    Numbers are positive but for ``moves``.

    Attributes:
        new: Of accounts that never paid before.
        reactivation: Of accounts that paid before, after any gap.
        upgrade: Expansion of accounts that pay.
        resume: Expansion by what was paused.
        downgrade: Contraction of accounts that go on paying.
        pause: Contraction by what is paused.
        voluntary: Churn that the customer chose.
        involuntary: Churn for want of payment.
        transferred: What came from, less what went to, other accounts.
        fx: What new exchange rates made of what was there.
        news: Movements of new accounts.
        returns: Movements by which a lost account is a customer again.
        churns: Movements of churn, also of customers without revenue.
        moves: Accounts that became customers by what was transferred, less those that ceased to be.
        upsells: Movements with an upgrade.
        downgrades: Movements with a downgrade.
        lost_subs: Subscriptions that count no longer.
    """

    new: int = 0
    reactivation: int = 0
    upgrade: int = 0
    resume: int = 0
    downgrade: int = 0
    pause: int = 0
    voluntary: int = 0
    involuntary: int = 0
    transferred: int = 0
    fx: int = 0
    news: int = 0
    returns: int = 0
    churns: int = 0
    moves: int = 0
    upsells: int = 0
    downgrades: int = 0
    lost_subs: int = 0

    def plus(self, other: "Movements") -> "Movements":
        """Adds the movements of two."""
        return Movements(*map(add, self, other))

    def minus(self, other: "Movements") -> "Movements":
        """Takes the movements of another away."""
        return Movements(*map(sub, self, other))


NONE: Final = Movements()

"""Plans: what accounts pay for each plan, who joins it and who leaves it.

Formulas: a subscription's MRR is split over the plans of its licensed items in proportion to what
these come to without discounts, see ``aggregates.revenue.plan_revenue``; items that tell no plan
are of the plan ``none``. ``plan_mrr`` sums that by plan, and adds up to ``mrr`` at every instant,
under every policy. ``plan_accounts`` and ``plan_subscriptions`` have MRR above 0 in the plan. The
flows compare an account with itself from one quarter of an hour to the next, plan by plan, whatever
the reason: a move from one plan to another is a loss of the one and a gain of the other. Unit:
micro-units of the reporting currency a month, accounts, subscriptions. Undefined: never; a ratio to
a plan that nobody had has no value. Source: ChartMogul and Stripe documentation (filters by plan).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.ledger.measure import Contributions, Measure, Unit
from aggregates.policies.revenue import MOVING
from aggregates.revenue.plan_revenue import PlanPay, PlanPays
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.rows.family import Family, Scope

_LABELS: Final = ("plan",)


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    before: PlanPays = ()
    for tile, pays in rows[0].steps(scope).view(lambda state: state.pays).steps:
        yield from _moved(tile, before, pays)
        before = pays


def _moved(tile: int, before: PlanPays, now: PlanPays) -> Contributions:
    """Yields what a tile changed in what an account pays by plan."""
    paid, pays = ({pay.plan: pay for pay in each} for each in (before, now))
    for plan in sorted({*paid, *pays}):
        nothing = PlanPay(plan, 0, 0)
        old, new = paid.get(plan, nothing), pays.get(plan, nothing)
        rise = new.mrr - old.mrr
        if rise:
            yield ("plan_mrr", plan), tile, rise
            yield ("plan_mrr_gained" if rise > 0 else "plan_mrr_lost", plan), tile, abs(rise)
        if new.subs != old.subs:
            yield ("plan_subscriptions", plan), tile, new.subs - old.subs
        if not old.mrr:
            yield ("plan_accounts", plan), tile, 1
            yield ("plan_accounts_gained", plan), tile, 1
        elif not new.mrr:
            yield ("plan_accounts", plan), tile, -1
            yield ("plan_accounts_lost", plan), tile, 1


FAMILY = Family(
    name="plans",
    reads=SUBSCRIPTIONS,
    measures=(
        Measure.level(
            "plan_mrr", "MRR by plan; the plans add up to mrr.", Unit.MONEY, labels=_LABELS
        ),
        Measure.level("plan_accounts", "Accounts with MRR in the plan.", labels=_LABELS),
        Measure.level("plan_subscriptions", "Subscriptions with MRR in the plan.", labels=_LABELS),
        Measure.flow(
            "plan_mrr_gained",
            "Rises of the MRR that accounts have in the plan.",
            Unit.MONEY,
            labels=_LABELS,
        ),
        Measure.flow(
            "plan_mrr_lost", "Falls of it, as a positive number.", Unit.MONEY, labels=_LABELS
        ),
        Measure.flow(
            "plan_accounts_gained", "Times that an account came to the plan.", labels=_LABELS
        ),
        Measure.flow("plan_accounts_lost", "Times that an account left the plan.", labels=_LABELS),
    ),
    contributions=contributions,
    policies=MOVING,
)

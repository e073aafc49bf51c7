"""Revenue: monthly recurring revenue (MRR), its movements, and what became of it in a window.

Formulas: a subscription's MRR is the sum of its items, each amount divided by the months of its
interval (a week is 12/52 of a month, a day 12/365), less discounts that repeat or last; an
account's is the sum of its subscriptions. Active and past-due subscriptions count; trials, pauses,
unpaid and ended ones are 0; each of these is a policy (``aggregates.policies.revenue``) at its
default. Movements are those of accounts, see ``aggregates.revenue.movement``. Of
accounts that paid at a window's start, ``retained`` sums MRR now, ``capped`` the lesser of MRR now
and then, and ``cohort_...`` their movements inside the window.
Unit: micro-units of the reporting currency a month. Undefined: never; ratios to an empty start have
no value.
Source: ChartMogul, Stripe and Baremetrics documentation; dbt-labs/mrr-playbook for the order of
classification.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from aggregates.contributions.cohort import cohort
from aggregates.contributions.steps import differences
from aggregates.ledger.measure import Contributions, Measure, Series, Unit
from aggregates.policies.revenue import MOVING
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.revenue.timeline import AccountRevenue
from aggregates.rows.family import Family, Scope

_WINDOWS: Final = ("month", "30d", "365d")

_SERIES: Final[dict[Series, str]] = {
    ("mrr",): "levels.mrr",
    ("billed_mrr",): "levels.billed",
    ("committed_mrr",): "levels.committed",
    ("past_due_mrr",): "levels.past_due",
    ("contracted_mrr",): "levels.contracted",
    ("new_mrr",): "moved.new",
    ("reactivation_mrr",): "moved.reactivation",
    ("expansion_mrr", "upgrade"): "moved.upgrade",
    ("expansion_mrr", "resume"): "moved.resume",
    ("contraction_mrr", "downgrade"): "moved.downgrade",
    ("contraction_mrr", "pause"): "moved.pause",
    ("churned_mrr", "voluntary"): "moved.voluntary",
    ("churned_mrr", "involuntary"): "moved.involuntary",
    ("transferred_mrr",): "moved.transferred",
    ("fx_mrr",): "moved.fx",
}
"""The series of levels and flows, by the part of a state that each counts."""

_amounts = attrgetter(*_SERIES.values())

_COHORT: Final = (
    "retained_mrr",
    "capped_mrr",
    "cohort_churned_mrr",
    "cohort_contraction_mrr",
    "cohort_expansion_mrr",
)
_NO_COHORT: Final = (0,) * len(_COHORT)

View = tuple[int, int, int, int]
"""What cohorts see of a state: MRR, and the sums of churn, contraction and expansion till then."""


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    revenue = rows[0].steps(scope)
    yield from differences(tuple(_SERIES), revenue.view(_amounts))
    windows = scope.windows[_COHORT[0]]
    yield from cohort(_COHORT, windows, revenue.view(_view), cohort_figures)


def _view(state: AccountRevenue) -> View:
    moved = state.moved
    return (
        state.levels.mrr,
        moved.voluntary + moved.involuntary,
        moved.downgrade + moved.pause,
        moved.upgrade + moved.resume,
    )


def cohort_figures(start: View, now: View) -> tuple[int, ...]:
    """Returns the figures of ``_COHORT``, in order: 0 for an account without MRR at the start.

    >>> cohort_figures((100, 0, 0, 0), (70, 0, 50, 20))
    (70, 70, 0, 50, 20)
    >>> cohort_figures((0, 0, 0, 0), (100, 0, 0, 0))
    (0, 0, 0, 0, 0)
    """
    paid, churned, contracted, expanded = start
    if not paid:
        return _NO_COHORT
    pays = now[0]
    return pays, min(pays, paid), now[1] - churned, now[2] - contracted, now[3] - expanded


FAMILY = Family(
    name="revenue",
    reads=SUBSCRIPTIONS,
    measures=(
        Measure.level(
            "mrr", "Monthly recurring revenue, less discounts that repeat or last.", Unit.MONEY
        ),
        Measure.level("billed_mrr", "The same, less discounts for once too.", Unit.MONEY),
        Measure.level(
            "committed_mrr",
            "MRR less what is known to end, with what is known to begin.",
            Unit.MONEY,
        ),
        Measure.level("past_due_mrr", "MRR of subscriptions whose payment is late.", Unit.MONEY),
        Measure.level(
            "contracted_mrr", "MRR of subscriptions inside a term whose end is told.", Unit.MONEY
        ),
        Measure.flow("new_mrr", "MRR of accounts that never paid before.", Unit.MONEY),
        Measure.flow(
            "reactivation_mrr", "MRR of accounts that paid before and come back.", Unit.MONEY
        ),
        Measure.flow(
            "expansion_mrr",
            "MRR added by accounts that pay, or are paused.",
            Unit.MONEY,
            labels=("reason",),
        ),
        Measure.flow(
            "contraction_mrr",
            "MRR lost from accounts that go on or pause.",
            Unit.MONEY,
            labels=("reason",),
        ),
        Measure.flow(
            "churned_mrr", "MRR of accounts that stop paying.", Unit.MONEY, labels=("reason",)
        ),
        Measure.flow(
            "transferred_mrr",
            "MRR that merged accounts brought, less what they took along.",
            Unit.MONEY,
        ),
        Measure.flow(
            "fx_mrr", "What new exchange rates made of MRR, where it is revalued.", Unit.MONEY
        ),
        Measure.windowed(
            "retained_mrr",
            "MRR now of accounts that paid at the window's start.",
            _WINDOWS,
            Unit.MONEY,
        ),
        Measure.windowed(
            "capped_mrr",
            "The same, of each account at most what it paid then.",
            _WINDOWS,
            Unit.MONEY,
        ),
        Measure.windowed(
            "cohort_churned_mrr",
            "MRR that those accounts churned in the window.",
            _WINDOWS,
            Unit.MONEY,
        ),
        Measure.windowed(
            "cohort_contraction_mrr",
            "MRR by which they contracted, pauses included.",
            _WINDOWS,
            Unit.MONEY,
        ),
        Measure.windowed(
            "cohort_expansion_mrr",
            "MRR by which they expanded, resumptions included.",
            _WINDOWS,
            Unit.MONEY,
        ),
    ),
    contributions=contributions,
    policies=MOVING,
)

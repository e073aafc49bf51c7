"""Revenue: monthly recurring revenue (MRR), its movements, and what became of it in a window.

Formulas: a subscription's MRR is the sum of its items, each amount divided by the months of its
interval (a week is 12/52 of a month, a day 12/365), less discounts that repeat or last; an
account's is the sum of its subscriptions. Active and past-due subscriptions count; trials, pauses,
unpaid and ended ones are 0; each of these is a policy (``aggregates.policies.revenue``) at its
default. Movements are those of accounts, see ``aggregates.revenue.movement``. Of
accounts that paid at a window's start, ``retained`` sums MRR now, ``capped`` the lesser of MRR now
and then, and ``cohort_...`` their movements inside the window; what goes over to another account is
all along of the one in which the window found it (``aggregates.revenue.ownership``). ``..._gains``
is what such an account lost beyond what it paid at the start: it had gained that inside the window.
Flows are those of ``aggregates.revenue.regrouping``.
Unit: micro-units of the reporting currency a month. Undefined: never; ratios to an empty start have
no value.
Source: ChartMogul, Stripe and Baremetrics documentation; dbt-labs/mrr-playbook for the order of
classification.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from aggregates.contributions.cohort import cohort_as_found
from aggregates.contributions.steps import differences
from aggregates.ledger.measure import Contributions, Measure, Series, Unit
from aggregates.policies.revenue import MOVING
from aggregates.revenue.account import AccountRevenue
from aggregates.revenue.movement import Movements
from aggregates.revenue.regrouping import Course, regrouped, with_regrouped
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
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

_MOVED: Final = {series: part for series, part in _SERIES.items() if part.startswith("moved.")}
_movements = attrgetter(*(part.removeprefix("moved.") for part in _MOVED.values()))

_COHORT: Final = (
    "retained_mrr",
    "capped_mrr",
    "cohort_churned_mrr",
    "cohort_contraction_mrr",
    "cohort_expansion_mrr",
    "cohort_churned_gains_mrr",
    "cohort_lost_gains_mrr",
)
_NO_COHORT: Final = (0,) * len(_COHORT)

View = tuple[int, Course]
"""What cohorts see of a state: MRR, and churn, contraction, expansion and transfers till then."""


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    revenue = rows[0].revenue(scope)
    yield from differences(tuple(_SERIES), revenue.steps.view(_amounts))
    courses = revenue.steps.view(lambda state: state.course(_movements))
    yield from regrouped(tuple(_MOVED), courses, scope.windows)
    windows = scope.windows[_COHORT[0]]
    found = [(tile, steps.view(_view)) for tile, steps in revenue.found]
    yield from cohort_as_found(_COHORT, windows, found, cohort_figures)


def _view(state: AccountRevenue) -> View:
    return state.levels.mrr, state.course(_cohort_movements)


def _cohort_movements(moved: Movements) -> tuple[int, ...]:
    return (
        moved.voluntary + moved.involuntary,
        moved.downgrade + moved.pause,
        moved.upgrade + moved.resume,
        moved.transferred,
    )


def cohort_figures(start: View, now: View) -> tuple[int, ...]:
    """Returns the figures of ``_COHORT``, in order: 0 for an account without MRR at the start.

    >>> def was(mrr, *moved):
    ...     return mrr, Course(moved)
    >>> cohort_figures(was(100, 0, 0, 0, 0), was(70, 0, 50, 20, 0))
    (70, 70, 0, 50, 20, 0, 0)
    >>> cohort_figures(was(100, 0, 0, 0, 0), was(0, 120, 10, 30, 0))  # 100 of 130 is what it paid
    (0, 0, 120, 10, 30, 20, 30)
    >>> cohort_figures(was(100, 0, 0, 0, 0), was(40, 0, 0, 0, -60))  # of too many that went over
    (100, 100, 0, 0, 0, 0, 0)
    >>> cohort_figures(was(0, 0, 0, 0, 0), was(100, 0, 0, 0, 0))
    (0, 0, 0, 0, 0, 0, 0)
    """
    paid, course = start
    if not paid:
        return _NO_COHORT
    churned, contracted, expanded, transferred = now[1].since(course)
    pays, had = max(now[0] - transferred, 0), max(paid + transferred, 0)
    gains = max(churned - had, 0), max(churned + contracted - had, 0)
    return pays, min(pays, paid), churned, contracted, expanded, *gains


FAMILY = Family(
    name="revenue",
    reads=SUBSCRIPTIONS,
    measures=with_regrouped(
        (
            Measure.level(
                "mrr", "Monthly recurring revenue, less discounts that repeat or last.", Unit.MONEY
            ),
            Measure.level("billed_mrr", "The same, less discounts for once too.", Unit.MONEY),
            Measure.level(
                "committed_mrr",
                "MRR less what is known to end or to be replaced, with what is known to begin.",
                Unit.MONEY,
            ),
            Measure.level(
                "past_due_mrr", "MRR of subscriptions whose payment is late.", Unit.MONEY
            ),
            Measure.level(
                "contracted_mrr",
                "MRR of subscriptions inside a term whose end is told.",
                Unit.MONEY,
            ),
            Measure.flow(
                "new_mrr", "MRR of accounts that never paid before.", Unit.MONEY, regrouped=True
            ),
            Measure.flow(
                "reactivation_mrr",
                "MRR of accounts that paid before and come back.",
                Unit.MONEY,
                regrouped=True,
            ),
            Measure.flow(
                "expansion_mrr",
                "MRR added by accounts that pay, or are paused.",
                Unit.MONEY,
                labels=("reason",),
                regrouped=True,
            ),
            Measure.flow(
                "contraction_mrr",
                "MRR lost from accounts that go on or pause.",
                Unit.MONEY,
                labels=("reason",),
                regrouped=True,
            ),
            Measure.flow(
                "churned_mrr",
                "MRR of accounts that stop paying.",
                Unit.MONEY,
                labels=("reason",),
                regrouped=True,
            ),
            Measure.flow(
                "transferred_mrr",
                "MRR that came from other accounts, less what went to them.",
                Unit.MONEY,
                regrouped=True,
            ),
            Measure.flow(
                "fx_mrr",
                "What new exchange rates made of MRR, where it is revalued.",
                Unit.MONEY,
                regrouped=True,
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
            Measure.windowed(
                "cohort_churned_gains_mrr",
                "The part of what they churned that they had gained inside the window.",
                _WINDOWS,
                Unit.MONEY,
            ),
            Measure.windowed(
                "cohort_lost_gains_mrr",
                "The same of what they churned and by which they contracted.",
                _WINDOWS,
                Unit.MONEY,
            ),
        )
    ),
    contributions=contributions,
    policies=MOVING,
)

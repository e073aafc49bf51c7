"""Customers: accounts that pay, come, stay and leave, and how often they buy more or less.

Formulas: an account pays while its MRR is above 0. It is new with its first movement ever, and
churned with a movement from paying to not paying (a pause is none; policies decide what is, see
``aggregates.policies.revenue``), or as what was paused, or a free plan that kept it, ends. So in
every window the accounts that pay or are paused become more by those that are new or back, and
fewer by those that churn; by a transfer only where it was all of an account, or begins one.
``upsells`` and ``downgrades`` count movements, without resumed and begun pauses; ``churned_``,
``upsold_`` and ``downgraded_accounts`` count each account once a window. Of accounts that paid at a
window's start, ``retained_accounts`` pay now, and ``cohort_churned_accounts`` churned in between,
come back or not; what goes over to another account is for both of the one in which the window found
it. ``joined_accounts`` are the others that paid or left inside.
Unit: accounts, movements. Undefined: never; ratios to an empty start have no value.
Source: ChartMogul, Stripe and Baremetrics documentation.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from aggregates.contributions.cohort import cohort, cohort_as_found
from aggregates.contributions.steps import differences
from aggregates.ledger.measure import Contributions, Measure, Series
from aggregates.policies.revenue import MOVING
from aggregates.revenue.account import AccountRevenue
from aggregates.revenue.regrouping import Course, regrouped, with_regrouped
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.rows.family import Family, Scope


class View(NamedTuple):
    """What windows see of a state.

    Attributes:
        pays: Whether it is a paying account.
        course: Churns, upsells, downgrades, news and returns so far.
    """

    pays: int
    course: Course


_SERIES: Final[dict[Series, str]] = {
    ("paying_accounts",): "levels.paying",
    ("cancellations",): "levels.cancellations",
    ("new_accounts",): "moved.news",
    ("upsells",): "moved.upsells",
    ("downgrades",): "moved.downgrades",
    ("churned_subscriptions",): "moved.lost_subs",
}
"""The series of levels and flows, by the part of a state that each counts."""

_amounts = attrgetter(*_SERIES.values())

_MOVED: Final = {series: part for series, part in _SERIES.items() if part.startswith("moved.")}
_movements = attrgetter(*(part.removeprefix("moved.") for part in _MOVED.values()))
_seen = attrgetter("churns", "upsells", "downgrades", "news", "returns")

_COHORT: Final = ("retained_accounts", "cohort_churned_accounts")
_DISTINCT: Final = ("churned_accounts", "upsold_accounts", "downgraded_accounts", "joined_accounts")
_SHORT_WINDOWS: Final = ("month", "30d")
_LONG_WINDOWS: Final = ("90d", "365d")


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    revenue = rows[0].revenue(scope)
    steps = revenue.steps
    yield from differences(tuple(_SERIES), steps.view(_amounts))
    courses = steps.view(lambda state: state.course(_movements))
    yield from regrouped(tuple(_MOVED), courses, scope.windows)
    ignores_passers = scope.policy.same_period_new_churn == "ignore"
    figures = without_passers if ignores_passers else distinct_figures
    views, windows = steps.view(_view), scope.windows[_COHORT[0]]
    short = scope.windows[_DISTINCT[0]]
    if revenue.found[0][1] is not steps:  # some of it went from account to account
        yield from cohort(_DISTINCT, short, views, figures)
        found = [(tile, each.view(_view)) for tile, each in revenue.found]
        yield from cohort_as_found(_COHORT, windows, found, cohort_figures)
        return

    def every(start: View, now: View) -> tuple[int, ...]:
        return *cohort_figures(start, now), *figures(start, now)

    yield from cohort(_COHORT + _DISTINCT, short, views, every)
    long = [window for window in windows if window not in short]
    yield from cohort(_COHORT, long, views, cohort_figures)


def _view(state: AccountRevenue) -> View:
    return View(state.levels.paying, state.course(_seen))


def cohort_figures(start: View, now: View) -> tuple[int, ...]:
    """Returns the figures of ``_COHORT``, in order: 0 for an account that did not pay at the start.

    >>> before, lost = View(1, Course((0,) * 5)), View(0, Course((1, 0, 0, 0, 0)))
    >>> cohort_figures(before, lost), cohort_figures(lost, before), cohort_figures(before, before)
    ((0, 1), (0, 0), (1, 0))
    """
    if not start.pays:
        return (0, 0)
    return now.pays, int(now.course.since(start.course)[0] > 0)


def distinct_figures(start: View, now: View) -> tuple[int, ...]:
    """Returns the figures of ``_DISTINCT``, in order.

    >>> distinct_figures(View(0, Course((0,) * 5)), View(1, Course((1, 2, 0, 1, 1))))
    (1, 1, 0, 1)
    """
    churns, upsells, downgrades, news, returns = now.course.since(start.course)
    joined = not start.pays and (now.pays or churns or news or returns)
    return tuple(int(bool(one)) for one in (churns > 0, upsells > 0, downgrades > 0, joined))


def without_passers(start: View, now: View) -> tuple[int, ...]:
    """Returns the same, of churned accounts without those that were new in the window too.

    >>> without_passers(View(0, Course((0,) * 5)), View(0, Course((1, 2, 0, 1, 0))))
    (0, 1, 0, 1)
    """
    stopped, *others = distinct_figures(start, now)
    is_new = now.course.since(start.course)[3] > 0
    return 0 if is_new else stopped, *others


FAMILY = Family(
    name="customers",
    reads=SUBSCRIPTIONS,
    measures=with_regrouped(
        (
            Measure.level("paying_accounts", "Accounts with MRR above 0."),
            Measure.flow(
                "new_accounts", "Accounts that pay for the first time ever.", regrouped=True
            ),
            Measure.flow(
                "upsells", "Movements that add MRR, resumed pauses apart.", regrouped=True
            ),
            Measure.flow("downgrades", "Movements that lower MRR, pauses apart.", regrouped=True),
            Measure.flow("cancellations", "Times that a customer asked to cancel."),
            Measure.flow(
                "churned_subscriptions",
                "Subscriptions whose MRR fell to 0, whatever their account does; not those that "
                "are paused, move to a free plan that keeps its customer, go to another account, "
                "or have another in their place.",
                regrouped=True,
            ),
            Measure.windowed("churned_accounts", "Accounts that were lost.", _SHORT_WINDOWS),
            Measure.windowed("upsold_accounts", "Accounts with an upsell.", _SHORT_WINDOWS),
            Measure.windowed("downgraded_accounts", "Accounts with a downgrade.", _SHORT_WINDOWS),
            Measure.windowed(
                "joined_accounts",
                "Accounts that did not pay at the window's start, and paid or were lost inside it.",
                _SHORT_WINDOWS,
            ),
            Measure.windowed(
                "retained_accounts",
                "Accounts that paid at the window's start and pay now, or what they paid for does "
                "under another account.",
                _SHORT_WINDOWS + _LONG_WINDOWS,
            ),
            Measure.windowed(
                "cohort_churned_accounts",
                "Accounts that paid at the window's start and were lost inside it.",
                _SHORT_WINDOWS + _LONG_WINDOWS,
            ),
        )
    ),
    contributions=contributions,
    policies=(*MOVING, "same_period_new_churn"),
)

"""Customers: accounts that pay, come, stay and leave, and how often they buy more or less.

Formulas: an account pays while its MRR is above 0. It is new with its first movement ever, and
churned with a movement from paying to not paying (a pause is none; policies decide what is, see
``aggregates.policies.revenue``). ``upsells`` and ``downgrades``
count movements, without resumed and begun pauses; ``..._accounts`` count each account once a
window. Of accounts that paid at a window's start, ``retained_accounts`` pay now and
``cohort_churned_accounts`` churned in between, come back or not.
Unit: accounts, movements. Undefined: never; ratios to an empty start have no value.
Source: ChartMogul, Stripe and Baremetrics documentation.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from aggregates.contributions.cohort import cohort
from aggregates.contributions.steps import differences
from aggregates.ledger.measure import Contributions, Measure, Series
from aggregates.policies.revenue import MOVING
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.rows.family import Family, Scope

View = tuple[int, ...]
"""What windows see of a state: whether it pays; churns, upsells, downgrades and news so far."""

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
_long_view = attrgetter("levels.paying", "moved.churns")
_short_view = attrgetter(
    "levels.paying", "moved.churns", "moved.upsells", "moved.downgrades", "moved.news"
)

_COHORT: Final = ("retained_accounts", "cohort_churned_accounts")
_DISTINCT: Final = ("churned_accounts", "upsold_accounts", "downgraded_accounts")
_SHORT_WINDOWS: Final = ("month", "30d")
_LONG_WINDOWS: Final = ("90d", "365d")


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    revenue = rows[0].steps(scope)
    yield from differences(tuple(_SERIES), revenue.view(_amounts))
    ignores_passers = scope.policy.same_period_new_churn == "ignore"
    figures = without_passers if ignores_passers else short_figures
    short = scope.windows[_DISTINCT[0]]
    yield from cohort(_COHORT + _DISTINCT, short, revenue.view(_short_view), figures)
    long = [window for window in scope.windows[_COHORT[0]] if window not in short]
    yield from cohort(_COHORT, long, revenue.view(_long_view), cohort_figures)


def cohort_figures(start: View, now: View) -> tuple[int, ...]:
    """Returns the figures of ``_COHORT``, in order: 0 for an account that did not pay at the start.

    >>> cohort_figures((1, 0), (1, 1)), cohort_figures((0, 0), (1, 0))
    ((1, 1), (0, 0))
    """
    return (now[0], int(now[1] > start[1])) if start[0] else (0, 0)


def short_figures(start: View, now: View) -> tuple[int, ...]:
    """Returns the figures of ``_COHORT`` and of ``_DISTINCT``, in order.

    >>> short_figures((0, 0, 0, 0, 0), (1, 1, 2, 0, 1))
    (0, 0, 1, 1, 0)
    """
    return (
        *cohort_figures(start, now),
        int(now[1] > start[1]),
        int(now[2] > start[2]),
        int(now[3] > start[3]),
    )


def without_passers(start: View, now: View) -> tuple[int, ...]:
    """Returns the same, of churned accounts without those that were new in the window too.

    >>> without_passers((0, 0, 0, 0, 0), (0, 1, 2, 0, 1))
    (0, 0, 0, 1, 0)
    """
    retained, churned, stopped, upsold, downgraded = short_figures(start, now)
    return retained, churned, 0 if now[4] > start[4] else stopped, upsold, downgraded


FAMILY = Family(
    name="customers",
    reads=SUBSCRIPTIONS,
    measures=(
        Measure.level("paying_accounts", "Accounts with MRR above 0."),
        Measure.flow("new_accounts", "Accounts that pay for the first time ever."),
        Measure.flow("upsells", "Movements that add MRR, resumed pauses apart."),
        Measure.flow("downgrades", "Movements that lower MRR, pauses apart."),
        Measure.flow("cancellations", "Times that a customer asked to cancel."),
        Measure.flow(
            "churned_subscriptions",
            "Subscriptions whose MRR fell to 0, whatever their account does; not those that are "
            "paused, move to a free plan that keeps its customer, or have another in their place.",
        ),
        Measure.windowed("churned_accounts", "Accounts that stopped paying.", _SHORT_WINDOWS),
        Measure.windowed("upsold_accounts", "Accounts with an upsell.", _SHORT_WINDOWS),
        Measure.windowed("downgraded_accounts", "Accounts with a downgrade.", _SHORT_WINDOWS),
        Measure.windowed(
            "retained_accounts",
            "Accounts that paid at the window's start and pay now.",
            _SHORT_WINDOWS + _LONG_WINDOWS,
        ),
        Measure.windowed(
            "cohort_churned_accounts",
            "Accounts that paid at the window's start and stopped inside it.",
            _SHORT_WINDOWS + _LONG_WINDOWS,
        ),
    ),
    contributions=contributions,
    policies=(*MOVING, "same_period_new_churn"),
)

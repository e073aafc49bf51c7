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
from typing import Final

from aggregates.contributions.cohort import cohort
from aggregates.ledger.measure import Contributions, Measure
from aggregates.policies.revenue import MOVING
from aggregates.revenue.movement import Movements
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.revenue.timeline import Levels, State, differences, seen
from aggregates.rows.family import Family, Scope

View = tuple[int, ...]
"""What windows see of a state: whether it pays; churns, upsells, downgrades and news so far."""

_LEVELS: Final = (
    (("paying_accounts",), Levels._fields.index("paying")),
    (("cancellations",), Levels._fields.index("cancellations")),
)
"""A flow's cells are the differences of its running sum, just as a level's are of the level."""

_FLOWS: Final = tuple(
    ((name,), Movements._fields.index(field))
    for name, field in (
        ("new_accounts", "news"),
        ("upsells", "upsells"),
        ("downgrades", "downgrades"),
        ("churned_subscriptions", "lost_subs"),
    )
)

_COHORT: Final = ("retained_accounts", "cohort_churned_accounts")
_DISTINCT: Final = ("churned_accounts", "upsold_accounts", "downgraded_accounts")
_SHORT_WINDOWS: Final = ("month", "30d")
_LONG_WINDOWS: Final = ("90d", "365d")


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    steps = rows[0].steps(scope)
    yield from differences(steps, _LEVELS, _FLOWS)
    kept = seen(steps, _short_view)
    figures = short_figures
    if scope.policy.same_period_new_churn == "ignore":
        figures = without_passers
    short = scope.windows[_DISTINCT[0]]
    for window in short:
        series = [(name, window.name) for name in _COHORT + _DISTINCT]
        yield from cohort(kept, window, _NOTHING, series, figures)
    kept = seen(steps, _long_view)
    for window in scope.windows[_COHORT[0]]:
        if window not in short:
            series = [(name, window.name) for name in _COHORT]
            yield from cohort(kept, window, _NOTHING[:2], series, cohort_figures)


def _long_view(state: State) -> View:
    return state.levels.paying, state.moved.churns


def _short_view(state: State) -> View:
    moved = state.moved
    return state.levels.paying, moved.churns, moved.upsells, moved.downgrades, moved.news


_NOTHING: Final = (0, 0, 0, 0, 0)


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

"""The commercial component: whether an account pays, shrinks, or is about to decide.

Formula: 0 points while a payment is late; else 50 if it downgraded in the last 90 days, or if the
renewal of a long term, due within 90 days or overdue, is open; else 100. Undefined before the first
subscription.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from aggregates.contributions.counts import counted
from aggregates.contributions.steps import StepFunction, joined
from aggregates.revenue.account import AccountRevenue
from aggregates.revenue.subscriptions import Subscriptions
from aggregates.revenue.term import Term
from aggregates.time.calendar import Calendar
from aggregates.time.tile import DAY_MS, tile_of

_WINDOW: Final = "90d"
_AHEAD_MS: Final = 90 * DAY_MS
LONG_TERM_MS: Final = 180 * DAY_MS
"""A term told so long before it is due is one to worry about: shorter ones renew by themselves, and
their renewal would always be near."""


def has_long_terms(subscriptions: Subscriptions) -> bool:
    """Returns whether any fact of an account's subscriptions states a long term."""
    return any(
        fact.data.get("term", fact.effective_ms) - fact.effective_ms >= LONG_TERM_MS
        for fact in subscriptions.every()
    )


def commercial(
    revenue: StepFunction[AccountRevenue], terms: Iterable[Term], calendar: Calendar
) -> StepFunction[int | None]:
    """Returns the points of an account."""
    if not revenue.steps:
        return StepFunction(None)
    late = revenue.view(lambda state: state.levels.past_due > 0)
    downgrades = revenue.view(lambda state: state.course(lambda moved: (moved.downgrades,)))
    shrunk = downgrades.between(
        calendar.windows[_WINDOW], lambda start, now: now.since(start)[0] > 0
    )
    undecided = counted(span for term in terms for span in _undecided(term))
    begun = StepFunction(False, [(revenue.steps[0][0], True)])

    def points(has_begun: bool, is_late: bool, downgraded: bool, open_terms: int) -> int | None:
        if not has_begun:
            return None
        if is_late:
            return 0
        return 50 if downgraded or open_terms else 100

    return joined(points, begun, late, shrunk, undecided)


def _undecided(term: Term) -> Iterator[tuple[int, int]]:
    """Yields where the renewal of a long term is near, or overdue, and open; in tiles."""
    near_ms = term.due_ms - _AHEAD_MS
    if term.due_ms - term.known_ms >= LONG_TERM_MS:
        for begin_ms, end_ms in term.open:
            yield tile_of(max(begin_ms, near_ms)), tile_of(end_ms)

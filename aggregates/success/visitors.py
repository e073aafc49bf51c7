"""Visitors and the goals that they reach.

Formula: a visitor counts at T if it was seen, or reached a goal, in the window; it counts for a
goal if it reached that in the window, once however often; by policy (``conversion_days``) only if
it was seen no longer before. Unit: visitors. Undefined: never; the share has no value without
visitors. Source: Dataflo's list of KPIs (conversion rate).
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Final, cast

from aggregates.contributions.cover import cover
from aggregates.ledger.measure import Contributions, Measure, Series
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.kind import HistoryKind
from aggregates.time.tile import DAY_MS, tile_of
from events import Event
from events.account import GoalConverted, VisitorSeen

_GOAL: Final = "goal.converted"


def _kept(event: Event) -> dict[str, Any]:
    is_goal = event.type == _GOAL
    return {"goal": cast(GoalConverted, event.data).goal if is_goal else None}


VISITORS: Final = HistoryKind(
    History,
    name="visitor",
    topic="account",
    types={"visitor.seen", _GOAL},
    entity=lambda event: cast(VisitorSeen | GoalConverted, event.data).visitor_id,
    keep=_kept,
)
"""One row a visitor."""


_VISITORS: Final = "visitors"
_CONVERTED: Final = "converted_visitors"

_SESSION_MS: Final = 30 * 60_000
"""A session lasts so long from a visit on."""


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Yields what one visitor contributes."""
    span_ms = _span_ms(scope.policy)
    for window in scope.windows[_VISITORS]:
        for row in rows:
            facts = row.unretracted()
            seen_ms = [fact.effective_ms for fact in facts if "goal" not in fact.data]
            tiles: dict[Series, list[int]] = {}
            for fact in facts:
                at_ms = fact.effective_ms
                tiles.setdefault((_VISITORS, window.name), []).append(tile_of(at_ms))
                if "goal" in fact.data and _follows(at_ms, seen_ms, span_ms):
                    goal = (_CONVERTED, window.name, fact.data["goal"])
                    tiles.setdefault(goal, []).append(tile_of(at_ms))
            for series, begins in tiles.items():
                yield from cover(series, window.end, begins)


def _span_ms(policy: Policy) -> int | None:
    """Returns how long after a visit a goal is its outcome, in ms, or None for no bound."""
    if policy.conversion_days is None:
        return None
    return policy.conversion_days * DAY_MS or _SESSION_MS


def _follows(at_ms: int, seen_ms: Sequence[int], span_ms: int | None) -> bool:
    """Returns whether an instant is so close after one of some visits, in order; ms.

    >>> _follows(9, [1, 5, 20], 4), _follows(10, [1, 5, 20], 4), _follows(9, [], None)
    (True, False, True)
    """
    if span_ms is None:
        return True
    before = bisect_right(seen_ms, at_ms)
    return before > 0 and at_ms - seen_ms[before - 1] <= span_ms


FAMILY = Family(
    name="visitors",
    reads=VISITORS,
    measures=(
        Measure.windowed(_VISITORS, "Distinct visitors in the window.", ("30d",)),
        Measure.windowed(
            _CONVERTED,
            "Distinct visitors that reached a goal in the window.",
            ("30d",),
            labels=("goal",),
        ),
    ),
    contributions=contributions,
    policies=("conversion_days",),
)

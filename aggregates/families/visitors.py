"""Visitors and the goals that they reach.

Formula: a visitor counts at T if it was seen, or reached a goal, in the window; it counts for a
goal if it reached that in the window, once however often. Unit: visitors. Undefined: never; the
share has no value without visitors. Source: Dataflo's list of KPIs (conversion rate).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.cover import cover
from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Series, Unit
from aggregates.rows.visitors import VISITORS
from aggregates.tile import tile_of

_VISITORS: Final = "visitors"
_CONVERTED: Final = "converted_visitors"
_WINDOW: Final = "30d"


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what one visitor contributes."""
    end = scope.calendar.windows[_WINDOW].end
    for row in rows:
        tiles: dict[Series, list[int]] = {}
        for fact in row.standing():
            tile = tile_of(fact.effective_ms)
            tiles.setdefault((_VISITORS, _WINDOW), []).append(tile)
            if "goal" in fact.data:
                tiles.setdefault((_CONVERTED, _WINDOW, fact.data["goal"]), []).append(tile)
        for series, begins in tiles.items():
            yield from cover(series, end, begins)


FAMILY = Family(
    name="visitors",
    reads=VISITORS,
    measures=(
        Measure(
            _VISITORS,
            Kind.WINDOWED,
            Unit.COUNT,
            "Distinct visitors in the window.",
            windows=(_WINDOW,),
        ),
        Measure(
            _CONVERTED,
            Kind.WINDOWED,
            Unit.COUNT,
            "Distinct visitors that reached a goal in the window.",
            labels=("goal",),
            windows=(_WINDOW,),
        ),
    ),
    contributions=contributions,
)

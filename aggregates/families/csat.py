"""Customer satisfaction: positive ratings among all ratings.

Formula: of each ticket the latest rating in the window that stands as of T, and every rating of
no ticket; positive from the policy's threshold of the scale on (``csat_thresholds``), on other
scales from three quarters of the scale on. Neutral ratings count among all; ratings without a
score stay out. Unit: ratings. Undefined: the ratio has no value where nothing was rated.
Sources: Formbricks (top-2 box by scale), Simplesat (neutrals in the denominator), dbt_zendesk
(latest rating).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.responses import RESPONSES, voices
from aggregates.standing import latest, windowed

_WINDOWS: Final = ("30d", "90d")
_POSITIVE: Final = "csat_positive"
_RATED: Final = "csat_rated"


def is_positive(rating: Mapping[str, Any], thresholds: Mapping[int, float]) -> bool:
    """Tells whether a rating is positive.

    Args:
        rating: Its ``score``, ``scale_min`` and ``scale_max``.
        thresholds: Lowest positive score, by highest score of the scale.

    >>> is_positive({"score": 75, "scale_min": 0, "scale_max": 100}, {5: 4})
    True
    """
    lowest, highest, score = rating["scale_min"], rating["scale_max"], rating["score"]
    threshold = thresholds.get(highest)
    if threshold is None:
        return bool(4 * (score - lowest) >= 3 * (highest - lowest))
    return bool(score >= threshold)


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what the ratings of one ticket, or one rating of no ticket, contribute."""
    windows = [scope.calendar.windows[name] for name in _WINDOWS]
    thresholds = scope.policy.csat_thresholds
    for ratings in voices(rows, "csat"):
        for standing, data in latest(ratings):
            yield from windowed(_RATED, windows, standing)
            if is_positive(data, thresholds):
                yield from windowed(_POSITIVE, windows, standing)


FAMILY = Family(
    name="csat",
    reads=RESPONSES,
    measures=(
        Measure(_POSITIVE, Kind.WINDOWED, Unit.COUNT, "Positive ratings.", windows=_WINDOWS),
        Measure(_RATED, Kind.WINDOWED, Unit.COUNT, "Ratings with a score.", windows=_WINDOWS),
    ),
    contributions=contributions,
)

"""Customer satisfaction: positive ratings among all ratings.

Formula: of each ticket the latest rating in the window that stands as of T, and every rating of
no ticket; positive from the policy's threshold of the scale on (``csat_thresholds``), on other
scales from three quarters of the scale on. Neutral ratings count among all; ratings without a
score stay out, and so do those of touchpoints that the policy ``csat_touchpoints`` does not name,
if it names any. Unit: ratings. Undefined: the ratio has no value where nothing was rated.
Sources: Formbricks (top-2 box by scale), Simplesat (neutrals in the denominator), dbt_zendesk
(latest rating), Chatwoot (one rating a conversation).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.responses import RESPONSES, voices
from aggregates.score import Mood, mood_of
from aggregates.standing import latest, windowed

_WINDOWS: Final = ("30d", "90d")
_POSITIVE: Final = "csat_positive"
_RATED: Final = "csat_rated"


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what the ratings of one ticket, or one rating of no ticket, contribute."""
    windows = [scope.calendar.windows[name] for name in _WINDOWS]
    touchpoints = scope.policy.csat_touchpoints
    for ratings in voices(rows, "csat"):
        if touchpoints:
            ratings = [each for each in ratings if each.value.get("touchpoint") in touchpoints]
        for standing, data in latest(ratings):
            yield from windowed(_RATED, windows, standing)
            if mood_of(data, scope.policy) is Mood.SATISFIED:
                yield from windowed(_POSITIVE, windows, standing)


FAMILY = Family(
    name="csat",
    reads=RESPONSES,
    measures=(
        Measure(_POSITIVE, Kind.WINDOWED, Unit.COUNT, "Positive ratings.", windows=_WINDOWS),
        Measure(_RATED, Kind.WINDOWED, Unit.COUNT, "Ratings with a score.", windows=_WINDOWS),
    ),
    contributions=contributions,
    policies=("csat_thresholds", "csat_touchpoints"),
)

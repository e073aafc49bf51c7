"""Net promoter score: promoters, passives and detractors.

Formula: of each respondent the latest answer in the window that stands as of T (anonymous answers
count each): promoters 9-10, passives 7-8, detractors 0-6; the score is 100 x (promoters -
detractors) / all three. Answers without a score stay out. Unit: respondents. Undefined: the score
has no value where nobody answered.
Sources: Freshsuccess (latest response of each user, 90 days), Delighted (updated answers replace),
PostHog (deleted answers vanish everywhere).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.responses import RESPONSES, voices
from aggregates.standing import latest, windowed

_WINDOWS: Final = ("90d", "365d")
_PROMOTER: Final = 9
"""Lowest score of a promoter."""
_PASSIVE: Final = 7
"""Lowest score of a passive."""


def group_of(score: float) -> str:
    """Gives the measure that counts a score.

    >>> [group_of(score) for score in (10, 9, 8, 7, 6, 0)]  # doctest: +ELLIPSIS
    ['nps_promoters', 'nps_promoters', 'nps_passives', 'nps_passives', 'nps_detractors', ...]
    """
    if score >= _PROMOTER:
        return "nps_promoters"
    return "nps_passives" if score >= _PASSIVE else "nps_detractors"


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what the answers of one voice contribute."""
    windows = [scope.calendar.windows[name] for name in _WINDOWS]
    for answers in voices(rows, "nps"):
        for standing, data in latest(answers):
            yield from windowed(group_of(data["score"]), windows, standing)


def _measure(name: str, doc: str) -> Measure:
    return Measure(name, Kind.WINDOWED, Unit.COUNT, doc, windows=_WINDOWS)


FAMILY = Family(
    name="nps",
    reads=RESPONSES,
    measures=(
        _measure("nps_promoters", "Respondents whose latest answer is 9 or 10."),
        _measure("nps_passives", "Respondents whose latest answer is 7 or 8."),
        _measure("nps_detractors", "Respondents whose latest answer is 0 to 6."),
    ),
    contributions=contributions,
)

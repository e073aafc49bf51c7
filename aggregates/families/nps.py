"""Net promoter score: promoters, passives and detractors.

Formula: of each respondent the latest answer in the window that stands as of T (anonymous answers
count each): promoters 9-10, passives 7-8, detractors 0-6; the score is 100 x (promoters -
detractors) / all three. With the policy ``nps_population`` all answers that stand count instead.
Answers without a score stay out. Unit: respondents. Undefined: the score has no value where nobody
answered.
Sources: Freshsuccess (latest response of each user, 90 days), Delighted (updated answers replace;
all responses), PostHog (deleted answers vanish everywhere).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.responses import RESPONSES, scored, voices
from aggregates.score import PASSIVE, PROMOTER
from aggregates.standing import Ranked, latest, windowed

_WINDOWS: Final = ("90d", "365d")


def group_of(score: float) -> str:
    """Gives the measure that counts a score.

    >>> [group_of(score) for score in (10, 9, 8, 7, 6, 0)]  # doctest: +ELLIPSIS
    ['nps_promoters', 'nps_promoters', 'nps_passives', 'nps_passives', 'nps_detractors', ...]
    """
    if score >= PROMOTER:
        return "nps_promoters"
    return "nps_passives" if score >= PASSIVE else "nps_detractors"


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what the answers of one voice contribute."""
    windows = [scope.calendar.windows[name] for name in _WINDOWS]
    if scope.policy.nps_population == "latest":
        groups: Iterator[list[Ranked]] = voices(rows, "nps")
    else:
        groups = (list(scored(row, ("nps",))) for row in rows)
    for answers in groups:
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
    policies=("nps_population",),
)

"""Customer happiness: positive answers among all answers to satisfaction surveys of any kind.

Formula: what counts for CSAT, over all survey types of the policy ``satisfaction_surveys``, by
default ratings after a ticket and of the relationship: of each ticket the latest rating, and every
other answer, given in the window and standing as of T. Positive is a rating from its scale's
threshold on (``csat_thresholds``), an easy CES answer, an NPS promoter. Answers without a score
stay out. Unit: answers. Undefined: no value where nobody answered.
Source: NetSuite (customer happiness: positive responses by all responses).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.responses import RESPONSES, voices
from aggregates.score import Mood, mood_of
from aggregates.standing import latest, windowed

_WINDOWS: Final = ("90d",)
_HAPPY: Final = "happy_answers"
_ALL: Final = "satisfaction_answers"


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what the answers of one voice contribute."""
    windows = [scope.calendar.windows[name] for name in _WINDOWS]
    for survey_type in dict.fromkeys(scope.policy.satisfaction_surveys):
        for answers in voices(rows, survey_type):
            for standing, data in latest(answers):
                mood = mood_of(data, scope.policy)
                if mood is not None:
                    yield from windowed(_ALL, windows, standing)
                if mood is Mood.SATISFIED:
                    yield from windowed(_HAPPY, windows, standing)


FAMILY = Family(
    name="happiness",
    reads=RESPONSES,
    measures=(
        Measure(_HAPPY, Kind.WINDOWED, Unit.COUNT, "Positive answers.", windows=_WINDOWS),
        Measure(_ALL, Kind.WINDOWED, Unit.COUNT, "Answers with a score.", windows=_WINDOWS),
    ),
    contributions=contributions,
    policies=("satisfaction_surveys", "csat_thresholds", "ces_scale", "ces_reversed"),
)

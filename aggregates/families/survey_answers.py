"""Survey response: answers given and surveys sent, whatever their type.

Formula: answers that were given in the window and stand as of T, over surveys sent in it. The two
are counted, not matched: an answer counts with or without a score or a name, also where no
``survey.sent`` is known; a deleted answer vanishes, an updated one stays one. Unit: answers,
surveys. Undefined: the ratio has no value where nothing was sent.
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.responses import RESPONSES, answers
from aggregates.standing import windowed

_WINDOWS: Final = ("90d",)
_ANSWERS: Final = "survey_answers"


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what responses contribute, each by itself."""
    windows = [scope.calendar.windows[name] for name in _WINDOWS]
    for row in rows:
        for _, standing in answers(row):
            yield from windowed(_ANSWERS, windows, standing)


FAMILY = Family(
    name="survey_answers",
    reads=RESPONSES,
    measures=(
        Measure(
            _ANSWERS,
            Kind.WINDOWED,
            Unit.COUNT,
            "Answers given, with a score or without.",
            windows=_WINDOWS,
        ),
    ),
    contributions=contributions,
)

"""Surveys sent: how often somebody was asked, whatever the survey.

Formula: one for each ``survey.sent``, when it takes effect; and by survey. Unit: surveys.
Undefined: never.
"""

from collections.abc import Sequence
from typing import Final

from aggregates.answers import by_survey, survey_of
from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.survey_sends import SURVEY_SENDS
from aggregates.tile import tile_of

_SENT: Final = Measure("surveys_sent", Kind.FLOW, Unit.COUNT, "Surveys sent.")
_SENT_BY_SURVEY: Final = by_survey(_SENT)


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives one for each survey sent."""
    for row in rows:
        for fact in row.standing():
            tile = tile_of(fact.effective_ms)
            yield (_SENT.name,), tile, 1
            yield (_SENT_BY_SURVEY.name, survey_of(fact.data, scope.policy)), tile, 1


FAMILY = Family(
    name="survey_sends",
    reads=SURVEY_SENDS,
    measures=(_SENT, _SENT_BY_SURVEY),
    contributions=contributions,
)

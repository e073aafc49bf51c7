"""Surveys sent: how often somebody was asked, whatever the survey.

Formula: one for each ``survey.sent``, when it takes effect. Unit: surveys. Undefined: never.
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.survey_sends import SURVEY_SENDS
from aggregates.tile import tile_of

_SENT: Final = ("surveys_sent",)


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives one for each survey sent."""
    for row in rows:
        for fact in row.standing():
            yield _SENT, tile_of(fact.effective_ms), 1


FAMILY = Family(
    name="survey_sends",
    reads=SURVEY_SENDS,
    measures=(Measure("surveys_sent", Kind.FLOW, Unit.COUNT, "Surveys sent."),),
    contributions=contributions,
)

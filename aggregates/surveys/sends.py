"""Surveys sent: how often somebody was asked, whatever the survey.

Formula: one for each ``survey.sent``, when it takes effect; and by survey. Unit: surveys.
Undefined: never.
"""

from collections.abc import Sequence
from typing import Final, cast

from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.kind import HistoryKind
from aggregates.surveys.answers import by_survey, survey_of
from aggregates.time.tile import tile_of
from events.survey import SurveySent

SURVEY_SENDS: Final = HistoryKind(
    History,
    name="survey_sent",
    topic="survey",
    types={"survey.sent"},
    entity=lambda event: event.id,
    keep=lambda event: {"survey": cast(SurveySent, event.data).survey_id},
    version=2,
)
"""One row a survey sent, filed under the event's id: a survey goes to many under one id."""

_SENT: Final = Measure.flow("surveys_sent", "Surveys sent.")
_SENT_BY_SURVEY: Final = by_survey(_SENT)


def _contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    for row in rows:
        for fact in row.unretracted():
            tile = tile_of(fact.effective_ms)
            yield (_SENT.name,), tile, 1
            yield (_SENT_BY_SURVEY.name, survey_of(fact.data, scope.policy)), tile, 1


FAMILY = Family(
    name="survey_sends",
    reads=SURVEY_SENDS,
    measures=(_SENT, _SENT_BY_SURVEY),
    contributions=_contributions,
)

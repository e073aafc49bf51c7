"""Surveys sent: how often somebody was asked, whatever the survey.

Formula: one for each ``survey.sent``, when it takes effect, but of those to the vendor's own staff;
and by survey. Unit: surveys. Undefined: never.
"""

from collections.abc import Sequence
from typing import Any, Final, cast

from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.surveys.answers import by_survey, survey_of
from aggregates.surveys.responses import RespondentKind
from aggregates.time.tile import tile_of
from events import Event
from events.survey import SurveySent


def _kept(event: Event) -> dict[str, Any]:
    data = cast(SurveySent, event.data)
    return {"survey": data.survey_id, "respondent_id": data.respondent_id}


SURVEY_SENDS: Final = RespondentKind(
    History,
    name="survey_sent",
    topic="survey",
    types={"survey.sent"},
    entity=lambda event: f"{event.source} {event.id}",
    keep=_kept,
    version=3,
)
"""One row a survey sent, filed under its event: a survey goes to many under one id."""

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

"""Surveys sent: how often somebody was asked, whatever the survey.

Formula: one for each ``survey.sent``, when it takes effect; and by survey. Unit: surveys.
Undefined: never.
"""

from collections.abc import Sequence
from typing import Final, cast

from aggregates.ledger.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History, Outcome, fact_of
from aggregates.rows.kind import HistoryRows
from aggregates.surveys.answers import by_survey, survey_of
from aggregates.time.tile import tile_of
from events import Event
from events.survey import SurveySent


class SurveySends(HistoryRows):
    """One row a survey sent, filed under the event's id: a survey goes to many under one id."""

    name = "survey_sent"
    topic = "survey"
    types = frozenset({"survey.sent"})
    version = 2

    def entity(self, event: Event) -> str:
        """Gives the event's id."""
        return event.id

    def fold(self, row: History, event: Event) -> Outcome:
        """Files when it was sent, and which survey."""
        return row.insert(fact_of(event, {"survey": cast(SurveySent, event.data).survey_id}))


SURVEY_SENDS: Final = SurveySends()


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

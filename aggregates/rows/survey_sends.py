"""Surveys sent: each time that somebody was asked."""

from typing import Final, cast

from aggregates.history import History, Outcome, fact_of
from aggregates.row import HistoryRows
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

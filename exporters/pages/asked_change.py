"""The change that is asked about: of the series that is looked at, over the time that is shown."""

from aggregates.catalogue.kpi import Kpi
from aggregates.explanation.question import Question, ask
from aggregates.time.calendar import Calendar
from exporters.live_reading import Reading
from exporters.pages.choice import Choice
from exporters.pages.wall import segments_of


def asked_change(kpi: Kpi, choice: Choice, reading: Reading, calendar: Calendar) -> Question:
    """Returns the question that a choice asks, which must be bounded in time.

    Raises:
        QuestionError: If there is no such figure.
    """
    at = choice.end_at(calendar, reading.edge)
    since = choice.begin_at(calendar, at)
    assert since is not None, "the choice is bounded"
    names, values = reading.catalogue.policy.segments, segments_of(reading).get(choice.segment, ())
    return ask(
        reading.catalogue,
        kpi.id,
        at,
        since,
        window=choice.window,
        labels=choice.labels,
        segment=dict(zip(names, values, strict=False)),
    )

"""Answers: what those of one voice add to measures, all surveys together and each by itself.

Every measure of answers has a twin by survey, and an answer that counts for the one counts for the
other: of a respondent who answered two surveys the latest answer to each counts there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from aggregates.contributions.occurrence import Occurrence, Ranked, latest, windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.policies.policy import Policy
from aggregates.rows.family import Scope
from aggregates.surveys.score import Answer

BY_SURVEY: Final = "_by_survey"
"""Ends the name of a measure that tells surveys apart."""

_NO_SURVEY: Final = "none"
_OTHER_SURVEY: Final = "other"


class Part(NamedTuple):
    """What an answer adds to a measure."""

    measure: str
    amount: int = 1
    labels: tuple[str, ...] = ()


Parts = Callable[[Answer, Policy], Iterable[Part]]
"""Returns what an answer adds to the measures of a family."""

Choice = Callable[[Sequence[Ranked]], Iterator[tuple[Occurrence, Any]]]
"""Returns which of several answers counts when."""


def measures(
    name: str, doc: str, windows: tuple[str, ...], labels: tuple[str, ...] = ()
) -> tuple[Measure, Measure]:
    """Declares a measure of answers and its twin by survey."""
    whole = Measure.windowed(name, doc, windows, labels=labels)
    return whole, by_survey(whole)


def by_survey(measure: Measure) -> Measure:
    """Returns the measure that tells the same by survey."""
    return Measure(
        f"{measure.name}{BY_SURVEY}",
        measure.kind,
        measure.unit,
        f"The same by survey, counted within it: {measure.doc[0].lower()}{measure.doc[1:]}",
        ("survey", *measure.labels),
        measure.windows,
        policies=("surveys_apart",),
    )


def survey_of(data: Answer, policy: Policy) -> str:
    """Returns the label of the survey that was sent or answered.

    >>> policy = Policy(surveys_apart=("q1",))
    >>> [survey_of(data, policy) for data in ({"survey": "q1"}, {"survey": "q2"}, {})]
    ['q1', 'other', 'none']
    """
    survey: str | None = data.get("survey")
    if survey is None:
        return _NO_SURVEY
    apart = policy.surveys_apart
    return _OTHER_SURVEY if apart and survey not in apart else survey


def panels(
    answers: Iterable[Ranked], policy: Policy
) -> Iterator[tuple[str, tuple[str, ...], list[Ranked]]]:
    """Yields answers together, then those to each survey: ending of measures, labels, answers."""
    together = list(answers)
    yield "", (), together
    surveys: dict[str, list[Ranked]] = {}
    for answer in together:
        surveys.setdefault(survey_of(answer.value, policy), []).append(answer)
    for survey, own in surveys.items():
        yield BY_SURVEY, (survey,), own


def counted(
    answers: Iterable[Ranked], scope: Scope, parts: Parts, choice: Choice = latest
) -> Contributions:
    """Yields what answers contribute of which one counts at a time, by survey too.

    Args:
        answers: The answers of one voice.
        scope: What contributions depend on.
        parts: What an answer adds.
        choice: Which one counts.
    """
    for ending, survey, own in panels(answers, scope.policy):
        for occurrence, data in choice(own):
            for measure, amount, labels in parts(data, scope.policy):
                name = f"{measure}{ending}"
                windows = scope.windows[name]
                yield from windowed(name, windows, occurrence, *survey, *labels, amount=amount)

"""Survey families: answers of which one counts at a time, all surveys together and each by itself.

Every measure of answers has a twin by survey, and an answer that counts for the one counts for the
other: of a respondent who answered two surveys the latest answer to each counts there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from aggregates.contributions.occurrence import Occurrence, Ranked, latest, windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family, Scope
from aggregates.rows.kind import DerivedKind, RowKind
from aggregates.surveys.score import Answer

R = TypeVar("R")

BY_SURVEY: Final = "_by_survey"
"""Ends the name of a measure by survey."""

_NO_SURVEY: Final = "none"
_OTHER_SURVEY: Final = "other"


class Increment(NamedTuple):
    """By how much an answer raises a measure."""

    measure: str
    amount: int = 1
    labels: tuple[str, ...] = ()


Choice = Callable[[Sequence[Ranked]], Iterator[tuple[Occurrence, Any]]]
"""Returns which of several answers counts when."""


def survey_family(
    name: str,
    reads: RowKind[R] | DerivedKind[R],
    answers: Callable[[Sequence[R], Policy], Iterable[Iterable[Ranked]]],
    increments: Callable[[Answer, Policy], Iterable[Increment]],
    *measures: Measure,
    choice: Callable[[Policy], Choice] = lambda policy: latest,
    policies: tuple[str, ...] = (),
    in_force: Callable[[Policy], bool] = lambda policy: True,
) -> Family[R]:
    """Returns a family of answers; its other parts are as in ``Family``.

    ``answers`` yields the answers of one unit, those together of which one counts at a time: the
    one that ``choice`` says. It raises measures by its ``increments``. Each measure gets a twin by
    survey.
    """

    def contributions(rows: Sequence[R], scope: Scope) -> Contributions:
        chosen = choice(scope.policy)
        for group in answers(rows, scope.policy):
            for ending, survey, own in together_and_by_survey(group, scope.policy):
                for occurrence, data in chosen(own):
                    for measure, amount, labels in increments(data, scope.policy):
                        series, windows = (*survey, *labels), scope.windows[measure + ending]
                        yield windowed(
                            measure + ending, windows, occurrence, *series, amount=amount
                        )

    both = tuple(each for measure in measures for each in (measure, by_survey(measure)))
    return Family(name, reads, both, contributions, policies, in_force=in_force)


def by_survey(measure: Measure) -> Measure:
    """Returns the twin of a measure by survey."""
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


def together_and_by_survey(
    answers: Iterable[Ranked], policy: Policy
) -> Iterator[tuple[str, tuple[str, ...], list[Ranked]]]:
    """Yields all answers, then those to each survey: ending of measures, labels, answers."""
    together = list(answers)
    yield "", (), together
    surveys: dict[str, list[Ranked]] = {}
    for answer in together:
        surveys.setdefault(survey_of(answer.value, policy), []).append(answer)
    for survey, own in surveys.items():
        yield BY_SURVEY, (survey,), own

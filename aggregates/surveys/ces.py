"""Customer effort: how easy customers say it was, from 1 (hard) to 7 (easy).

Formula: every answer in force as of T that was given in the window; the score is the mean, the
easy share is those of 5-7 among all. Other scales are stretched to 1-7, or stay out (policy
``ces_scale``); scores of the first edition, where low is easy, are turned round (policy
``ces_reversed``). Groups: very easy 6-7, easy from 5, hard up to 3, neutral between; the index of
some tools is 100 x (very easy - hard) / all. Answers without a score stay out. By survey: the same
among the answers to it. Unit: answers, and ten-thousandths of a point. Undefined: mean and share
have no value where nobody answered.
Sources: CES 2.0 ("made it easy"), CYS (index), Benbria (scale of 1-5).
"""

from collections.abc import Iterator
from typing import Final

from aggregates.ledger.measure import Measure
from aggregates.policies.policy import Policy
from aggregates.surveys.answers import Increment, survey_family
from aggregates.surveys.responses import RESPONSES, each
from aggregates.surveys.score import EASY, HARD, VERY_EASY, Answer, ease_of

_POINTS: Final = "ces_points"
_ANSWERS: Final = "ces_answers"


def group_of(ease: int) -> str:
    """Returns the group that an ease, in parts of a point, belongs to.

    >>> [group_of(10_000 * point) for point in (1, 3, 4, 5, 6, 7)]
    ['hard', 'hard', 'neutral', 'easy', 'very_easy', 'very_easy']
    """
    if ease >= EASY:
        return "very_easy" if ease >= VERY_EASY else "easy"
    return "neutral" if ease > HARD else "hard"


def _increments(answer: Answer, policy: Policy) -> Iterator[Increment]:
    ease = ease_of(answer, policy)
    if ease is not None:
        yield Increment(_ANSWERS, labels=(group_of(ease),))
        yield Increment(_POINTS, ease)


FAMILY = survey_family(
    "ces",
    RESPONSES,
    lambda rows, policy: each(rows, "ces"),
    _increments,
    Measure.windowed(
        _ANSWERS,
        "Answers by how easy it was: very_easy, easy, neutral, hard.",
        ("90d",),
        labels=("group",),
    ),
    Measure.windowed(_POINTS, "Ease of all answers, in ten-thousandths of a point.", ("90d",)),
    policies=("ces_scale", "ces_reversed"),
)

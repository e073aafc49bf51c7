"""Customer effort: how easy customers say it was, from 1 (hard) to 7 (easy).

Formula: every answer that stands as of T and was given in the window; the score is the mean, the
easy share is those of 5-7 among all. Other scales are stretched to 1-7, or stay out (policy
``ces_scale``); scores of the first edition, where low is easy, are turned round (policy
``ces_reversed``). Groups: very easy 6-7, easy from 5, hard up to 3, neutral between; the index of
some tools is 100 x (very easy - hard) / all. Answers without a score stay out. By survey: the same
among the answers to it. Unit: answers, and ten-thousandths of a point. Undefined: mean and share
have no value where nobody answered.
Sources: CES 2.0 ("made it easy"), CYS (index), Benbria (scale of 1-5).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.ledger.measure import Contributions
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.surveys.answers import Part, counted, measures
from aggregates.surveys.responses import RESPONSES, each
from aggregates.surveys.score import EASY, HARD, VERY_EASY, Answer, ease_of

_WINDOWS: Final = ("90d",)
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


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Yields what responses contribute, each by itself."""
    for answers in each(rows, "ces"):
        yield from counted(answers, scope, _parts)


def _parts(answer: Answer, policy: Policy) -> Iterator[Part]:
    ease = ease_of(answer, policy)
    if ease is not None:
        yield Part(_ANSWERS, labels=(group_of(ease),))
        yield Part(_POINTS, ease)


FAMILY = Family(
    name="ces",
    reads=RESPONSES,
    measures=(
        *measures(
            _ANSWERS,
            "Answers by how easy it was: very_easy, easy, neutral, hard.",
            _WINDOWS,
            ("group",),
        ),
        *measures(_POINTS, "Ease of all answers, in ten-thousandths of a point.", _WINDOWS),
    ),
    contributions=contributions,
    policies=("ces_scale", "ces_reversed"),
)

"""Scores: what one answer to a survey says, under the policy in force."""

from collections.abc import Mapping
from enum import StrEnum
from math import floor
from typing import Any, Final

from aggregates.policies.policy import Policy

Answer = Mapping[str, Any]
"""The kept data of an answer with a ``score``; ``scale_min`` and ``scale_max`` are left out in NPS.
"""

PROMOTER: Final = 9
"""Lowest NPS score of a promoter."""
PASSIVE: Final = 7
"""Lowest NPS score of a passive."""

POINT: Final = 10_000
"""Parts of a point: stretched scales give fractions, and measures are integers."""
BEST: Final = 5 * POINT
"""Best rating on the scale of 1 to 5."""
EASIEST: Final = 7 * POINT
VERY_EASY: Final = 6 * POINT
EASY: Final = 5 * POINT
HARD: Final = 3 * POINT
"""Ease on the scale of 1 to 7: the greatest, the least that is very easy or easy, the greatest that
is hard."""

SATISFACTION: Final = ("satisfaction_surveys", "csat_thresholds", "ces_scale", "ces_reversed")
"""The policies that say which answers are about satisfaction, and what they say about it."""


class Mood(StrEnum):
    """What an answer says about satisfaction."""

    SATISFIED = "satisfied"
    NEUTRAL = "neutral"
    DISSATISFIED = "dissatisfied"


def ease_of(answer: Answer, policy: Policy) -> int | None:
    """Returns the ease of a CES answer, in parts of a point from 1 (hard) to 7 (easy).

    Another scale is stretched to 1-7; None if the policy leaves it out instead.

    >>> ease_of({"score": 3, "scale_min": 1, "scale_max": 5}, Policy())
    40000
    """
    lowest, highest, score = answer["scale_min"], answer["scale_max"], answer["score"]
    if policy.ces_scale == "1-7" and (lowest, highest) != (1, 7):
        return None
    if policy.ces_reversed:
        score = lowest + highest - score
    return _stretched(score, lowest, highest, EASIEST)


def points_of(answer: Answer) -> int:
    """Returns a rating in parts of a point from 1 to 5; another scale is stretched to that one.

    >>> points_of({"score": 4, "scale_min": 1, "scale_max": 5})
    40000
    """
    return _stretched(answer["score"], answer["scale_min"], answer["scale_max"], BEST)


def mood_of(answer: Answer, policy: Policy) -> Mood | None:
    """Returns whether an answer is satisfied, neutral or dissatisfied; None if it does not count.

    A rating is satisfied from the threshold of its scale on, or from three quarters of a scale
    without one, and dissatisfied as far from the other end. NPS and CES have bounds of their own.

    >>> [str(mood_of({"score": s, "scale_min": 1, "scale_max": 5, "survey_type": "csat"}, Policy()))
    ...     for s in (2, 3, 4)]
    ['dissatisfied', 'neutral', 'satisfied']
    """
    if answer["survey_type"] == "nps":
        return _mood(answer["score"], PROMOTER, PASSIVE - 1)
    if answer["survey_type"] == "ces":
        ease = ease_of(answer, policy)
        return None if ease is None else _mood(ease, EASY, HARD)
    lowest, highest = answer["scale_min"], answer["scale_max"]
    threshold = policy.csat_thresholds.get(highest, highest - (highest - lowest) / 4)
    return _mood(answer["score"], threshold, lowest + highest - threshold)


def _stretched(score: float, lowest: int, highest: int, most: int) -> int:
    points: float = POINT + (most - POINT) * (score - lowest) / (highest - lowest)
    return floor(points + 0.5)


def _mood(score: float, satisfied: float, dissatisfied: float) -> Mood:
    if score >= satisfied:
        return Mood.SATISFIED
    return Mood.DISSATISFIED if score <= dissatisfied else Mood.NEUTRAL

"""Customer satisfaction: positive ratings among all ratings.

Formula: of each ticket the latest rating in the window, of those in force as of T, or its first, or
all (``csat_population``), and each rating of no ticket; positive from the policy's threshold of the
scale on (``csat_thresholds``), on other scales from three quarters of the scale on, negative as far
from the other end. Neutral ratings count among all, or stay out (``csat_neutral``); ratings without
a score stay out, and so do those of touchpoints that the policy ``csat_touchpoints`` does not name,
if it names any. The mean is that of the same ratings on 1-5: points / 10,000 / all; other scales
are stretched. By survey: the same among the ratings of it. Unit: ratings, ten-thousandths of a
point. Undefined: ratio and mean have no value where nothing was rated.
Sources: Formbricks (top-2 box by scale), Simplesat (neutrals in the denominator), dbt_zendesk
(latest rating, first rating), Chatwoot (one rating a conversation).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.contributions.occurrence import Ranked, earliest, latest
from aggregates.ledger.measure import Measure
from aggregates.policies.policy import Policy
from aggregates.rows.history import History
from aggregates.surveys.answers import Increment, survey_family
from aggregates.surveys.responses import RESPONSES, each, voices
from aggregates.surveys.score import Answer, Mood, mood_of, points_of

_WINDOWS: Final = ("30d", "90d")
_POSITIVE: Final = "csat_positive"
_NEGATIVE: Final = "csat_negative"
_RATED: Final = "csat_rated"
_POINTS: Final = "csat_points"


def _ratings(rows: Sequence[History], policy: Policy) -> Iterator[list[Ranked]]:
    touchpoints = policy.csat_touchpoints
    among = each if policy.csat_population == "all" else voices
    for ratings in among(rows, "csat"):
        if touchpoints:
            ratings = [one for one in ratings if one.value.get("touchpoint") in touchpoints]
        yield ratings


def _increments(rating: Answer, policy: Policy) -> Iterator[Increment]:
    mood = mood_of(rating, policy)
    if mood is Mood.NEUTRAL and not policy.csat_neutral:
        return
    yield Increment(_RATED)
    yield Increment(_POINTS, points_of(rating))
    if mood is Mood.SATISFIED:
        yield Increment(_POSITIVE)
    elif mood is Mood.DISSATISFIED:
        yield Increment(_NEGATIVE)


FAMILY = survey_family(
    "csat",
    RESPONSES,
    _ratings,
    _increments,
    Measure.windowed(_POSITIVE, "Positive ratings.", _WINDOWS),
    Measure.windowed(_NEGATIVE, "Negative ratings.", _WINDOWS),
    Measure.windowed(_RATED, "Ratings with a score.", _WINDOWS),
    Measure.windowed(
        _POINTS,
        "Scores of these ratings on a scale of 1 to 5, in ten-thousandths of a point.",
        _WINDOWS,
    ),
    choice=lambda policy: earliest if policy.csat_population == "first" else latest,
    policies=("csat_population", "csat_neutral", "csat_thresholds", "csat_touchpoints"),
)

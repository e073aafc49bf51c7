"""The sentiment component: how the people of an account say they feel.

Formula: the latest answer to an NPS or CSAT survey that stands and is not older than
``health_sentiment_days``, as a share of its scale (of NPS, from 0 to 10 however it was told), times
100, rounded half up. Internal people give none. Undefined without. Source: Freshsuccess (NPS as a
linear share).
"""

from collections.abc import Mapping, Sequence
from math import floor
from typing import Any, Final

from aggregates.contributions.occurrence import FOREVER, latest
from aggregates.contributions.steps import StepFunction
from aggregates.policies.health import HealthPolicy
from aggregates.rows.history import History
from aggregates.surveys.responses import scored
from aggregates.time.tile import DAY_MS, tile_of

_SURVEYS: Final = ("nps", "csat")
_NPS_SCALE: Final = (0, 10)


def sentiment(responses: Sequence[History], policy: HealthPolicy) -> StepFunction[int | None]:
    """Returns the points of an account with these responses."""
    lasts_ms = policy.health_sentiment_days * DAY_MS
    answers = []
    for row in responses:
        for answer in scored(row, _SURVEYS):
            occurrence = answer.occurrence
            end_ms = min(occurrence.end_ms, occurrence.position_ms + lasts_ms)
            if occurrence.begin_ms < end_ms:
                answers.append(answer._replace(occurrence=occurrence._replace(end_ms=end_ms)))
    steps: list[tuple[int, int | None]] = []
    for occurrence, data in latest(answers):
        begin, end = tile_of(occurrence.begin_ms), tile_of(occurrence.end_ms)
        if begin < end:
            steps.append((begin, _points(data)))
            if occurrence.end_ms != FOREVER:
                steps.append((end, None))
    return StepFunction.of(None, steps)


def _points(data: Mapping[str, Any]) -> int:
    lowest, highest = _NPS_SCALE
    if data["survey_type"] != "nps":
        lowest, highest = data["scale_min"], data["scale_max"]
    points: float = 100 * (data["score"] - lowest) / (highest - lowest)
    return floor(points + 0.5)

"""Net promoter score: promoters, passives and detractors.

Formula: of each respondent the latest answer in the window that is in force as of T (anonymous
answers count each): promoters 9-10, passives 7-8, detractors 0-6; the score is 100 x (promoters -
detractors) / all of them. With the policy ``nps_population`` all answers in force count instead,
or accounts (``aggregates.surveys.nps_accounts``). Answers without a score stay out, or are counted
among all (``nps_unscored``). By survey: the same among the answers to it. Unit: respondents.
Undefined: the score has no value where nobody answered.
Sources: Freshsuccess (latest response of each user, 90 days), Delighted (updated answers replace;
all responses), PostHog (deleted answers vanish everywhere), CustomerGauge (no score counts).
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from aggregates.contributions.occurrence import Ranked
from aggregates.ledger.measure import Measure
from aggregates.policies.policy import Policy
from aggregates.rows.history import History
from aggregates.surveys.answers import Increment, survey_family
from aggregates.surveys.responses import RESPONSES, AnswersOf, each, given, scored, voices
from aggregates.surveys.score import PASSIVE, PROMOTER

_WINDOWS: Final = ("90d", "365d")


def group_of(score: float | Fraction | None) -> str:
    """Returns the measure that counts a score, or none.

    >>> [group_of(score) for score in (10, 9, 8, 7, 6, 0)]  # doctest: +ELLIPSIS
    ['nps_promoters', 'nps_promoters', 'nps_passives', 'nps_passives', 'nps_detractors', ...]
    """
    if score is None:
        return "nps_unscored"
    if score >= PROMOTER:
        return "nps_promoters"
    return "nps_passives" if score >= PASSIVE else "nps_detractors"


def by_account(policy: Policy) -> bool:
    """Returns whether accounts count in place of respondents."""
    return policy.nps_population == "account_average"


def answers_of(policy: Policy) -> AnswersOf:
    """Returns which answers count: those with a score, or all."""
    return scored if policy.nps_unscored == "leave_out" else given


def _answers(rows: Sequence[History], policy: Policy) -> Iterator[list[Ranked]]:
    among = each if policy.nps_population == "all" else voices
    return among(rows, "nps", answers_of(policy))


FAMILY = survey_family(
    "nps",
    RESPONSES,
    _answers,
    lambda answer, policy: [Increment(group_of(answer.get("score")))],
    Measure.windowed("nps_promoters", "Respondents whose latest answer is 9 or 10.", _WINDOWS),
    Measure.windowed("nps_passives", "Respondents whose latest answer is 7 or 8.", _WINDOWS),
    Measure.windowed("nps_detractors", "Respondents whose latest answer is 0 to 6.", _WINDOWS),
    Measure.windowed(
        "nps_unscored",
        "Respondents whose latest answer has no score, where the settings count them.",
        _WINDOWS,
    ),
    policies=("nps_population", "nps_unscored"),
    in_force=lambda policy: not by_account(policy),
)

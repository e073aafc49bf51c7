"""Net promoter score by account: each account once, by the mean of its respondents.

Formula: with the policy ``nps_population`` = ``account_average`` an account is in each window a
promoter if the mean score of the latest answers of its respondents in that window is at least 9, a
passive if it is at least 7, else a detractor; the mean is exact, of decimals. Anonymous answers are
respondents each. Answers without a score do not change a mean; an account of which no answer in the
window has one is counted apart if ``nps_unscored`` says so. By survey: the same among the answers
to it.
Contributes to the measures of ``aggregates.surveys.nps``, which are empty of respondents then.
Unit: accounts. Undefined: an account without an answer counts nowhere.
Source: Natero, Freshsuccess (average of an account).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from aggregates.contributions.occurrence import Occurrence, latest, windowed
from aggregates.ledger.measure import Contributions
from aggregates.rows.family import Family, Scope
from aggregates.rows.store import AccountRows
from aggregates.surveys.answers import together_and_by_survey
from aggregates.surveys.nps import FAMILY as NPS
from aggregates.surveys.nps import answers_of, by_account, group_of
from aggregates.surveys.responses import ACCOUNT_ANSWERS, RESPONSES, voices
from aggregates.surveys.score import Answer
from aggregates.time.window import Window

_Latest = tuple[Occurrence, Answer]
"""The latest answer of a respondent, while it is that."""

_Changes = Mapping[int, Sequence[tuple[int, float | None]]]
"""The scores that come (1) and go (-1), by tile."""


def _contributions(accounts: Sequence[AccountRows], scope: Scope) -> Contributions:
    for account in accounts:
        answered: dict[tuple[str, tuple[str, ...]], list[_Latest]] = defaultdict(list)
        for rows in account.units(RESPONSES):
            for answers in voices(rows, "nps", answers_of(scope.policy)):
                for ending, survey, own in together_and_by_survey(answers, scope.policy):
                    answered[ending, survey] += latest(own)
        for (ending, survey), all_latest in answered.items():
            for window in scope.windows[f"{group_of(None)}{ending}"]:
                for tile, group, sign in _moves(_changes(all_latest, window)):
                    yield (f"{group}{ending}", window.name, *survey), tile, sign


def _changes(answered: Iterable[_Latest], window: Window) -> _Changes:
    """Returns where a window begins and ceases to count answers."""
    changes = defaultdict(list)
    for occurrence, data in answered:
        for _, tile, sign in windowed("", (window,), occurrence).contributions():
            changes[tile].append((sign, data.get("score")))
    return changes


def _moves(changes: _Changes) -> Iterator[tuple[int, str, int]]:
    """Yields the groups of a mean: at which tile, which, and whether it enters or leaves it."""
    total, scored, unscored = Fraction(0), 0, 0
    group: str | None = None
    for tile in sorted(changes):
        for sign, score in changes[tile]:
            if score is None:
                unscored += sign
            else:
                total += sign * Fraction(str(score))
                scored += sign
        mean = total / scored if scored else None
        following = group_of(mean) if scored or unscored else None
        if following != group:
            if group is not None:
                yield tile, group, -1
            if following is not None:
                yield tile, following, 1
        group = following


FAMILY = Family(
    name="nps_accounts",
    reads=ACCOUNT_ANSWERS,
    measures=(),
    contributions=_contributions,
    adds_to=tuple(sorted(NPS.contributes_to)),
    in_force=by_account,
)

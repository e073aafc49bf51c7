"""Renewals: of the terms that were due in a window, how many were renewed.

Formulas: a term is due when it ends and belongs to the windows that hold its due date, whenever it
is renewed: an early renewal counts when the term is due, a late one, within the days of grace,
restates it. ``aggregates.revenue.term`` says what renews a term and what moves its due date. An
account is due with its subscriptions' latest terms in the window and renewed if one of those is.
Terms shorter than the policy asks for (``renewal_min_term_days``) are none. Value is MRR as it was
last, before the term was due or renewed; what a renewal keeps of it is at most that. Accounts that
were merged into another owe nothing from then on. Unit: terms, accounts, micro-units of the
reporting currency a month. Undefined: never; a ratio over windows in which nothing was due has no
value. Source: Gainsight, Oracle and ClientSuccess documentation (by due date); Concentrix for why
bookings against expiring value overstate.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.contributions.occurrence import Occurrence, Ranked, latest, present, windowed
from aggregates.ledger.measure import Contributions, Measure, Unit
from aggregates.policies.revenue import PRICING
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.revenue.term import Term, successors_of, terms_of
from aggregates.rows.family import Family, Scope
from aggregates.time.window import Window

_WINDOWS: Final = ("month", "90d")


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    row = rows[0]
    if not row.has_terms():
        return
    merged_ms = scope.account.merged_ms
    windows = scope.windows["renewals_due"]
    subs = []
    lives = row.lives(scope)
    least_days = scope.policy.renewal_min_term_days
    successors = successors_of(lives)
    for sub, life in lives.items():
        told = terms_of(life, scope.policy, successors.get(sub))
        terms = [t for t in told if t.until_ms > t.due_ms and max(t.days, 0) >= least_days]
        if merged_ms is not None:
            terms = [term for term in terms if term.due_ms < merged_ms]
        if terms:
            subs.append(terms)
            for term in terms:
                yield from _term(term, windows)
    yield from _accounts(subs, windows)


def _due(term: Term) -> Occurrence:
    return Occurrence(term.due_ms, max(term.due_ms, term.known_ms), term.until_ms)


def _renewed(term: Term, renewed_ms: int) -> Occurrence:
    due = _due(term)
    return due._replace(begin_ms=max(due.begin_ms, renewed_ms))


def _term(term: Term, windows: Sequence[Window]) -> Contributions:
    yield from _valued(("renewals_due", "renewal_due_mrr"), windows, _due(term), term.mrr)
    for begin_ms, end_ms in term.open:
        if end_ms > term.due_ms:
            yield from windowed("renewals_open", windows, Occurrence(term.due_ms, begin_ms, end_ms))
    if term.renewed_ms is not None:
        renewed = _renewed(term, term.renewed_ms)
        yield from _valued(("renewals", "renewed_mrr"), windows, renewed, term.renewed_mrr)


def _valued(
    names: tuple[str, str], windows: Sequence[Window], occurrence: Occurrence, mrr: int
) -> Contributions:
    count, value = names
    for (_, window), tile, sign in windowed(count, windows, occurrence):
        yield (count, window), tile, sign
        if mrr:
            yield (value, window), tile, sign * mrr


def _accounts(subs: Sequence[Sequence[Term]], windows: Sequence[Window]) -> Contributions:
    due = [each for terms in subs for each in _latest(terms)]
    yield from present("renewal_due_accounts", windows, [span for span, _ in due])
    yield from present("renewed_accounts", windows, [span for span, renewed in due if renewed])


def _latest(terms: Sequence[Term]) -> Iterator[tuple[Occurrence, bool]]:
    """Returns where each term is its subscription's latest, while not renewed and renewed."""
    return latest([each for term in terms for each in _ranked(term)])


def _ranked(term: Term) -> Iterator[Ranked]:
    """Yields a term as it stands while not renewed, and as it stands renewed."""
    due = _due(term)
    if term.renewed_ms is None or term.renewed_ms > due.begin_ms:
        yield Ranked((term.due_ms, 0), due, False)
    if term.renewed_ms is not None:
        yield Ranked((term.due_ms, 1), _renewed(term, term.renewed_ms), True)


FAMILY = Family(
    name="renewals",
    reads=SUBSCRIPTIONS,
    measures=(
        Measure.windowed("renewals_due", "Terms that were due.", _WINDOWS),
        Measure.windowed("renewals", "Terms that were due and are renewed.", _WINDOWS),
        Measure.windowed(
            "renewals_open", "Terms that were due and may still be renewed.", _WINDOWS
        ),
        Measure.windowed(
            "renewal_due_mrr", "MRR of the terms that were due.", _WINDOWS, Unit.MONEY
        ),
        Measure.windowed(
            "renewed_mrr",
            "MRR that renewals of due terms keep, at most that.",
            _WINDOWS,
            Unit.MONEY,
        ),
        Measure.windowed("renewal_due_accounts", "Accounts with a term that was due.", _WINDOWS),
        Measure.windowed(
            "renewed_accounts", "Accounts that renewed a latest term that was due.", _WINDOWS
        ),
    ),
    contributions=contributions,
    policies=("renewal_grace_days", "renewal_min_term_days", *PRICING),
)

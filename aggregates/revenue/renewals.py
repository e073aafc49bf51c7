"""Renewals: of the terms that were due in a window, how many were renewed.

Formulas: a term is due when it ends and belongs to the windows that hold its due date, whenever it
is renewed: an early renewal counts when the term is due, a late one, within the days of grace,
restates it. ``aggregates.revenue.term`` says what renews a term and what moves its due date. An
account is due with its subscriptions' latest terms in the window, a subscription and those that
took its place being one line, and renewed if one of those is.
Terms shorter than the policy asks for (``renewal_min_term_days``) are none. Value is MRR as it was
last, before the term was due or renewed; what a renewal keeps of it is at most that. Unit: terms,
accounts, micro-units of the reporting currency a month. Undefined: never; a ratio over windows in
which nothing was due has no value. Source: Gainsight, Oracle and ClientSuccess documentation (by
due date); Concentrix for why bookings against expiring value overstate.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from aggregates.contributions.occurrence import Occurrence, Ranked, latest, present, windowed
from aggregates.ledger.measure import Contributions, Measure, Unit
from aggregates.policies.revenue import PRICING
from aggregates.revenue.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.revenue.succession import Succession, Successor, succession_of
from aggregates.revenue.term import Term, terms_held
from aggregates.rows.family import Family, Scope
from aggregates.time.window import Window

_WINDOWS: Final = ("month", "90d")


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    row = rows[0]
    if not row.has_terms():
        return
    windows = scope.windows["renewals_due"]
    holdings = row.holdings(scope)
    least_days = scope.policy.renewal_min_term_days
    succession = succession_of(holdings.lives, scope.policy)
    terms: dict[str, Sequence[Term]] = {}
    for sub, told in terms_held(holdings, scope.policy, succession).items():
        terms[sub] = [
            term for term in told if term.until_ms > term.due_ms and max(term.days, 0) >= least_days
        ]
        for term in terms[sub]:
            yield from _term(term, windows)
    lines = [list(_line(sub, terms, succession)) for sub in terms if terms[sub]]
    yield from _accounts(lines, windows)


def _line(sub: str, terms: Mapping[str, Sequence[Term]], succession: Succession) -> Iterator[Term]:
    """Yields the terms of a subscription, and of others those since they are in its place."""
    links: dict[str, list[Successor]] = {sub: []}
    pending = [sub]
    while pending:
        for heir in succession.get(pending.pop(), ()):
            if heir.sub not in links:
                links[heir.sub] = []
                pending.append(heir.sub)
            links[heir.sub].append(heir)
    for member, places in links.items():
        for term in terms[member]:
            if member == sub or any(p.told_ms <= term.known_ms < p.end_ms for p in places):
                yield term


def _due(term: Term) -> Occurrence:
    return Occurrence(term.due_ms, max(term.due_ms, term.known_ms), term.until_ms)


def _renewed(term: Term, renewed_ms: int) -> Occurrence:
    due = _due(term)
    return due._replace(begin_ms=max(due.begin_ms, renewed_ms))


def _term(term: Term, windows: Sequence[Window]) -> Contributions:
    due = _due(term)
    yield windowed("renewals_due", windows, due)
    yield from _money("renewal_due_mrr", windows, due, term.mrr)
    for begin_ms, end_ms in term.open:
        if end_ms > term.due_ms:
            yield windowed("renewals_open", windows, Occurrence(term.due_ms, begin_ms, end_ms))
    if term.renewed_ms is not None:
        yield windowed("renewals", windows, _renewed(term, term.renewed_ms))
    before = 0
    for kept_ms, kept in term.kept:
        yield from _money("renewed_mrr", windows, _renewed(term, kept_ms), kept - before)
        before = kept


def _money(
    name: str, windows: Sequence[Window], occurrence: Occurrence, micros: int
) -> Contributions:
    if micros:
        yield windowed(name, windows, occurrence, amount=micros)


def _accounts(lines: Sequence[Sequence[Term]], windows: Sequence[Window]) -> Contributions:
    due = [each for terms in lines for each in _latest(terms)]
    yield from present("renewal_due_accounts", windows, [span for span, _ in due])
    yield from present("renewed_accounts", windows, [span for span, renewed in due if renewed])


def _latest(terms: Sequence[Term]) -> Iterator[tuple[Occurrence, bool]]:
    """Returns where each term is the latest of a line, while not renewed and renewed."""
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

"""Terms of a subscription: when each is due, and whether it is renewed.

A term is due when it ends. What becomes of it:

- A state with a later end of term renews it, if it says so (``subscription.renewed``), begins at
  the due date or later, or names a new term that does. Any other new end of term moves the due
  date: an upgrade with a new term is due when that ends.
- It may be renewed before the due date, and within the days of grace after it; until one or the
  other it is open, unless the subscription is over.
- A subscription that ends before the due date leaves its term to be due, not renewed. So does one
  that is over at the due date though a renewal was told ahead: the renewed term never began.
- Subscriptions that take the place of another (``aggregates.revenue.succession``) renew its term,
  as ``subscription.renewed`` would, if they begin at the due date or later, or name a new term that
  does; what they keep of it adds up. One that comes in the midst of a term is due instead of it.

Terms are those of subscriptions with a price: trials and free plans have none to renew.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from aggregates.contributions.occurrence import FOREVER
from aggregates.policies.policy import Policy
from aggregates.revenue.change import prices_at
from aggregates.revenue.life import SELF
from aggregates.revenue.ownership import Holdings
from aggregates.revenue.phase import Life, SubscriptionPhase
from aggregates.revenue.span import PhaseSpan, over_at, spans_of, without
from aggregates.revenue.succession import Succession, Successor
from aggregates.time.tile import DAY_MS


class Term(NamedTuple):
    """A term that is, or was, to be due; instants are ms of the epoch, money micro-units a month.

    Attributes:
        due_ms: When it ends.
        known_ms: Since when that is known.
        until_ms: When another due date took its place, or ``FOREVER``.
        kept: From when on it is renewed, with what the renewal keeps of its MRR; more entries where
            further subscriptions take a part over. Empty if it is not renewed.
        open: Spans from when it is known on, due or not yet, in which nothing is decided.
        mrr: What it came to last, before it was due or renewed.
        days: Whole days that it lasts: from its stated beginning, else from the state
            that first states it; one stated only by its renewal, from when the one before was
            due, or from when the subscription was first in force.
    """

    due_ms: int
    known_ms: int
    until_ms: int = FOREVER
    kept: tuple[tuple[int, int], ...] = ()
    open: tuple[tuple[int, int], ...] = ()
    mrr: int = 0
    days: int = 0

    @property
    def renewed_ms(self) -> int | None:
        """When it was renewed, or None."""
        return self.kept[0][0] if self.kept else None

    def within(self, begin_ms: int, end_ms: int) -> "Term | None":
        """Returns the term of an account that has its subscription for a time; None if it has none.

        It is the account's from when it is due, and known, then; until then it goes along.
        """
        counts_ms = max(self.due_ms, self.known_ms)
        if not (begin_ms <= counts_ms and self.known_ms < end_ms):
            return None
        until_ms = FOREVER if counts_ms < end_ms else end_ms
        spans = ((max(a, begin_ms), min(b, until_ms)) for a, b in self.open)
        return self._replace(
            known_ms=max(self.known_ms, begin_ms),
            until_ms=min(self.until_ms, until_ms),
            open=tuple((a, b) for a, b in spans if a < b),
        )


class _Running(NamedTuple):
    """The term that a subscription is in.

    Attributes:
        due_ms: When it is due.
        known_ms: Since when that is known.
        days: How long it lasts.
        closed_ms: When a renewal was told that failed in the end, or ``FOREVER``.
    """

    due_ms: int
    known_ms: int
    days: int
    closed_ms: int = FOREVER


def terms_of(life: Life, policy: Policy, successors: Sequence[Successor] = ()) -> list[Term]:
    """Returns the terms of a subscription that were or are to be due, earliest known first.

    The successors are the subscriptions that took its place, in the order of their beginning.
    """
    return _Walk(life, successors, policy).terms()


def terms_held(
    holdings: Holdings, policy: Policy, succession: Succession
) -> dict[str, Sequence[Term]]:
    """Returns the terms of an account's subscriptions, by subscription, as ``terms_of`` does."""
    found: dict[str, Sequence[Term]] = {}
    for sub, life in holdings.lives.items():
        terms = terms_of(life, policy, succession.get(sub, ()))
        if sub in holdings.stays:
            own = [stay for stay in holdings.of(sub) if stay.account == SELF]
            parts = (term.within(each.begin_ms, each.end_ms) for each in own for term in terms)
            terms = [part for part in parts if part is not None]
        found[sub] = terms
    return found


def _renews(span: PhaseSpan, due_ms: int) -> bool:
    """Returns whether a state renews a term, rather than leaving it or moving its due date."""
    term = span.phase.term
    if term.end_ms is None:
        return term.renews
    follows_ms = span.begin_ms if term.follows_ms is None else term.follows_ms
    begins = term.renews or span.begin_ms >= due_ms or follows_ms >= due_ms
    return term.end_ms > due_ms and begins


class _Walk:
    """Goes through the spans of a subscription, from term to term."""

    def __init__(self, life: Life, successors: Sequence[Successor], policy: Policy) -> None:
        self._policy = policy
        self._successors = successors
        self._replaced = life.replaced
        self._grace_ms = policy.renewal_grace_days * DAY_MS
        self._spans = list(spans_of(life.phases))
        self._forces = [
            span
            for span in self._spans
            if span.in_force
            and not any(heir.begin_ms <= span.begin_ms < heir.end_ms for heir in successors)
        ]
        self._force_begins = [span.begin_ms for span in self._forces]
        self._lives = [span for span in self._spans if not span.over]
        self._live_begins = [span.begin_ms for span in self._lives]
        self._steady: dict[int, int] = {}
        self._found: list[Term] = []
        self._current: _Running | None = None
        self._spent_ms: int | None = None  # a told end of term that no term is taken up by

    def terms(self) -> list[Term]:
        """Returns the terms."""
        for span in self._forces:
            self._meet(span)
        if self._current is not None:
            self._found.append(self._handed_on(self._current))
        return self._found

    def _meet(self, span: PhaseSpan) -> None:
        """Goes on to a state: it keeps, renews or moves the term that runs, or begins one."""
        term, current = span.phase.term, self._current
        if current is not None and self._is_handed_on(current, span.begin_ms):
            self._found.append(self._handed_on(current))
            self._spent_ms, current = current.due_ms, None
        if current is None and term.renews and span is not self._forces[0]:
            current = self._unheard_of(span)
        if current is not None and _renews(span, current.due_ms):
            if self._fails(current, span.begin_ms):
                self._current = self._failed(current, span)
                return
            self._found.append(self._renewed(current, span))
            self._spent_ms, current = None, None
        elif current is not None and term.end_ms not in (None, current.due_ms, self._spent_ms):
            self._found.append(self._undecided(current, span.begin_ms))
            current = None
        if current is None and term.end_ms is not None and term.end_ms != self._spent_ms:
            current = _Running(term.end_ms, span.begin_ms, term.days)
        self._current = current

    def _unheard_of(self, span: PhaseSpan) -> _Running:
        """Returns the term before a renewal that nobody told of: due when that says, or comes."""
        follows_ms = span.phase.term.follows_ms
        due_ms = span.begin_ms if follows_ms is None else follows_ms
        last_ms = self._found[-1].due_ms if self._found else self._forces[0].begin_ms
        return _Running(due_ms, span.begin_ms, (due_ms - last_ms) // DAY_MS)

    def _failed(self, current: _Running, span: PhaseSpan) -> _Running:
        """Returns the term that runs on as its renewal fails; the renewed one is never due."""
        term = span.phase.term
        if term.end_ms is not None and term.end_ms != self._spent_ms:
            never = _Running(term.end_ms, span.begin_ms, term.days)
            self._found.append(self._undecided(never, current.due_ms))
        self._spent_ms = term.end_ms
        return current._replace(closed_ms=min(span.begin_ms, current.closed_ms))

    def _fails(self, term: _Running, told_ms: int) -> bool:
        """Returns whether a renewal told ahead comes to nothing: all is over at the due date."""
        due_ms = term.due_ms
        return (
            told_ms < due_ms
            and over_at(self._spans, due_ms)
            and not any(heir.begin_ms <= due_ms < heir.over_ms for heir in self._successors)
        )

    def _is_handed_on(self, term: _Running, at_ms: int) -> bool:
        """Returns whether others decide on a term before an instant."""
        heirs = self._successors
        return any(heir.begin_ms <= at_ms and term.due_ms < heir.end_ms for heir in heirs)

    def _handed_on(self, term: _Running) -> Term:
        """Returns a term that only those who take the place of the subscription may renew."""
        due_ms = term.due_ms
        heirs = [heir for heir in self._successors if due_ms < heir.end_ms]
        early = [heir for heir in heirs if heir.begin_ms <= due_ms]
        if early and not any(heir.renews_term(due_ms) for heir in early):
            return self._undecided(term, early[0].begin_ms)
        parts = sorted(
            (heir.told_ms if heir.begin_ms <= due_ms else heir.begin_ms, heir.mrr)
            for heir in heirs
            if heir.over_ms > due_ms
        )
        if not parts:
            return self._undecided(term, FOREVER)
        return self._decided(term, max(parts[0][0], term.known_ms + 1), parts)

    def _renewed(self, term: _Running, span: PhaseSpan) -> Term:
        """Returns a term that a state renews, or would have if it had come in time."""
        at_ms = span.begin_ms
        return self._decided(term, at_ms, [(at_ms, self._mrr(span.phase, at_ms))])

    def _decided(self, term: _Running, at_ms: int, parts: Sequence[tuple[int, int]]) -> Term:
        """Returns a term that is decided at an instant, by what is then or later renewed of it."""
        mrr = self._last_mrr(term, at_ms)
        kept: list[tuple[int, int]] = []
        for part_ms, part in parts:
            if part_ms <= term.due_ms + self._grace_ms:
                before = kept[-1][1] if kept else 0
                kept.append((part_ms, min(before + part, mrr)))
        return Term(
            due_ms=term.due_ms,
            known_ms=term.known_ms,
            kept=tuple(kept),
            open=self._open(term, at_ms),
            mrr=mrr,
            days=term.days,
        )

    def _undecided(self, term: _Running, until_ms: int) -> Term:
        """Returns a term that nothing renews, until another due date takes its place, if any."""
        return Term(
            due_ms=term.due_ms,
            known_ms=term.known_ms,
            until_ms=until_ms,
            open=self._open(term, until_ms),
            mrr=self._last_mrr(term, until_ms) if until_ms > term.due_ms else 0,
            days=term.days,
        )

    def _last_mrr(self, term: _Running, decided_ms: int) -> int:
        """What the subscription came to when last in force before a term was due or decided.

        A term that became known later than that has what it came to then.
        """
        before_ms = min(max(term.due_ms, term.known_ms + 1), decided_ms)
        span = self._forces[bisect_left(self._force_begins, before_ms) - 1]
        return self._mrr(span.phase, min(span.end_ms, before_ms) - 1)

    def _mrr(self, phase: SubscriptionPhase, at_ms: int) -> int:
        """The MRR of a state; without discounts and new rates that is always the same."""
        if phase.discounts or self._policy.fx_mode == "revalue":
            return prices_at(phase, at_ms, self._policy)[0]
        mrr = self._steady.get(phase.begin_ms)
        if mrr is None:
            mrr = self._steady[phase.begin_ms] = prices_at(phase, at_ms, self._policy)[0]
        return mrr

    def _open(self, term: _Running, decided_ms: int) -> tuple[tuple[int, int], ...]:
        """Returns the spans in which nobody knows what will become of a term."""
        begin_ms, due_ms = term.known_ms, term.due_ms
        end_ms = min(decided_ms, term.closed_ms, due_ms + self._grace_ms)
        if begin_ms >= end_ms:
            return ()
        signed = [(since_ms, min(until_ms, due_ms)) for since_ms, until_ms in self._replaced]
        first = max(bisect_right(self._live_begins, begin_ms) - 1, 0)
        after = bisect_left(self._live_begins, end_ms)
        return tuple(
            part
            for span in self._lives[first:after]
            for part in without(max(span.begin_ms, begin_ms), min(span.end_ms, end_ms), signed)
        )

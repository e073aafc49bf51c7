"""Terms of a subscription: when each is due, and whether it is renewed.

A term is due when it ends. What becomes of it:

- A state with a later end of term renews it, if it says so (``subscription.renewed``), begins at
  the due date or later, or names a new term that does. Any other new end of term moves the due
  date: an upgrade with a new term is due when that ends.
- It may be renewed before the due date, and within the days of grace after it; until one or the
  other it is open, unless the subscription is over.
- A subscription that ends before the due date leaves its term to be due, not renewed.
- A subscription that takes the place of another renews its term if that is due, and else is due
  instead of it: a contract that is written anew, or moved to another system, is not lost.

Terms are those of subscriptions with a price: trials and free plans have none to renew.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from aggregates.contributions.occurrence import FOREVER
from aggregates.policies.policy import Policy
from aggregates.revenue.change import prices_at
from aggregates.revenue.phase import ENDED, Life, Lives, Status, SubscriptionPhase
from aggregates.time.tile import DAY_MS

_IN_FORCE: Final = frozenset({Status.ACTIVE, Status.PAST_DUE, Status.PAUSED})
_OVER: Final = frozenset({ENDED, "canceled", "incomplete_expired"})


class Term(NamedTuple):
    """A term that is, or was, to be due; instants are ms of the epoch, money micro-units a month.

    Attributes:
        due_ms: When it ends.
        known_ms: Since when that is known.
        until_ms: When another due date took its place, or ``FOREVER``.
        renewed_ms: When it was renewed, or None.
        open: Spans from when it is known on, due or not yet, in which nothing is decided.
        mrr: What it came to last, before it was due or renewed.
        renewed_mrr: What of that the renewal keeps.
        days: Whole days that it lasts: from its stated beginning, else from the state
            that first states it; one stated only by its renewal, from when the one before was
            due, or from when the subscription was first in force.
    """

    due_ms: int
    known_ms: int
    until_ms: int = FOREVER
    renewed_ms: int | None = None
    open: tuple[tuple[int, int], ...] = ()
    mrr: int = 0
    renewed_mrr: int = 0
    days: int = 0


class _Running(NamedTuple):
    """The term that a subscription is in: when it is due, since when that is known, how long."""

    due_ms: int
    known_ms: int
    days: int


class _PhaseSpan(NamedTuple):
    """A span of time in which a subscription is in force, over, or neither."""

    begin_ms: int
    end_ms: int
    phase: SubscriptionPhase
    over: bool

    @property
    def in_force(self) -> bool:
        phase = self.phase
        counts = phase.status in _IN_FORCE or phase.retention
        return counts and bool(phase.items) and not self.over


def terms_of(life: Life, policy: Policy, successor: SubscriptionPhase | None = None) -> list[Term]:
    """Returns the terms of a subscription that were or are to be due, earliest known first.

    The successor is the first state of the subscription that takes its place, if one does.
    """
    return _Walk(list(_spans(life.phases)), successor, policy).terms()


def successors_of(lives: Lives) -> Mapping[str, SubscriptionPhase]:
    """Returns, by id, the first state of the subscription that takes the place of each."""
    found = sorted(
        (span.begin_ms, sub, span.phase)
        for sub, life in lives.items()
        for span in _spans(life.phases)
        if span.in_force and span.phase.replaces not in (None, sub)
    )
    return {str(phase.replaces): phase for _, _, phase in reversed(found)}


def _spans(phases: Sequence[SubscriptionPhase]) -> Iterator[_PhaseSpan]:
    for place, phase in enumerate(phases, 1):
        end_ms = phases[place].begin_ms if place < len(phases) else FOREVER
        cancel_ms = FOREVER if phase.cancel_ms is None else phase.cancel_ms
        begin_ms = phase.begin_ms
        if phase.status in _OVER or cancel_ms <= begin_ms:
            yield _PhaseSpan(begin_ms, end_ms, phase, over=True)
        elif cancel_ms >= end_ms:
            yield _PhaseSpan(begin_ms, end_ms, phase, over=False)
        else:
            yield _PhaseSpan(begin_ms, cancel_ms, phase, over=False)
            yield _PhaseSpan(cancel_ms, end_ms, phase, over=True)


def _renews(phase: SubscriptionPhase, due_ms: int) -> bool:
    """Returns whether a state renews a term, rather than leaving it or moving its due date."""
    if phase.term.end_ms is None:
        return phase.term.renews
    follows_ms = phase.begin_ms if phase.term.follows_ms is None else phase.term.follows_ms
    begins = phase.term.renews or phase.begin_ms >= due_ms or follows_ms >= due_ms
    return phase.term.end_ms > due_ms and begins


class _Walk:
    """Goes through the spans of a subscription, from term to term."""

    def __init__(
        self, spans: Sequence[_PhaseSpan], successor: SubscriptionPhase | None, policy: Policy
    ) -> None:
        self._policy = policy
        self._successor = successor
        self._grace_ms = policy.renewal_grace_days * DAY_MS
        end_ms = FOREVER if successor is None else successor.begin_ms
        self._forces = [span for span in spans if span.in_force and span.begin_ms < end_ms]
        self._force_begins = [span.begin_ms for span in self._forces]
        self._lives = [span for span in spans if not span.over]
        self._live_begins = [span.begin_ms for span in self._lives]
        self._steady: dict[int, int] = {}

    def terms(self) -> list[Term]:
        """Returns the terms."""
        found: list[Term] = []
        current: _Running | None = None
        for place, span in enumerate(self._forces):
            phase, at_ms = span.phase, span.begin_ms
            if current is None and phase.term.renews and place:
                due_ms = at_ms if phase.term.follows_ms is None else phase.term.follows_ms
                last_ms = found[-1].due_ms if found else self._forces[0].begin_ms
                current = _Running(due_ms, at_ms, (due_ms - last_ms) // DAY_MS)
            if current is not None:
                if _renews(phase, current.due_ms):
                    found.append(self._renewed(current, phase))
                    current = None
                elif phase.term.end_ms is not None and phase.term.end_ms != current.due_ms:
                    found.append(self._undecided(current, at_ms))
                    current = None
            if current is None and phase.term.end_ms is not None:
                current = _Running(phase.term.end_ms, at_ms, phase.term.days)
        if current is not None and self._successor is None:
            found.append(self._undecided(current, FOREVER))
        elif current is not None and self._successor is not None:
            if current.due_ms <= self._successor.begin_ms:
                found.append(self._renewed(current, self._successor))
            else:
                found.append(self._undecided(current, self._successor.begin_ms))
        return found

    def _renewed(self, term: _Running, phase: SubscriptionPhase) -> Term:
        """Returns a term that a state renews, or would have if it had come in time."""
        due_ms, known_ms, days = term
        at_ms = phase.begin_ms
        in_time = at_ms <= due_ms + self._grace_ms
        mrr = self._last_mrr(due_ms, known_ms, at_ms)
        return Term(
            due_ms=due_ms,
            known_ms=known_ms,
            renewed_ms=at_ms if in_time else None,
            open=self._open(due_ms, known_ms, at_ms),
            mrr=mrr,
            renewed_mrr=min(self._mrr(phase, at_ms), mrr) if in_time else 0,
            days=days,
        )

    def _undecided(self, term: _Running, until_ms: int) -> Term:
        """Returns a term that nothing renews, until another due date takes its place, if any."""
        due_ms, known_ms, days = term
        mrr = self._last_mrr(due_ms, known_ms, until_ms) if until_ms > due_ms else 0
        spans = self._open(due_ms, known_ms, until_ms)
        return Term(due_ms, known_ms, until_ms, open=spans, mrr=mrr, days=days)

    def _last_mrr(self, due_ms: int, known_ms: int, decided_ms: int) -> int:
        """What the subscription came to when last in force before a term was due or decided.

        A term that became known later than that has what it came to then.
        """
        before_ms = min(max(due_ms, known_ms + 1), decided_ms)
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

    def _open(self, due_ms: int, known_ms: int, decided_ms: int) -> tuple[tuple[int, int], ...]:
        """Returns the spans in which nobody knows what will become of a term."""
        begin_ms = known_ms
        end_ms = min(decided_ms, due_ms + self._grace_ms)
        if begin_ms >= end_ms:
            return ()
        first = max(bisect_right(self._live_begins, begin_ms) - 1, 0)
        after = bisect_left(self._live_begins, end_ms)
        parts = [
            (max(span.begin_ms, begin_ms), min(span.end_ms, end_ms))
            for span in self._lives[first:after]
        ]
        return tuple(part for part in parts if part[0] < part[1])

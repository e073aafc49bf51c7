"""What is told of an account's subscriptions: plans, states and dates of each."""

from typing import Final

from aggregates.revenue.billing import LicensedItem
from aggregates.revenue.phase import ENDED, Life, SubscriptionPhase
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.family import Scope
from aggregates.rows.store import AccountRows
from aggregates.rows.told import Cell, Instant, Table, Teller, Told
from aggregates.time.tile import edge_ms
from events.currency import minor_digits

_HEADS: Final = ("subscription", "state", "plans", "billed", "began", "term ends", "ends")

_OVER: Final = "ended"

_GONE: Final = "went to another account"


def _take(account: AccountRows, scope: Scope) -> Told:
    row = account.of(SUBSCRIPTIONS).get("")
    lives = {} if row is None else row.lives(scope)

    def told(edge: int) -> Table | None:
        now_ms = edge_ms(edge)
        begun = [
            (life.phases[0].begin_ms, name, phase, life)
            for name, life in lives.items()
            if (phase := _at(life, now_ms)) is not None
        ]
        if not begun:
            return None
        begun.sort(key=lambda each: each[:2], reverse=True)
        rows = [_row(name, phase, life, now_ms) for _, name, phase, life in begun]
        over, gone = (sum(row[1] == state for row in rows) for state in (_OVER, _GONE))
        facts: list[tuple[str, Cell]] = [("Going on", len(rows) - over - gone), ("Ended", over)]
        if gone:
            facts.append((_GONE.capitalize(), gone))
        return Table("subscriptions", "Subscriptions", facts, _HEADS, rows)

    return told


def _at(life: Life, now_ms: int) -> SubscriptionPhase | None:
    """Returns the phase that holds before an instant; None if none has begun."""
    return next((phase for phase in reversed(life.phases) if phase.begin_ms < now_ms), None)


def _row(name: str, phase: SubscriptionPhase, life: Life, now_ms: int) -> list[Cell]:
    ends_ms = phase.begin_ms if phase.status == ENDED else phase.cancel_ms
    is_over = ends_ms is not None and ends_ms < now_ms
    if phase.status != ENDED and any(known_ms < now_ms for known_ms, _ in life.announced_ends):
        ahead = [each.begin_ms for each in life.phases if each.status == ENDED]
        ends_ms = next((at_ms for at_ms in ahead if at_ms >= now_ms), ends_ms)
    state = phase.status.replace("_", " ")
    if phase.transferred:
        state = _GONE
    elif is_over:
        state = _OVER
    elif phase.cancelling:
        state += ", will end"
    term_ms = None if is_over else phase.term.end_ms
    return [
        name,
        state,
        ", ".join(dict.fromkeys(item.plan for item in phase.items if item.plan)) or None,
        ", ".join(map(_billed, phase.items)) or ("by use" if phase.metered else None),
        Instant(life.phases[0].begin_ms),
        None if term_ms is None else Instant(term_ms),
        None if ends_ms is None else Instant(ends_ms),
    ]


def _billed(item: LicensedItem) -> str:
    """Writes what an item costs.

    >>> _billed(LicensedItem(4_900, "USD", "month", 3))
    '49.00 USD each 3 months'
    """
    count = item.interval_count
    interval = item.interval if count == 1 else f"{count} {item.interval}s"
    digits = minor_digits(item.currency)
    return f"{item.amount / 10**digits:,.{digits}f} {item.currency} each {interval}"


TELLER: Final = Teller(2, _take)

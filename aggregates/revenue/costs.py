"""Costs of winning and of keeping accounts.

Formula: an amount is spread evenly over ``[period_start, period_end)`` by local days, a day's part
counting from the day's beginning; without a period it counts at its instant. Parts add up to the
amount exactly. A foreign currency counts at the rate of the period's beginning. A cost posted late
restates its period; what is spent on acquisition counts ``cac_lag_months`` later, by the local
calendar. An amount below 0, as of a credit note, is a cost that is taken back: it lowers the costs
of its own period by as much as the same amount above 0 would raise them.
Unit: micro-units of the reporting currency. Undefined: never; cost by account has no value without
accounts. A cost belongs to the segment that it names, else to its account's; one that has neither
is shared: it counts in the whole only. Costs add up, so each event is a row of its own. Source:
Mosaic and ChartMogul documentation (fully loaded cost, spread over its period).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from aggregates.ledger.measure import Contributions, Measure, Segment, Series, Unit
from aggregates.policies.policy import Policy
from aggregates.revenue import money
from aggregates.revenue.billing import interval_after
from aggregates.revenue.money import amount_micros, rates_of
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import Fact, History
from aggregates.rows.kind import HistoryKind
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILE_MS, tile_of
from events import Event
from events.account import CostRecorded
from events.zone import zone


def spread(
    series: Series, begin_ms: int, end_ms: int, amount: int, calendar: Calendar
) -> Contributions:
    """Yields an amount evenly over ``[begin, end)``, a local day's part where the day begins.

    Up to the end of each day it has given what is due by then, rounded down, so that the parts add
    up to the amount exactly, above 0 and below. An empty period gets it at once.

    >>> day_ms = 86_400_000
    >>> list(spread(("cost",), 0, 3 * day_ms, 10, Calendar()))
    [(('cost',), 0, 3), (('cost',), 96, 3), (('cost',), 192, 4)]
    >>> list(spread(("cost",), day_ms // 2, day_ms // 2, 10, Calendar()))
    [(('cost',), 48, 10)]
    >>> list(spread(("cost",), 0, 2 * day_ms, -5, Calendar()))
    [(('cost',), 0, -2), (('cost',), 96, -3)]
    """
    if end_ms <= begin_ms:
        if amount:
            yield series, tile_of(begin_ms), amount
        return
    day_end = calendar.days_end(1)
    sign = 1 if amount > 0 else -1
    at_ms, given = begin_ms, 0
    while at_ms < end_ms:
        next_ms = min(day_end(tile_of(at_ms)) * TILE_MS, end_ms)
        due = sign * amount * (next_ms - begin_ms) // (end_ms - begin_ms)
        if due > given:
            yield series, tile_of(at_ms), sign * (due - given)
        at_ms, given = next_ms, due


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

ACQUISITION: Final = "acquisition"
RETENTION: Final = "retention"

SEGMENT: Final = "segment"
"""The attribute that a cost may name."""


class Costs(HistoryKind[History]):
    """One row an event."""

    segments = True

    def accounts(self, event: Event) -> tuple[str, ...]:
        """Files a cost that figures ask for under its own key; others are not kept."""
        read = cast(CostRecorded, event.data).category in (ACQUISITION, RETENTION)
        return (event.key,) if read else ()

    def refusal(self, event: Event, policy: Policy) -> str | None:
        """Refuses money in a currency without an exchange rate."""
        if not self.accounts(event):
            return None
        currency = cast(CostRecorded, event.data).currency
        return money.refusal((currency,), _begin_ms(event), policy)

    def segment(self, row: History, segment: Segment, attributes: tuple[str, ...]) -> Segment:
        """Returns the segment that a cost names in place of its account's."""
        named = next((fact.data["segment"] for fact in row.facts if "segment" in fact.data), None)
        if named is None:
            return segment
        pairs = zip(attributes, segment, strict=True)
        return tuple(named if name == SEGMENT else value for name, value in pairs)


def _begin_ms(event: Event) -> int:
    begin_ms = cast(CostRecorded, event.data).period_start
    return event.effective_ms if begin_ms is None else begin_ms


def _kept(event: Event) -> dict[str, Any]:
    data = cast(CostRecorded, event.data)
    return {
        "category": data.category,
        "amount": data.amount,
        "currency": data.currency,
        "end": data.period_end,
        "segment": data.segment,
    }


COSTS: Final = Costs(
    History,
    name="cost",
    topic="account",
    types={"cost.recorded"},
    entity=lambda event: f"{event.source}\n{event.id}",
    keep=_kept,
    since=_begin_ms,
)
"""One row an event, filed under the beginning of its period, whenever it was posted."""


_SERIES: Final = {ACQUISITION: ("acquisition_cost",), RETENTION: ("retention_cost",)}


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Yields what one cost contributes."""
    for fact in (fact for row in rows for fact in row.unretracted()):
        category = fact.data["category"]
        begin_ms = fact.effective_ms
        end_ms = fact.data.get("end", begin_ms)
        micros = _micros(fact, scope.policy)
        lag = scope.policy.cac_lag_months if category == ACQUISITION else 0
        if lag:
            begin_ms, end_ms = (_later(ms, lag, scope.policy) for ms in (begin_ms, end_ms))
        yield from spread(_SERIES[category], begin_ms, end_ms, micros, scope.calendar)


def _later(at_ms: int, months: int, policy: Policy) -> int:
    """Returns the same local time so many calendar months later."""
    rules = zone(policy.timezone)
    local = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(rules)
    clock_ms = (local.replace(tzinfo=UTC) - _EPOCH) // _MS
    later = _EPOCH + timedelta(milliseconds=interval_after(clock_ms, "month", months))
    return (later.replace(tzinfo=rules) - _EPOCH) // _MS


def _micros(fact: Fact, policy: Policy) -> int:
    amount = fact.data["amount"]
    rate_of = rates_of(policy, lambda currency: fact.effective_ms)
    micros = amount_micros(abs(amount), fact.data["currency"], rate_of)
    return micros if amount > 0 else -micros


FAMILY = Family(
    name="costs",
    reads=COSTS,
    measures=(
        Measure.flow(
            "acquisition_cost",
            "Money spent on winning accounts, over the period that it is for.",
            Unit.MONEY,
        ),
        Measure.flow(
            "retention_cost",
            "Money spent on keeping accounts, over the period that it is for.",
            Unit.MONEY,
        ),
    ),
    contributions=contributions,
    policies=("cac_lag_months",),
)

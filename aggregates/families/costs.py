"""Costs of winning and of keeping accounts.

Formula: an amount is spread evenly over ``[period_start, period_end)`` by local days, a day's part
counting from the day's beginning; without a period it counts at its instant. Parts add up to the
amount exactly. A foreign currency counts at the rate of the period's beginning. A cost posted late
restates its period; what is spent on acquisition counts ``cac_lag_months`` later, by the calendar.
Unit: micro-units of the reporting currency. Undefined: never; cost by account has no value without
accounts. Source: Mosaic and ChartMogul documentation (fully loaded cost, spread over its period).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import Fact, History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.money import amount_micros, interval_after, rates_of
from aggregates.policy import Policy
from aggregates.rows.costs import ACQUISITION, COSTS, RETENTION
from aggregates.spread import spread

_SERIES: Final = {ACQUISITION: ("acquisition_cost",), RETENTION: ("retention_cost",)}


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what one cost contributes."""
    for fact in (fact for row in rows for fact in row.standing()):
        category = fact.data["category"]
        begin_ms = fact.effective_ms
        end_ms = fact.data.get("end", begin_ms)
        micros = _micros(fact, scope.policy)
        lag = scope.policy.cac_lag_months if category == ACQUISITION else 0
        begin_ms, end_ms = (interval_after(ms, "month", lag) for ms in (begin_ms, end_ms))
        yield from spread(_SERIES[category], begin_ms, end_ms, micros, scope.calendar)


def _micros(fact: Fact, policy: Policy) -> int:
    """Gives the amount of a cost at the rate of the beginning of its period."""
    rate_of = rates_of(policy, lambda currency: fact.effective_ms)
    return amount_micros(fact.data["amount"], fact.data["currency"], rate_of)


FAMILY = Family(
    name="costs",
    reads=COSTS,
    measures=(
        Measure(
            "acquisition_cost",
            Kind.FLOW,
            Unit.MONEY,
            "Money spent on winning accounts, over the period that it is for.",
        ),
        Measure(
            "retention_cost",
            Kind.FLOW,
            Unit.MONEY,
            "Money spent on keeping accounts, over the period that it is for.",
        ),
    ),
    contributions=contributions,
    policies=("cac_lag_months",),
)

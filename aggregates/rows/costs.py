"""Costs: money spent on winning and on keeping accounts, each over its period.

A cost belongs to the segment that it names, else to its account's. One that has neither is shared:
its segment is unknown, and it counts in the whole only. Costs add up, so each event is a row of its
own; a correction takes back the wrong one and records another.
"""

from typing import Any, Final, cast

from aggregates.history import History, Outcome, fact_of
from aggregates.measure import Segment
from aggregates.money import MissingRateError, amount_micros, rates_of
from aggregates.policy import Policy
from aggregates.row import HistoryRows
from events import Event
from events.account import CostRecorded

ACQUISITION: Final = "acquisition"
RETENTION: Final = "retention"

SEGMENT: Final = "segment"
"""The attribute that a cost may name."""

COST_MAX_MICROS: Final = 10**16
"""Ten thousand million units in one cost: above lies a wrong unit. A ledger's sums are 64-bit and
hold nine hundred of these."""


class Costs(HistoryRows):
    """One row an event."""

    name = "cost"
    topic = "account"
    types = frozenset({"cost.recorded"})
    segments = True

    def accounts(self, event: Event) -> tuple[str, ...]:
        """Files a cost that figures ask for under its own key; others are not kept."""
        read = cast(CostRecorded, event.data).category in (ACQUISITION, RETENTION)
        return (event.key,) if read else ()

    def entity(self, event: Event) -> str:
        """Gives the event's source and id, so that a row has one cost."""
        return f"{event.source}\n{event.id}"

    def refusal(self, event: Event, policy: Policy) -> str | None:
        """Refuses an amount in a currency without a rate, and one that is too large to be meant."""
        if not self.accounts(event):
            return None
        data, begin_ms = cast(CostRecorded, event.data), _begin_ms(event)
        try:
            rate_of = rates_of(policy, lambda currency: begin_ms)
            micros = amount_micros(data.amount, data.currency, rate_of)
        except MissingRateError as error:
            return str(error)
        if micros > COST_MAX_MICROS:
            return f"more than {COST_MAX_MICROS // 10**6} {policy.currency} at once"
        return None

    def fold(self, row: History, event: Event) -> Outcome:
        """Files a cost under the beginning of its period, whenever it was posted."""
        data = cast(CostRecorded, event.data)
        kept: dict[str, Any] = {
            "category": data.category,
            "amount": data.amount,
            "currency": data.currency,
            "end": data.period_end,
            "segment": data.segment,
        }
        return row.insert(fact_of(event, kept, _begin_ms(event)))

    def segment(self, row: History, segment: Segment, attributes: tuple[str, ...]) -> Segment:
        """Gives the segment that a cost names in place of its account's."""
        named = next((fact.data["segment"] for fact in row.facts if "segment" in fact.data), None)
        if named is None:
            return segment
        pairs = zip(attributes, segment, strict=True)
        return tuple(named if name == SEGMENT else value for name, value in pairs)


COSTS: Final = Costs()


def _begin_ms(event: Event) -> int:
    """Gives the instant from which a cost counts: the beginning of its period, else its own."""
    begin_ms = cast(CostRecorded, event.data).period_start
    return event.effective_ms if begin_ms is None else begin_ms

"""Subscription events as NDJSON bytes, shards fed with them, and readings of the ledger.

Times are given as days from 2026-01-01T00:00:00Z, fractions allowed.
"""

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any, Final, TypeAlias

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Series
from aggregates.policies.policy import Policy
from aggregates.revenue.customers import FAMILY as CUSTOMERS
from aggregates.revenue.mrr import FAMILY as REVENUE
from aggregates.revenue.payments import FAMILY as PAYMENTS
from aggregates.revenue.plans import FAMILY as PLANS
from aggregates.revenue.renewals import FAMILY as RENEWALS
from aggregates.revenue.trials import FAMILY as TRIALS
from aggregates.rows.history import Refusal
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.time.tile import tile_of
from aggregates.usage.activity import FAMILY as USAGE
from events import Batch, Decoder, format_instant, parse_instant

DAY_MS: Final = 86_400_000
START_MS: Final = parse_instant("2026-01-01T00:00:00Z")
DOLLAR: Final = 1_000_000
"""Micro-units of a dollar."""

Read: TypeAlias = Callable[[Series, int], int]
"""Gives the value of a series at a tile edge, over all segments."""

_decoder = Decoder()


def ms(day: float) -> int:
    """Returns the instant of a day, ms of the epoch."""
    return START_MS + round(day * DAY_MS)


def at(day: float) -> str:
    """Returns the instant of a day as text."""
    return format_instant(ms(day))


def edge(day: float) -> int:
    """Returns the tile edge of a day that begins a tile."""
    return tile_of(ms(day))


def line(type_: str, event_id: str, day: float, account: str = "a1", **data: Any) -> bytes:
    """Returns an event as a line; fields of ``data`` that are None are left out."""
    given = {name: value for name, value in data.items() if value is not None}
    record = {
        "specversion": "1.0",
        "id": event_id,
        "source": "billing",
        "type": type_,
        "time": at(day),
        "data": {"account_id": account, **given},
    }
    return json.dumps(record).encode()


def item(dollars: float, interval: str = "month", **more: Any) -> dict[str, Any]:
    """Returns an item of so many dollars an interval."""
    return {
        "amount": round(dollars * 100),
        "currency": "USD",
        "interval": interval,
        **more,
    }


def state(
    kind: str,
    event_id: str,
    day: float,
    dollars: float | Sequence[dict[str, Any]] | None = 100,
    *,
    account: str = "a1",
    sub: str = "s1",
    status: str | None = "active",
    **data: Any,
) -> bytes:
    """Returns a full state of a subscription: of one monthly item, of items, or with none told."""
    items = [item(dollars)] if isinstance(dollars, int | float) else dollars
    return line(
        f"subscription.{kind}",
        event_id,
        day,
        account,
        subscription_id=sub,
        status=status,
        items=items,
        **data,
    )


def deleted(
    event_id: str, day: float, *, account: str = "a1", sub: str = "s1", **data: Any
) -> bytes:
    """Returns the end of a subscription."""
    return line("subscription.deleted", event_id, day, account, subscription_id=sub, **data)


def transferred(event_id: str, day: float, account: str, into: str, sub: str = "s1") -> bytes:
    """Returns that a subscription goes over to another account."""
    kind = "subscription.transferred"
    return line(kind, event_id, day, account, subscription_id=sub, into_account_id=into)


def requested(
    event_id: str, day: float, *, account: str = "a1", sub: str = "s1", **data: Any
) -> bytes:
    """Returns a request to cancel."""
    kind = "subscription.cancellation_requested"
    return line(kind, event_id, day, account, subscription_id=sub, **data)


def invoice(
    event_id: str,
    day: float,
    dollars: float,
    period: tuple[float, float] | None = None,
    *,
    account: str = "a1",
    sub: str | None = "s1",
    name: str | None = "i1",
    **data: Any,
) -> bytes:
    """Returns an invoice of so many dollars that was paid, for a period of days if one is given."""
    begin, end = period or (None, None)
    told = {
        "invoice_id": name,
        "subscription_id": sub,
        "amount_paid": round(dollars * 100),
        "currency": "USD",
        "period_start": None if begin is None else at(begin),
        "period_end": None if end is None else at(end),
    }
    return line("invoice.paid", event_id, day, account, **{**told, **data})


def refund(
    event_id: str,
    day: float,
    dollars: float,
    name: str | None = "i1",
    *,
    account: str = "a1",
    currency: str = "USD",
) -> bytes:
    """Returns a refund of so many dollars of an invoice."""
    amount = round(dollars * 100)
    data = {"invoice_id": name, "amount": amount, "currency": currency}
    return line("charge.refunded", event_id, day, account, **data)


def retracted(event_id: str, day: float, target: str, account: str = "a1") -> bytes:
    """Returns the retraction of a subscription event."""
    kind = "subscription.updated"
    return line("event.retracted", event_id, day, account, retracts=target, retracts_type=kind)


def merged(event_id: str, day: float, account: str, into: str) -> bytes:
    """Returns the merge of an account into another."""
    return line("account.merged", event_id, day, account, into_account_id=into)


def plan(policy: Policy | None = None) -> Plan:
    """Returns a plan of the families under test."""
    return Plan(policy, [USAGE, REVENUE, CUSTOMERS, RENEWALS, TRIALS, PAYMENTS, PLANS])


PLAN: Final = plan()


def decoded(lines: Iterable[bytes]) -> Batch:
    """Decodes lines, all of which must be events."""
    batch = _decoder.decode(list(lines))
    assert not batch.rejects, batch.rejects
    return batch


def fold(shard: Shard, lines: Iterable[bytes]) -> list[Refusal]:
    """Folds lines one after the other, each on its topic."""
    refusals = []
    for event in decoded(lines).events:
        about = getattr(event.data, "retracts_type", None) or event.type
        topic = "account" if about.startswith("account.") else "subscription"
        refusals += shard.fold(topic, Batch(events=[event]))
    return refusals


def shard_of(lines: Iterable[bytes], policy: Policy | None = None, *, bulk: bool = False) -> Shard:
    """Returns a settled shard that has folded some lines, all of them without refusal."""
    shard = Shard(PLAN if policy is None else plan(policy), bulk=bulk)
    assert not fold(shard, lines)
    shard.settle()
    return shard


def ledger_of(*lines: bytes, policy: Policy | None = None) -> Ledger:
    """Returns the ledger after some lines."""
    return shard_of(lines, policy).ledger


def level(ledger: Ledger, day: float, *series: str) -> int:
    """Returns the value of a series at a day, over all segments."""
    return at_edge(ledger, series, edge(day))


def at_edge(ledger: Ledger, series: Series, tile: int) -> int:
    """Returns the value of a series at a tile edge, over all segments."""
    keys = [key for key in ledger.prefixes(series[0])[0] if key[0] == series]
    return sum(ledger.level(*key, tile) for key in keys)


def reader(ledger: Ledger) -> Read:
    """Returns what gives the value of a series at a tile edge as it is now, for many of them."""
    moves: dict[Series, Counter[int]] = defaultdict(Counter)
    for (series, _), cells in ledger.cells.items():
        moves[series].update(cells)
    sums = {
        series: (tiles := sorted(moved), [0, *accumulate(moved[tile] for tile in tiles)])
        for series, moved in moves.items()
    }

    def read(series: Series, tile: int) -> int:
        tiles, values = sums.get(series, ((), [0]))
        return values[bisect_left(tiles, tile)]

    return read


def flow(ledger: Ledger, begin: float, end: float, *series: str) -> int:
    """Returns what a flow moved from one day to another, over all segments."""
    return level(ledger, end, *series) - level(ledger, begin, *series)


MONEY_FLOWS: Final[dict[Series, int]] = {
    ("new_mrr",): 1,
    ("reactivation_mrr",): 1,
    ("expansion_mrr", "upgrade"): 1,
    ("expansion_mrr", "resume"): 1,
    ("contraction_mrr", "downgrade"): -1,
    ("contraction_mrr", "pause"): -1,
    ("churned_mrr", "voluntary"): -1,
    ("churned_mrr", "involuntary"): -1,
    ("transferred_mrr",): 1,
    ("fx_mrr",): 1,
}
"""The movements, with the sign by which each adds to MRR."""


def moved(ledger: Ledger, end: float = 800) -> dict[str, float]:
    """Returns the movements that are not 0 up to a day, in dollars, by series."""
    found = {}
    for series in MONEY_FLOWS:
        value = level(ledger, end, *series)
        if value:
            found[":".join(series).replace("_mrr", "")] = value / DOLLAR
    return found


def mrr(ledger: Ledger, *days: float) -> list[float]:
    """Returns the MRR in dollars at some days."""
    return [level(ledger, day, "mrr") / DOLLAR for day in days]

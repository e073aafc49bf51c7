"""Revenue recomputed in the dullest way: from raw records, instant by instant, in fractions.

It knows neither phases nor steps nor the ledger: it asks for an instant what each subscription is,
and groups instants from the first at which one of them changes. Free periods, transfers and
exchange are left out.
"""

import json
from collections.abc import Iterable
from fractions import Fraction
from math import floor
from typing import Any, Final, NamedTuple

from events import parse_instant

HOUR_MS: Final = 3_600_000
NEVER: Final = 1 << 60
_MONTHS: Final = {"month": Fraction(1), "year": Fraction(12), "week": Fraction(12, 52)}
_TIMES: Final = ("start_date", "cancel_at", "resumes_at", "ended_at")

Record = dict[str, Any]


class Was(NamedTuple):
    """A subscription at an instant."""

    micros: int
    paused: bool


class Movement(NamedTuple):
    """What changed from before a group of changes to after it; instants are ms of the epoch."""

    kind: str
    begin_ms: int
    last_ms: int
    before: int
    after: int


def records_of(lines: Iterable[bytes], account: str) -> list[Record]:
    """Returns the data of an account's records, once each, less retracted ones, instants in ms."""
    by_id = {record["id"]: record for record in map(json.loads, lines)}
    own = [r for r in by_id.values() if r["data"]["account_id"] == account]
    gone = {r["data"]["retracts"] for r in own if r["type"] == "event.retracted"}
    records = []
    for record in own:
        if record["type"].startswith("subscription.") and record["id"] not in gone:
            data = dict(record["data"])
            for name in _TIMES:
                data[name] = parse_instant(data[name]) if data.get(name) else None
            data["ms"] = parse_instant(data.get("effective_at", record["time"]))
            data["time"] = parse_instant(record["time"])
            data["sequence"] = str(record.get("sequence", "")).rjust(20)
            data["kind"] = record["type"].removeprefix("subscription.")
            data["place"] = _place(data)
            data["id"] = record["id"]
            records.append(data)
    standing = [record for record in records if not _is_withdrawn(record, records)]
    return sorted(standing, key=lambda r: (r["place"], r["sequence"], r["time"], r["id"]))


def _is_withdrawn(record: Record, records: list[Record]) -> bool:
    """Returns whether an end ahead was followed by a later word before it came."""

    def said(other: Record) -> tuple[int, str, int, str]:
        said_ms = other["ms"] if other["kind"] == "deleted" else other["place"]
        return said_ms, other["sequence"], other["time"], other["id"]

    return record["kind"] == "deleted" and any(
        said(other) > said(record) and said(other)[0] < record["place"]
        for other in records
        if other["subscription_id"] == record["subscription_id"]
        and other["kind"] != "cancellation_requested"
    )


def revenue(records: list[Record], at_ms: int) -> int:
    """Returns an account's MRR at an instant, in micro-units."""
    return sum(was.micros for was in _account(records, at_ms).values())


def movements(records: list[Record]) -> list[Movement]:
    """Returns all groups of changes of an account; the kind of one without effect is empty."""
    found: list[Movement] = []
    has_paid = on_pause = False
    group: list[int] = []
    then: dict[str, Was] = {}
    previous: dict[str, Was] = {}
    for at_ms in [*_instants(records), NEVER]:
        if group and at_ms - group[0] > HOUR_MS:
            movement = _classified(group, then, previous, has_paid=has_paid, on_pause=on_pause)
            found.append(movement)
            has_paid |= movement.after > 0
            if movement.before:
                on_pause = movement.kind == "pause"
            elif movement.after:
                on_pause = False
            on_pause &= any(was.paused for was in previous.values())
            group = []
        now = _account(records, at_ms) if at_ms < NEVER else previous
        left = on_pause and not any(was.paused for was in now.values())
        if group or left or _micros(now) != _micros(previous):
            if not group:
                then = previous
            group.append(at_ms)
        previous = now
    return found


def _classified(
    group: list[int],
    then: dict[str, Was],
    now: dict[str, Was],
    *,
    has_paid: bool,
    on_pause: bool,
) -> Movement:
    before, after = _sum(then), _sum(now)
    kind = ""
    if before == 0 < after:
        kind = ("resume" if on_pause else "reactivation") if has_paid else "new"
    elif after == 0 < before:
        payers = [sub for sub, was in then.items() if was.micros]
        kind = "pause" if all(now[sub].paused for sub in payers) else "churn"
    elif before == 0 == after and on_pause and not any(was.paused for was in now.values()):
        kind = "churn"  # whoever ends while paused is lost then
    elif after != before:
        kind = "expansion" if after > before else "contraction"
    return Movement(kind, group[0], group[-1], before, after)


def _place(data: Record) -> int:
    place: int = data["ms"]
    if data["kind"] == "created" and data["start_date"] is not None:
        place = min(place, data["start_date"])
    if data["kind"] == "deleted" and data["ended_at"] is not None:
        place = max(place, data["ended_at"])
    return place


def _instants(records: list[Record]) -> list[int]:
    instants = {record["place"] for record in records}
    for record in records:
        instants.update(record[name] for name in _TIMES if record[name] is not None)
        for discount in record.get("discounts", ()):
            instants.update(parse_instant(discount[n]) for n in ("start", "end") if n in discount)
    return sorted(instants)


def _micros(account: dict[str, Was]) -> dict[str, int]:
    return {sub: was.micros for sub, was in account.items() if was.micros}


def _sum(account: dict[str, Was]) -> int:
    return sum(_micros(account).values())


def _account(records: list[Record], at_ms: int) -> dict[str, Was]:
    subs = {record["subscription_id"] for record in records}
    return {
        sub: _subscription([r for r in records if r["subscription_id"] == sub], at_ms)
        for sub in subs
    }


def _subscription(records: list[Record], at_ms: int) -> Was:
    for record in records:
        if (
            record["kind"] == "deleted"
            and _or(record["ended_at"], NEVER) <= at_ms < record["place"]
        ):
            return Was(0, False)
    state = _state(record for record in records if record["place"] <= at_ms)
    if state is None or _or(state["cancel_at"], NEVER) <= at_ms:
        return Was(0, False)
    status = state["status"]
    if state["kind"] == "paused":
        status = "active" if _or(state["resumes_at"], NEVER) <= at_ms else "paused"
    if status not in ("active", "past_due") or _or(state["start_date"], 0) > at_ms:
        return Was(0, status == "paused")
    return Was(floor(_price(state, at_ms) + Fraction(1, 2)), False)


def _state(records: Iterable[Record]) -> Record | None:
    state: Record | None = None
    for record in records:
        if record["kind"] == "deleted":
            state = None
        elif record["kind"] != "cancellation_requested":
            start_ms = record["start_date"] or (state["start_date"] if state else None)
            state = {**record, "start_date": start_ms}
        elif state is not None:
            state = {**state, "cancel_at": record["cancel_at"] or state["cancel_at"]}
    return state


def _or(instant_ms: int | None, other_ms: int) -> int:
    return other_ms if instant_ms is None else instant_ms


def _price(state: Record, at_ms: int) -> Fraction:
    price = Fraction(0)
    for item in state["items"]:
        months = _MONTHS[item["interval"]] * item.get("interval_count", 1)
        price += item["amount"] * 10_000 / months
    for discount in state.get("discounts", ()):
        begins = parse_instant(discount["start"]) if "start" in discount else 0
        ends = parse_instant(discount["end"]) if "end" in discount else NEVER
        if discount["duration"] != "once" and begins <= at_ms < ends:
            price -= price * discount["percent_off"] / 100
    return price

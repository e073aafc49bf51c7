"""The events of a run: a made-up company's, with what the simulator does not tell, in disorder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any, Final

from aggregates.time.tile import TILE_MS, TILES_A_DAY
from streams.clock import now_ms
from streams.simulator import Company, disturb

DAY_MS: Final = TILES_A_DAY * TILE_MS

MERGED: Final = 4
"""Accounts of which each is merged into the next, so that rows move between partitions."""


@dataclass(frozen=True)
class Size:
    """How large a company is, and how tidily its events come.

    Attributes:
        accounts: Its accounts.
        days: Of history, up to last midnight.
        activity: Sessions of an active user a day; 1 is ordinary.
        late: Share of the events that come thousands of events too late.
        duplicates: Share of the events that come twice.
    """

    accounts: int = 30
    days: int = 150
    activity: float = 0.5
    late: float = 0.01
    duplicates: float = 0.02


def told(seed: int, size: Size) -> list[bytes]:
    """Returns the lines of a company in the order in which they are sent."""
    end_ms = now_ms() // DAY_MS * DAY_MS
    company = Company(seed, size.accounts, end_ms - size.days * DAY_MS, activity=size.activity)
    lines = []
    for day in company.days():
        lines += [line for at_ms, line in day if at_ms < end_ms]
        if day and day[-1][0] >= end_ms:
            break
    rng = Random(f"{seed}-untold")
    for event in untold([json.loads(line) for line in lines]):
        lines.insert(rng.randrange(len(lines)), json.dumps(event).encode())
    return list(disturb(lines, seed, size.late, size.duplicates))


def untold(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Events that the simulator does not tell, and that travel to several topics or partitions:
    merged accounts, and retractions that do not say what they retract."""
    first = {event["type"]: event for event in reversed(events)}
    last = {event["type"]: event for event in events}
    paying = sorted({e["data"]["account_id"] for e in events if e["type"] == "invoice.paid"})
    envelope = {"specversion": "1.0", "source": "test", "time": events[-1]["time"]}
    for number, (account, into) in enumerate(pairwise(paying[:MERGED])):
        data = {"account_id": account, "into_account_id": into}
        yield {**envelope, "id": f"merged-{number}", "type": "account.merged", "data": data}
    retracted = (last["ticket.created"], first["survey_response.created"], last["invoice.paid"])
    for number, event in enumerate(retracted):
        data = {"account_id": event["data"]["account_id"], "retracts": event["id"]}
        yield {**envelope, "id": f"retracted-{number}", "type": "event.retracted", "data": data}

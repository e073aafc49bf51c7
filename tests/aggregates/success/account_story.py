"""Facts of the account topic told in hours, with and without an account."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS
from events import format_instant
from tests.aggregates.folding import (
    DAY,
    HOUR_MS,
    START,
    START_MS,
    Told,
    fold,
    is_consistent,
    restored,
)

Step = tuple[float, str, Mapping[str, Any]]


class Shared(Told):
    """A fact of no account: it goes by the subject that its data name."""

    def record(self) -> bytes:
        """Returns it as the bytes of a record."""
        event = json.loads(super().record())
        event["subject"] = event["data"].pop("subject")
        del event["data"]["account_id"]
        return json.dumps(event).encode()


def shared(facts: Sequence[Step], subject: str, **common: Any) -> list[Told]:
    """Tells facts of a subject, given as (hours after the start, type, data)."""
    return [
        Shared(at_ms(hours), n, f"{subject}_{n}", kind, {"subject": subject, **common, **data})
        for n, (hours, kind, data) in enumerate(facts, 1)
    ]


def at_ms(hours: float) -> int:
    """Returns an instant by its hours after the start, ms of the epoch."""
    return START_MS + round(hours * HOUR_MS)


def instant(hours: float) -> str:
    """Returns the same as text."""
    return format_instant(at_ms(hours))


def day(number: float) -> int:
    """Returns the tile edge so many days after the start."""
    return START + round(number * DAY)


def edge(hours: float) -> int:
    """Returns the first tile edge after an instant, given by its hours after the start."""
    return at_ms(hours) // TILE_MS + 1


def taken_back(fact: Told) -> Told:
    """Takes a fact back under its own key."""
    subject = {"subject": fact.data["subject"]} if "subject" in fact.data else {}
    return type(fact)(
        fact.ms, 0, f"back_{fact.id}", "event.retracted", {"retracts": fact.id, **subject}
    )


def check_any_order(plan: Plan, facts: list[Told], data: st.DataObject, batch: int) -> None:
    """Checks that order, repetition, batches and retractions change nothing.

    Settled step by step is rebuilt, and rows come back from their bytes.
    """
    taken = data.draw(st.sets(st.sampled_from(range(len(facts))), max_size=3)) if facts else set()
    kept = [fact for number, fact in enumerate(facts) if number not in taken]
    back = [taken_back(facts[number]) for number in taken]
    again = data.draw(st.lists(st.sampled_from(facts), max_size=3)) if facts else []
    shuffled = data.draw(st.permutations([*facts, *again, *back]))
    shard = fold(plan, "account", shuffled, batch)
    assert shard.ledger == fold(plan, "account", kept, bulk=True).ledger
    assert is_consistent(shard)
    assert restored(shard, "account").ledger == shard.ledger

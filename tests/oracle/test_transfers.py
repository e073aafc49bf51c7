"""Subscriptions that go over to another account: transferred MRR against SQL over raw events."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from aggregates.revenue import mrr
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS
from events import format_instant
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.ledger_figures import figures_of
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import BEGIN_MS, END_MS

PAIRS = 60
EDGES = 12
MINUTE_MS, DAY_MS = 60_000, 86_400_000
FILES = ("events", "windows", "transfers")
PLAN = Plan(families=(mrr.FAMILY,))
MEASURE = "transferred_mrr"


class _Teller:
    """Tells events of one pair of accounts, of which one hands subscriptions over to the other."""

    def __init__(self, rng: Random, number: int) -> None:
        self._rng = rng
        self._told = 0
        self.leaving, self.taking = f"a{number}", f"b{number}"
        self.other = f"c{number}"

    def line(self, kind: str, at_ms: int, account: str, **data: Any) -> bytes:
        """Returns an event that was told at once or later."""
        self._told += 1
        event = {
            "specversion": "1.0",
            "id": f"{self.leaving}-{self._told}",
            "source": "billing",
            "type": kind,
            "time": format_instant(at_ms + self._rng.choice((0, 0, 9 * DAY_MS))),
            "data": {"account_id": account, "effective_at": format_instant(at_ms), **data},
        }
        return json.dumps(event).encode()

    def bought(self, at_ms: int, account: str, sub: str, replaced: str | None = None) -> bytes:
        """Tells of a subscription that begins."""
        item = {
            "item_id": "i",
            "amount": self._rng.randint(1, 90) * 100,
            "currency": "USD",
            "interval": "month",
        }
        data = {"subscription_id": sub, "status": "active", "items": [item]}
        more = {} if replaced is None else {"replaces_subscription_id": replaced}
        return self.line("subscription.created", at_ms, account, **data, **more)

    def story(self) -> Iterator[bytes]:
        """Tells what each pays, and what goes over: its state at once, or long after."""
        rng, leaving, taking = self._rng, self.leaving, self.taking
        segments = rng.sample(("smb", "enterprise", "public"), 2)
        for account, segment in zip((leaving, taking), segments, strict=True):
            yield self.line("account.updated", BEGIN_MS, account, segment=segment)
        moved_ms = rng.randrange(BEGIN_MS + 40 * DAY_MS, END_MS - 9 * DAY_MS) // 1_000 * 1_000
        subs = [f"{leaving}.s{number}" for number in range(rng.randint(1, 3))]
        for number, sub in enumerate(subs):
            yield self.bought(moved_ms - (30 - 2 * number) * DAY_MS, leaving, sub)
        if rng.random() < 0.6:
            yield self.bought(moved_ms - 20 * DAY_MS, taking, f"{taking}.own")
        goes_over, named = rng.random() < 0.85, taking
        if rng.random() < 0.4:  # by an id that turned out to be it, or the other one
            into, named = rng.choice((taking, taking, leaving)), self.other
            yield self.line("account.merged", BEGIN_MS, self.other, into_account_id=into)
        for sub in subs:
            if goes_over:
                moved = {"subscription_id": sub, "into_account_id": named}
                yield self.line("subscription.transferred", moved_ms, leaving, **moved)
            if not goes_over or rng.random() < 0.5:
                yield self.line("subscription.deleted", moved_ms, leaving, subscription_id=sub)
        for sub in subs:
            begun_ms = moved_ms + rng.choice((0, 0, 30, 4_000)) * MINUTE_MS
            name = rng.choice((sub, f"{taking}.{sub}"))
            yield self.bought(
                begun_ms, rng.choice((taking, named)), name, None if name == sub else sub
            )


@pytest.mark.parametrize("seed", range(3))
def test_transfers(seed: int) -> None:
    """What is handed over and taken is SQL's at every edge and window, by segment, in any order."""
    rng = Random(f"{seed}-transfers")
    lines = [line for number in range(PAIRS) for line in _Teller(rng, number).story()]
    lines += rng.sample(lines, len(lines) // 10)
    rng.shuffle(lines)
    edges = random_edges(rng, EDGES)
    ledger = folded_in_batches(lines, PLAN, rng)
    wanted = Recomputation(lines, edges, files=FILES).figures()
    assert any(wanted.values())
    for edge_ms in edges:
        read = figures_of(ledger, PLAN, edge_ms // TILE_MS)
        found = {cell: value for cell, value in read.items() if cell.measure == MEASURE}
        assert found == wanted.get(edge_ms, {}), format_instant(edge_ms)

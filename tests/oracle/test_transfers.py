"""Subscriptions that go from one account to another, against SQL over raw events.

What goes over, what each account pays, and what windows find again.
"""

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest

from aggregates.revenue import customers, mrr
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS
from events import format_instant
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.ledger_figures import figures_of
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import BEGIN_MS, END_MS

PAIRS = 60
EDGES = 12
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
FILES = ("events", "windows", "transfers")
PLAN = Plan(families=(mrr.FAMILY, customers.FAMILY))
GOES_OVER = ("transferred_mrr",)
IS_PAID = ("transferred_mrr", "mrr", "retained_mrr", "capped_mrr", "retained_accounts")

IS_SHARED = ("retained_mrr", "capped_mrr")
ROUNDING = 9
"""Micro-units by which shares may differ: less than one for each subscription of an account."""


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

    def bought(
        self,
        at_ms: int,
        account: str,
        sub: str,
        replaced: str | Sequence[str] | None = None,
        kind: str = "created",
        **more: Any,
    ) -> bytes:
        """Tells of a subscription that begins, or is another one from now on."""
        item = {
            "item_id": "i",
            "amount": self._rng.randint(1, 90) * 100,
            "currency": "USD",
            "interval": "month",
        }
        data = {"subscription_id": sub, "status": "active", "items": [item]}
        if replaced is not None:
            name = "replaces_subscription_id"
            more[name if isinstance(replaced, str) else f"{name}s"] = replaced
        return self.line(f"subscription.{kind}", at_ms, account, **data, **more)

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

    def journey(self) -> Iterator[bytes]:
        """Tells of subscriptions that go around among three accounts, each by who has it."""
        rng, accounts = self._rng, (self.leaving, self.taking, self.other)
        for account in accounts:
            segment = rng.choice(("smb", "enterprise", "public"))
            yield self.line("account.updated", BEGIN_MS, account, segment=segment)
        for number in range(rng.randint(1, 4)):
            yield from self._way(f"{self.leaving}.s{number}", accounts)

    def _way(self, sub: str, accounts: Sequence[str]) -> Iterator[bytes]:
        """Tells of one subscription on its way."""
        rng, owner = self._rng, self._rng.choice(accounts)
        times = rng.sample(range(3, (END_MS - BEGIN_MS) // HOUR_MS, 3), rng.randint(2, 9))
        at_ms, *later = [BEGIN_MS + hours * HOUR_MS + 7_000 for hours in sorted(times)]
        yield self.bought(at_ms, owner, sub)
        had = {owner}
        for place, at_ms in enumerate(later, 1):
            into = rng.choice([each for each in accounts if each != owner])
            match rng.choice(("price", "price", "goes", "goes", "stray", "ahead")):
                case "price":
                    yield self.bought(at_ms, owner, sub, kind="updated")
                case "stray" if into in had:
                    yield self.bought(at_ms, into, sub, kind="updated")
                case "ahead" if into not in had and place < len(later):
                    yield self.bought(at_ms, into, sub)
                case "goes" if place < len(later):
                    yield from self._goes(at_ms, sub, owner, into)
                    owner = into
                    had.add(owner)
        if rng.random() < 0.4:
            end_ms = at_ms + 5 * HOUR_MS
            yield self.line("subscription.deleted", end_ms, owner, subscription_id=sub)

    def _goes(self, at_ms: int, sub: str, owner: str, into: str) -> Iterator[bytes]:
        moved = {"subscription_id": sub, "into_account_id": into}
        yield self.line("subscription.transferred", at_ms, owner, **moved)
        if self._rng.random() < 0.5:
            yield self.line("subscription.deleted", at_ms, owner, subscription_id=sub)
        if self._rng.random() < 0.3:
            yield self.bought(at_ms, into, sub, kind="updated")

    def contracts(self) -> Iterator[bytes]:
        """Tells of contracts that go around, are put together and split, and end or go on."""
        rng, accounts = self._rng, (self.leaving, self.taking, self.other)
        at_ms, held, over = BEGIN_MS + 9 * DAY_MS, dict[str, str](), dict[str, str]()
        for account in accounts:
            yield self.line("account.updated", BEGIN_MS, account, segment=account)
            for number in range(rng.randint(1, 2)):
                sub = f"{rng.choice('hkz')}{account}.{number}"
                held[sub] = account
                yield self.bought(at_ms - rng.randint(1, 8 * 24) * HOUR_MS, account, sub)
        while at_ms < END_MS - 14 * DAY_MS:
            at_ms += rng.choice((5, 99, 600)) * HOUR_MS + rng.randrange(900) * 1_000
            sub = rng.choice(sorted(held))
            account = held[sub]
            match rng.choice(("price", "goes", "goes", "become", "become", "become", "ends")):
                case "price":
                    yield self.bought(at_ms, account, sub, kind="updated")
                case "ends" if len(held) > 2:
                    over[sub] = held.pop(sub)
                    yield self.line("subscription.deleted", at_ms, account, subscription_id=sub)
                case "goes":
                    held[sub] = rng.choice([each for each in accounts if each != account])
                    yield from self._goes(at_ms, sub, account, held[sub])
                    at_ms += rng.choice((0, 30, 300)) * MINUTE_MS
                    if rng.random() < 0.5:
                        yield from self._become(at_ms, sub, held, over)
                case "become":
                    yield from self._become(at_ms, sub, held, over)

    def _become(
        self,
        at_ms: int,
        sub: str,
        held: dict[str, str],
        over: dict[str, str],
        at_once: bool = False,
    ) -> Iterator[bytes]:
        """Tells that others take the place of a subscription, and of some that are beside it."""
        rng, account = self._rng, held[sub]
        every = [each for each in held | over if (held | over)[each] == account and each != sub]
        olds = [sub, *rng.sample(every, rng.randint(0, min(2, len(every))))]
        rng.shuffle(olds)
        if len(olds) > 1 and not at_once and rng.random() < 0.2:
            olds.remove(sub)
            yield self.bought(at_ms, account, sub, olds, kind="updated")
        else:
            for _ in range(rng.choice((1, 1, 2))):
                sub = f"{rng.choice('ajz')}{account}.{self._told}"
                if rng.random() < 0.2:  # signed ahead
                    ahead_ms, start = at_ms - 40 * HOUR_MS, format_instant(at_ms)
                    yield self.bought(ahead_ms, account, sub, olds, start_date=start)
                else:
                    yield self.bought(at_ms, account, sub, olds)
                held[sub] = account
        for old in olds:
            over.pop(old, None)
            if held.pop(old, None) and not at_once and rng.random() < 0.4:
                end_ms = at_ms + rng.choice((0, 2)) * HOUR_MS
                yield self.line("subscription.deleted", end_ms, account, subscription_id=old)
        if rng.random() < 0.2:  # one that is replaced in turn, at once
            yield from self._become(at_ms, sub, held, over, at_once=True)


def check(lines: list[bytes], measures: Sequence[str], rng: Random, rounding: int = 0) -> None:
    """Compares measures at random edges, by segment and window, of events in any order.

    Args:
        lines: The events.
        measures: The measures.
        rng: What chooses edges and order.
        rounding: By how many micro-units what is shared out may differ.
    """
    lines += rng.sample(lines, len(lines) // 10)
    rng.shuffle(lines)
    edges = random_edges(rng, EDGES)
    ledger = folded_in_batches(lines, PLAN, rng, partitions=3)
    wanted = Recomputation(lines, edges, files=FILES).figures()
    assert {cell.measure for told in wanted.values() for cell in told} >= set(measures)
    for edge_ms in edges:
        read = figures_of(ledger, PLAN, edge_ms // TILE_MS)
        found = {cell: value for cell, value in read.items() if cell.measure in measures}
        told = {cell: value for cell, value in wanted[edge_ms].items() if cell.measure in measures}
        read_over = {(cell.measure, cell.window) for cell in found}
        told = {cell: v for cell, v in told.items() if (cell.measure, cell.window) in read_over}
        for cell in {*found, *told}:
            if rounding and cell.measure in IS_SHARED:
                assert abs(found.pop(cell, 0) - told.pop(cell, 0)) <= rounding, cell
        assert found == told, format_instant(edge_ms)


@pytest.mark.parametrize("seed", range(3))
def test_what_goes_over(seed: int) -> None:
    """What is handed over and taken is SQL's, also where another one takes its place."""
    rng = Random(f"{seed}-transfers")
    lines = [line for number in range(PAIRS) for line in _Teller(rng, number).story()]
    check(lines, GOES_OVER, rng)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_paid_and_found_again(seed: int) -> None:
    """What each account pays, and what windows find again of what they found, is SQL's."""
    rng = Random(f"{seed}-journeys")
    lines = [line for number in range(PAIRS) for line in _Teller(rng, number).journey()]
    check(lines, IS_PAID, rng)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_put_together_and_split(seed: int) -> None:
    """What each account had is found again in what takes its place, as SQL shares that out."""
    rng = Random(f"{seed}-contracts")
    lines = [line for number in range(8) for line in _Teller(rng, number).contracts()]
    check(lines, IS_PAID, rng, ROUNDING)

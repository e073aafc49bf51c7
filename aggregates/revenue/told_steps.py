"""What is told of an account's revenue: each step of its MRR, with the movements that made it."""

from itertools import pairwise
from typing import Final

from aggregates.revenue.movement import Movements
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.family import Scope
from aggregates.rows.store import AccountRows
from aggregates.rows.told import Cell, Instant, Money, Named, Table, Teller, Told
from aggregates.time.tile import edge_ms

_SIGNED: Final = {
    "new": ("new", 1),
    "reactivation": ("reactivation", 1),
    "upgrade": ("expansion", 1),
    "resume": ("expansion by a resumption", 1),
    "downgrade": ("contraction", -1),
    "pause": ("contraction by a pause", -1),
    "voluntary": ("churn", -1),
    "involuntary": ("involuntary churn", -1),
    "transferred": ("transfer", 1),
    "fx": ("exchange rates", 1),
}
"""By attribute of movements, their names for people, and their signs in MRR."""


def _take(account: AccountRows, scope: Scope) -> Told:
    row = account.of(SUBSCRIPTIONS).get("")
    if row is None:
        return lambda edge: None
    revenue = row.steps(scope)
    states = [(0, revenue.initial), *revenue.steps]

    def told(edge: int) -> Table | None:
        rows: list[list[Cell]] = []
        mrr, ahead = 0, None
        for (_, before), (tile, after) in pairwise(states):
            change = after.levels.mrr - before.levels.mrr
            moved = _named(after.moved.minus(before.moved))
            if not change and not moved.parts:
                continue
            if tile >= edge:
                ahead = ahead or (Instant(edge_ms(tile)), Money(after.levels.mrr))
                continue
            mrr = after.levels.mrr
            rows.append([Instant(edge_ms(tile)), Money(mrr), Money(change), moved])
        if not rows and ahead is None:
            return None
        facts: list[tuple[str, Cell]] = [("MRR", Money(mrr))]
        if ahead is not None:
            facts += [("Next change that is known", ahead[0]), ("MRR then", ahead[1])]
        heads = ("from", "MRR", "change", "movement")
        return Table("mrr_steps", "Steps of MRR", facts, heads, rows[::-1])

    return told


def _named(moved: Movements) -> Named:
    """Returns the movements that are not 0, as they change MRR."""
    return Named(
        tuple(
            (name, Money(sign * amount))
            for part, (name, sign) in _SIGNED.items()
            if (amount := getattr(moved, part))
        )
    )


TELLER: Final = Teller(1, _take)

"""By account: what rows contribute, each account in a segment of its own.

The first question about a measure gathers what all accounts contribute to it. Later ones gather it
only of accounts whose contributions have changed since, so a question about a figure of thousands
of accounts costs little more than to read it.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final

from aggregates.explanation.account_cells import AccountCells
from aggregates.ledger.gathered import Gathered
from aggregates.ledger.ledger import Key
from aggregates.ledger.measure import Measure
from aggregates.reading.prefix_sums import LedgerSums, MeasureSums
from aggregates.rows.family import Families, Family
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard

_NONE: Final = LedgerSums(AccountCells())


class ByAccount:
    """The contributions of settled shards by account; the last part of a segment is an account.

    Only one may follow a shard: it takes note of what changed away from there.

    Attributes:
        plan: What the shards share.
        shards: Shards that hold all accounts between them.
    """

    def __init__(self, plan: Plan, shards: Iterable[Shard]) -> None:
        self.plan = plan
        self.shards = tuple(shards)
        self._groups = [_Group(families) for families in _connected(plan)]
        self._group_of = {name: group for group in self._groups for name in group.measures}

    def gather(self, measures: Iterable[str], accounts_max: int | None = None) -> bool:
        """Brings some measures up to date with the shards; returns whether they are.

        Args:
            measures: Their names.
            accounts_max: Accounts to look at this time; None for all there are to look at.
        """
        for number, shard in enumerate(self.shards):
            self._note(number, shard)
        wanted = {id(group): group for name in measures if (group := self._group_of.get(name))}
        for group in wanted.values():
            if group.waiting is None:
                group.waiting = dict.fromkeys(
                    (number, account)
                    for number, shard in enumerate(self.shards)
                    for account in sorted(shard.store.accounts())
                )
            group.gather(self.shards, accounts_max)
        return not any(group.waiting for group in wanted.values())

    def _note(self, number: int, shard: Shard) -> None:
        """Notes whose contributions have changed in a shard."""
        changed = shard.settling.take_changed()
        for group in self._groups:
            if group.waiting is None:
                continue
            if changed is None:
                group.forget(number)
                group.waiting.update(dict.fromkeys((number, a) for a in shard.store.accounts()))
            else:
                for kind in group.families.keys() & changed.keys():
                    group.waiting.update(dict.fromkeys((number, a) for a in changed[kind]))

    def keys_of(self, measure: str) -> list[Key]:
        """Returns the series and segments of a measure that hold a cell, as last gathered."""
        group = self._group_of.get(measure)
        return [] if group is None else group.cells.keys_of(measure)

    def of(self, measure: Measure, *, by_filter: bool = False) -> MeasureSums:
        """Returns the prefix sums of a measure; see ``LedgerSums``."""
        group = self._group_of.get(measure.name)
        sums = _NONE if group is None else group.sums
        return sums.of(measure, by_filter=by_filter)


class _Group:
    """Families whose measures have no other families, and what they contribute by account."""

    def __init__(self, families: Families) -> None:
        self.families = families
        self.measures = _measures(families)
        self.cells = AccountCells()
        self.sums = LedgerSums(self.cells)
        self.waiting: dict[tuple[int, str], None] | None = None
        """Numbers of shards and accounts to gather; None if nobody has asked yet."""

    def forget(self, number: int) -> None:
        """Has all accounts of a shard that are known looked at again."""
        assert self.waiting is not None, "somebody has asked"
        self.waiting.update(dict.fromkeys(k for k in self.cells.accounts if k[0] == number))

    def gather(self, shards: Sequence[Shard], accounts_max: int | None) -> None:
        """Gathers accounts that wait."""
        assert self.waiting is not None, "somebody has asked"
        now = list(islice(self.waiting, accounts_max))
        gathered = Gathered()
        for number, account in now:
            contributing = shards[number].settling.contributing
            contributing.gather(gathered, self.families, accounts=(account,), by_account=True)
            del self.waiting[number, account]
        self.cells.exchange(now, gathered.sums())


def _connected(plan: Plan) -> list[Families]:
    """Returns the families of a plan, those together that contribute to the same measures."""
    found: list[dict[str, list[Family[Any]]]] = []
    for kind, families in plan.families.items():
        for family in families:
            together = {kind: [family]}
            apart = []
            for other in found:
                if family.contributes_to.isdisjoint(_measures(other)):
                    apart.append(other)
                    continue
                for name, those in other.items():
                    together.setdefault(name, []).extend(those)
            found = [*apart, together]
    return list(found)


def _measures(families: Families) -> frozenset[str]:
    return frozenset().union(*(f.contributes_to for those in families.values() for f in those))

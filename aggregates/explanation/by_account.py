"""By account: what rows contribute, each account in a segment of its own.

Shards that are rebuilt gather by account, and give what they gathered. Of others the first question
about a measure gathers what all accounts contribute to it. Later ones gather it only of accounts
whose contributions have changed since, so a question about a figure of thousands of accounts costs
little more than to read it.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from aggregates.explanation.account_sums import AccountSums
from aggregates.ledger.gathered import Gathered
from aggregates.ledger.measure import Measure, Segment
from aggregates.reading.prefix_sums import MeasureSums
from aggregates.rows.family import Families, Family
from aggregates.shard.changed import Changed
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard


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
        self._sums = AccountSums()
        for number, shard in enumerate(self.shards):
            shard.settling.gathers_by_account = True
            for group in self._groups:
                group.unknown.add(number)

    def gather(self, measures: Iterable[str], accounts_max: int | None = None) -> bool:
        """Brings some measures up to date with the shards; returns whether they are.

        Args:
            measures: Their names.
            accounts_max: Accounts to look at this time; None for all there are to look at.
        """
        for number, shard in enumerate(self.shards):
            self._note(number, shard.settling.changing.take())
        wanted = {id(group): group for name in measures if (group := self._group_of.get(name))}
        for group in wanted.values():
            for number in sorted(group.unknown):
                accounts = sorted(self.shards[number].store.accounts())
                group.waiting.update(dict.fromkeys((number, account) for account in accounts))
            group.unknown.clear()
            self._gather(group, accounts_max)
        return not any(group.waiting for group in wanted.values())

    def _note(self, number: int, changed: Changed) -> None:
        """Notes whose contributions have changed in a shard."""
        if changed.is_rebuilt:
            self._sums.forget(number)
            for group in self._groups:
                group.forget(number)
        if changed.cells is not None:
            self._sums.exchange(number, (), changed.cells, self._group_of.keys())
            for group in self._groups:
                group.unknown.discard(number)
        for group in self._groups:
            if number not in group.unknown:
                for kind in group.families.keys() & changed.accounts.keys():
                    those = changed.accounts[kind]
                    group.waiting.update(dict.fromkeys((number, account) for account in those))

    def _gather(self, group: "_Group", accounts_max: int | None) -> None:
        """Gathers accounts that wait."""
        by_shard: dict[int, list[str]] = {}
        for number, account in islice(group.waiting, accounts_max):
            by_shard.setdefault(number, []).append(account)
        for number, accounts in by_shard.items():
            gathered = Gathered()
            contributing = self.shards[number].settling.contributing
            contributing.gather(gathered, group.families, accounts=accounts, by_account=True)
            self._sums.exchange(number, accounts, gathered.cells(), group.measures)
            for account in accounts:
                del group.waiting[number, account]

    def segments_of(self, measure: str) -> tuple[Segment, ...]:
        """Returns the segments of a measure that hold a cell, as last gathered."""
        return self._sums.segments_of(measure)

    def of(self, measure: Measure, *, by_filter: bool = False) -> MeasureSums:
        """Returns the prefix sums of a measure; see ``Sums``."""
        return self._sums.of(measure, by_filter=by_filter)


class _Group:
    """Families whose measures have no other families, and what is to be gathered of them.

    Attributes:
        families: The families, by the kind of rows that they read.
        measures: What they contribute to.
        unknown: Numbers of the shards of which nothing was gathered yet.
        waiting: Numbers of shards and accounts to gather.
    """

    def __init__(self, families: Families) -> None:
        self.families = families
        self.measures = _measures(families)
        self.unknown: set[int] = set()
        self.waiting: dict[tuple[int, str], None] = {}

    def forget(self, number: int) -> None:
        """Forgets what is known of a shard."""
        self.unknown.add(number)
        self.waiting = {key: None for key in self.waiting if key[0] != number}


def _connected(plan: Plan) -> list[Families]:
    """Returns the families of a plan, those together that contribute to the same measures."""
    found: list[tuple[frozenset[str], dict[str, list[Family[Any]]]]] = []
    for kind, families in plan.families.items():
        for family in families:
            measures, together = family.contributes_to, {kind: [family]}
            apart = []
            for names, other in found:
                if measures.isdisjoint(names):
                    apart.append((names, other))
                    continue
                measures |= names
                for name, those in other.items():
                    together.setdefault(name, []).extend(those)
            found = [*apart, (measures, together)]
    return [together for _, together in found]


def _measures(families: Families) -> frozenset[str]:
    return frozenset().union(*(f.contributes_to for those in families.values() for f in those))

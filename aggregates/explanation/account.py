"""One account: what is known of it, and the ledger of what it contributes alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregates.explanation.tellers import tellers
from aggregates.ledger.gathered import Gathered
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Segment
from aggregates.rows.guest import path_of
from aggregates.rows.kind import RowKey
from aggregates.rows.store import AccountRows
from aggregates.rows.told import Table, Told
from aggregates.shard.shard import Shard


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as its rows have it.

    Attributes:
        account: Its id.
        segment: The values of the attributes in ``segments``.
        internal: Whether it is one of the company itself, which contributes nothing.
        related: The other accounts whose rows are read under it, ascending: those that were merged
            into it, that its tickets came from, or that had or have a subscription of it.
        target: The account that its own rows are read under, if it was merged, once or through
            others; else None.
        ledger: What is read under it contributes.
        tellers: Tell what its rows say, subject by subject.
    """

    account: str
    segment: Segment
    internal: bool
    related: tuple[str, ...]
    target: str | None
    ledger: Ledger
    tellers: tuple[Told, ...] = ()

    def tables(self, edge: int) -> list[Table]:
        """Returns what its rows say as of a tile edge, subject by subject."""
        told = (teller(edge) for teller in self.tellers)
        return [table for table in told if table is not None]


def view_of(account: str, shards: Sequence[Shard]) -> AccountView | None:
    """Returns an account of settled shards; None if nothing is known of it."""
    for shard in shards:
        store, contributing = shard.store, shard.settling.contributing
        if any(account in accounts for accounts in store.rows.values()):
            gathered = Gathered()
            contributing.gather(gathered, accounts=(account,))
            known = contributing.account(account)
            others = related(account, (shard,)) - {account}
            return AccountView(
                account,
                known.segment,
                known.internal,
                tuple(sorted(others)),
                target_of(account, shards),
                gathered.ledger(),
                _taken(account, shard),
            )
    return None


def _taken(account: str, shard: Shard) -> tuple[Told, ...]:
    """Returns what tells of an account, whatever becomes of its rows."""
    key = RowKey("", account, "")
    scope = shard.settling.contributing.scope(key)
    return tuple(each.take(AccountRows(shard.store, account), scope) for each in tellers())


def target_of(account: str, shards: Iterable[Shard]) -> str | None:
    """Returns where merges lead from an account in the end; None if it was not merged."""
    targets: dict[str, str] = {}
    for shard in shards:
        targets |= shard.store.units.targets
    found, passed = account, {account}
    while (following := targets.get(found, found)) not in passed:
        found = following
        passed.add(found)
    return None if found == account else found


def related(account: str, shards: Iterable[Shard]) -> set[str]:
    """Returns the accounts whose events may make what is read under one, itself included."""
    found = {account}
    for shard in shards:
        for accounts in shard.store.rows.values():
            for entity in accounts.get(account, ()):
                found.update(path_of(entity))
    return found


def segments_of(shard: Shard) -> set[Segment]:
    """Returns the segments that the accounts of a settled shard are in."""
    contributing = shard.settling.contributing
    accounts = set[str]().union(*shard.store.rows.values())
    return {contributing.account(account).segment for account in accounts}

"""What units of rows contribute, by the rows and the facts of accounts as they are now."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from typing import Any

from aggregates.ledger.gathered import Gathered
from aggregates.rows.accounts import ACCOUNTS, account_view
from aggregates.rows.family import Account, Families, Scope
from aggregates.rows.guest import path_of
from aggregates.rows.kind import RowKey
from aggregates.rows.memo import Memo
from aggregates.rows.store import AccountRows, Store
from aggregates.shard.kept import Part
from aggregates.shard.plan import Plan
from aggregates.usage.account_usage import ACCOUNT_USAGE, AccountDays, account_days
from aggregates.usage.users import USERS


class Contributing:
    """The rule by which the rows of a shard make its ledger.

    Attributes:
        accounts: What is known of accounts.
        account_days: Active days of accounts, derived from their users.
        memos: What units that are derived keep from one time to the next.
    """

    def __init__(self, plan: Plan, store: Store) -> None:
        self.accounts: dict[str, Account] = {}
        self.account_days: dict[str, AccountDays] = {}
        self.memos: dict[RowKey, Memo] = {}
        self._plan = plan
        self._store = store
        self._unknown = account_view((), plan.policy.segments)

    def account(self, account: str) -> Account:
        """Returns what is known of an account."""
        return self.accounts.get(account, self._unknown)

    def account_view(self, account: str) -> Account:
        """Returns what its facts say of an account."""
        by_way: dict[int, list[Any]] = {}
        facts = self._store.of(ACCOUNTS.name, account)
        for entity in sorted(facts):
            by_way.setdefault(len(path_of(entity)), []).append(facts[entity])
        rows = [ACCOUNTS.united(by_way[way])[0] for way in sorted(by_way)]
        merged = self._store.units.merged(account)
        return account_view(rows, self._plan.policy.segments, merged)

    def units(self, account: str, kinds: Container[str] | None = None) -> Iterator[RowKey]:
        """Yields the units of the rows that are read under an account, of some kinds or of all."""
        units = self._store.units
        for kind in self._plan.kinds:
            if kinds is None or kind in kinds:
                for unit in units.all(kind, account):
                    yield RowKey(kind, account, unit)
        for derived in self._plan.derived.values():
            if (kinds is None or derived.name in kinds) and any(
                units.has(source.name, account) for source in derived.sources
            ):
                yield RowKey(derived.name, account, "")

    def scope(self, unit: RowKey) -> Scope:
        """Returns what the contributions of a unit depend on besides its rows."""
        account, plan = self.account(unit.account), self._plan
        segment = self._store.segment(unit, account.segment, plan.policy.segments)
        if segment is not account.segment:
            account = replace(account, segment=segment)
        return Scope(plan.calendar, plan.policy, account, plan.windows, unit.account)

    def rows(self, unit: RowKey) -> AccountRows:
        """Returns the rows that a derived unit reads, with what is kept of them."""
        return AccountRows(self._store, unit.account, self.memos.setdefault(unit, Memo()))

    def derive(self, unit: RowKey) -> None:
        """Derives the active days of an account from its users anew, if that is the unit."""
        if unit.kind == ACCOUNT_USAGE.name:
            persons = AccountRows(self._store, unit.account).units(USERS)
            days = account_days(persons, self._plan.policy, self._plan.calendar)
            self.account_days[unit.account] = days

    def of(self, unit: RowKey, scope: Scope, families: Families | None = None) -> list[Part]:
        """Returns what a unit contributes to each of some families; None for all."""
        found: list[Part] = []
        if scope.account.internal:
            return found
        if unit.kind == ACCOUNT_USAGE.name:
            rows: list[Any] = [self.account_days.get(unit.account, {})]
        elif unit.kind in self._plan.derived:
            rows = [AccountRows(self._store, unit.account, self.memos.get(unit))]
        else:
            rows = self._store.units.members(unit)
        if rows:
            asked = self._plan.families if families is None else families
            found += [list(each.contributions(rows, scope)) for each in asked.get(unit.kind, ())]
        return found

    def gather(
        self,
        gathered: Gathered,
        families: Families | None = None,
        *,
        accounts: Iterable[str] | None = None,
        by_account: bool = False,
        anew: bool = False,
        lasting: bool = True,
    ) -> None:
        """Gives what rows contribute.

        Args:
            gathered: What takes it.
            families: The families to give, by the kind of rows that they read; None for all.
            accounts: The accounts to give; None for all.
            by_account: Whether each account has a segment of its own: its id comes last in it.
            anew: Whether what is derived from rows is derived anew before.
            lasting: Whether rows stay; if not, those of each account go once they are given.
        """
        for account in self._store.accounts() if accounts is None else accounts:
            for unit in self.units(account, families):
                if anew:
                    self.derive(unit)
                scope = self.scope(unit)
                segment = scope.account.segment
                own = (*segment, account) if by_account else segment
                for part in self.of(unit, scope, families):
                    gathered.take(part, own)
            if not lasting:
                self._store.drop(account)
                self.account_days.pop(account, None)

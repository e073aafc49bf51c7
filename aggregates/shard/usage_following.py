"""What follows a day of a user, so that its units need not be settled."""

from array import array
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from aggregates.rows.family import Scope
from aggregates.rows.kind import RowKey
from aggregates.rows.store import AccountRows, Store
from aggregates.shard.plan import Plan
from aggregates.shard.settling import Settling
from aggregates.usage.account_usage import ACCOUNT_USAGE, AccountDays
from aggregates.usage.days import Filed, file_day, seen
from aggregates.usage.family import DayChanges, UsageFamily
from aggregates.usage.sessions import session_parts
from aggregates.usage.users import ANY, USERS, User, is_internal


class Follow(NamedTuple):
    """What follows a day of a user.

    Attributes:
        user: Whether the user's own unit does.
        account: Whether what the account uses does.
        derived: The units derived from users of the account that do.
    """

    user: bool
    account: bool
    derived: list[RowKey]


class UsedDay(NamedTuple):
    """That a user used a feature in a tile.

    Attributes:
        feature: The feature; ``ANY`` for a session.
        tile: When.
        around: First tile of that local day, and of the one after.
    """

    feature: str
    tile: int
    around: tuple[int, int]


class UsageFollowing:
    """The part of a shard that keeps the ledger up to date with uses, where families know how."""

    def __init__(self, plan: Plan, store: Store, settling: Settling) -> None:
        self._plan = plan
        self._store = store
        self._settling = settling
        self._active = frozenset(plan.policy.activating)
        families = [*plan.families.get(USERS.name, ()), *plan.families.get(ACCOUNT_USAGE.name, ())]
        followers = [family for family in families if isinstance(family, UsageFamily)]
        is_followed = len(followers) == len(families)
        self._follows_users = is_followed and plan.policy.user_basis == "seen" and not self._active
        self._follows_accounts = is_followed
        self._user_changes = DayChanges.of(followers, USERS.name)
        self._account_changes = DayChanges.of(followers, ACCOUNT_USAGE.name)
        self._derived_changes: dict[str, DayChanges] = {}
        for kind in plan.derived_from.get(USERS.name, ()):
            of_kind = plan.families[kind.name]
            derived = [family for family in of_kind if isinstance(family, UsageFamily)]
            if kind is not ACCOUNT_USAGE and len(derived) == len(of_kind):
                self._derived_changes[kind.name] = DayChanges.of(derived, kind.name)
        self._session_changes = [
            family.session_change for family in followers if family.session_change is not None
        ]

    def prepare(
        self, key: RowKey, user: User | None, feature: str, tile: int, begin: int
    ) -> Follow:
        """Unsettles what does not follow a day of a user; returns what does.

        Args:
            key: The user's row.
            user: The row; None if it is new.
            feature: What it used.
            tile: When.
            begin: First tile of that day.
        """
        if self._settling.bulk:
            return Follow(False, False, [])
        is_single = self._store.units.is_single(key)
        follows = self._follows_users and is_single and self._settling.is_settled(key)
        if user is not None and follows and user.was_removed:
            follows = False
        whole = RowKey(ACCOUNT_USAGE.name, key.account, "")
        follows_account = (
            self._follows_accounts
            and (user is not None or is_single)
            and self._settling.is_settled(whole)
        )
        derived: list[RowKey] = []
        if not follows:
            self._settling.unsettle_unit(key)
        if not follows_account or self._activates(user, feature, tile, begin):
            if self._follows_users and is_single:
                units = [RowKey(kind, key.account, "") for kind in self._derived_changes]
                derived = [unit for unit in units if self._settling.is_settled(unit)]
            self._settling.unsettle_derived(key, deferred_only=follows_account, but=derived)
        return Follow(follows, follows_account, derived)

    def take(
        self,
        follow: Follow,
        key: RowKey,
        user: User,
        day: UsedDay,
        filed: Mapping[str, Filed | None],
    ) -> None:
        """Notes what a day changes of what follows it.

        Args:
            follow: What does.
            key: The user's row.
            user: The user, whose days hold it by now.
            day: The day.
            filed: What filing it changed, by feature.
        """
        if not any(follow) or self._is_internal(key, user):
            return
        if self._active:  # then accounts alone are followed
            active = filed.get(day.feature) if day.feature in self._active else None
            filed = {**filed, ANY: active}
        changed = [(name, own) for name, own in filed.items() if own is not None]
        scope = self._settling.contributing.scope(key)
        if follow.user:
            self._follow(key, self._user_changes, user, day.tile, changed, scope)
        for unit in follow.derived:
            rows = self._settling.contributing.rows(unit), user
            self._follow(unit, self._derived_changes[unit.kind], rows, day.tile, changed, scope)
        if follow.account:
            whole = RowKey(ACCOUNT_USAGE.name, key.account, "")
            self._follow_account(whole, day, [name for name, _ in changed], scope)

    def take_session(self, account: str, value: int, old: int | None) -> None:
        """Notes the contributions of a session that is new, or another than was known."""
        view = self._settling.contributing.account(account)
        if view.internal:
            return
        for change in self._session_changes:
            self._settling.changes.add([change(*session_parts(value))], view.segment)
            if old is not None:
                self._settling.changes.take([change(*session_parts(old))], view.segment)

    def _follow_account(
        self,
        unit: RowKey,
        day: UsedDay,
        features: Iterable[str],
        scope: Scope,
    ) -> None:
        """Files active days of an account one by one: each change is of the days known by then."""
        days = self._settling.contributing.account_days.setdefault(unit.account, {})
        for name in features:
            if (filed := _file(days, name, day.tile, day.around)) is not None:
                changed = [(name, filed)]
                self._follow(unit, self._account_changes, days, day.tile, changed, scope)

    def _activates(self, user: User | None, feature: str, tile: int, begin: int) -> bool:
        """Returns whether being active changes on which days a user is, or from when on.

        Args:
            user: The user, None if it is new.
            feature: What it used.
            tile: When.
            begin: First tile of that day.
        """
        if self._active:
            return feature in self._active
        days = None if user is None else user.days.get(ANY)
        return days is None or not seen(days, tile, begin)

    def _is_internal(self, key: RowKey, user: User) -> bool:
        """Returns whether the person behind a user is of the company itself."""
        units = self._store.units
        if units.is_single(key):
            return user.internal
        unit = units.of(key)
        return unit is None or is_internal(units.members(RowKey(key.kind, key.account, unit)))

    def _follow(
        self,
        unit: RowKey,
        rules: DayChanges,
        row: User | AccountDays | tuple[AccountRows, User],
        tile: int,
        filed: Iterable[tuple[str, Filed]],
        scope: Scope,
    ) -> None:
        """Notes the contributions that filed days of a unit change, by feature."""
        settling = self._settling
        settling.follow(unit)
        if scope.account.internal:
            return
        for feature, own in filed:
            settling.changes.add(
                rules.contributions(row, feature, tile, own, scope), scope.account.segment
            )


def _file(days: AccountDays, feature: str, tile: int, around: tuple[int, int]) -> Filed | None:
    own = days.get(feature)
    if own is None:
        own = days[feature] = array("I")
    return file_day(own, tile, *around)

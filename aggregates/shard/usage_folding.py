"""Uses of features and sessions: nine tenths of all records, folded straight into days and ledger.

Where a user or its account is settled, one more active day changes a few cells. The usage families
know which (``DayChange``), so that the rest of the row is not looked at. Where one is not settled
(merged users, or facts of the user in the same flush), or a user's days do not speak for themselves
(``aggregates.usage.family``), its unit is settled as any other.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec import structs

from aggregates.rows.family import Scope
from aggregates.rows.history import FULL_DETAIL, Outcome, Refusal
from aggregates.rows.kind import RowKey
from aggregates.rows.store import AccountRows, Store
from aggregates.shard.counts import KNOWN, EventCounts
from aggregates.shard.plan import Plan
from aggregates.shard.settling import Settling
from aggregates.time.tile import TILE_MS, tile_of
from aggregates.usage.account_usage import ACCOUNT_USAGE, AccountDays
from aggregates.usage.days import Filed, file_day, seen
from aggregates.usage.family import DayChanges, UsageFamily
from aggregates.usage.sessions import (
    DURATION_MS_MAX,
    session_key,
    session_parts,
    session_value,
)
from aggregates.usage.users import ANY, USERS, User, is_internal
from events import Batch, FeatureUse, SessionEnd


class _Follow(NamedTuple):
    """What follows a day of a user, so that it need not be settled.

    Attributes:
        user: Whether the user's own unit does.
        account: Whether what the account uses does.
        derived: The units derived from users of the account that do.
    """

    user: bool
    account: bool
    derived: list[RowKey]


class UsageFolding:
    """The part of a shard that folds uses of features and sessions."""

    def __init__(self, plan: Plan, store: Store, settling: Settling, counts: EventCounts) -> None:
        self._plan = plan
        self._store = store
        self._settling = settling
        self._counts = counts
        self._users: dict[str, dict[str, User]] = store.rows[USERS.name]
        self._active = frozenset(plan.policy.activating)
        self._names = plan.policy.feature_names
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

    def fold(self, topic: str, batch: Batch) -> list[Refusal]:
        """Folds the uses and sessions of a batch; returns those that find no room."""
        refused: list[int] = []
        if batch.uses:
            uses = [self._renamed(use) for use in batch.uses] if self._names else batch.uses
            refused = self._fold_uses(topic, uses)
        for session in batch.sessions:
            outcome = self._fold_session(session)
            self._counts.note(topic, outcome, session.effective_ms)
            if outcome is Outcome.FULL:
                refused.append(session.index)
        return [Refusal(index, Outcome.FULL, FULL_DETAIL) for index in refused]

    def _fold_uses(self, topic: str, uses: Sequence[FeatureUse]) -> list[int]:
        """Folds uses; returns the places of those that find no room."""
        day_around = self._plan.calendar.day_around
        accounts, is_bulk = self._users, self._settling.bulk
        newest_ms = self._counts.last_event_ms.get(topic, 0)
        known = 0
        oldest_ms: int | None = None
        refused: list[int] = []
        begin = over = 0  # of the local day of the use before: most are of the same
        for use in uses:
            effective_ms = use.effective_ms
            tile = effective_ms // TILE_MS
            if not begin <= tile < over:
                begin, over = day_around(tile)
            data, user, is_known = use.data, None, False
            try:
                user = accounts[data.account_id][data.user_id]
                days = user.days[data.feature]
                is_known = begin <= days[-1] <= tile or seen(days, tile, begin)
            except KeyError:
                pass
            if is_known:
                known += 1
            elif user is not None and user.is_full:
                refused.append(use.index)
            else:
                if user is not None and is_bulk:
                    user.appear(data.feature, tile, (begin, over))
                else:
                    self._appear(data.account_id, data.user_id, data.feature, tile)
                if oldest_ms is None or effective_ms < oldest_ms:
                    oldest_ms = effective_ms
            if effective_ms > newest_ms:
                newest_ms = effective_ms
        self._counts.note_uses(
            topic,
            {
                Outcome.FOLDED: len(uses) - known - len(refused),
                KNOWN: known,
                Outcome.FULL: len(refused),
            },
            oldest_ms=oldest_ms,
            newest_ms=newest_ms,
        )
        return refused

    def _is_full(self, account: str, entity: str) -> bool:
        user = self._users.get(account, {}).get(entity)
        return user is not None and user.is_full

    def _renamed(self, use: FeatureUse) -> FeatureUse:
        """Returns a use under the name that is kept of its feature."""
        name = self._names.get(use.data.feature)
        if name is None:
            return use
        data: Any = use.data
        return structs.replace(use, data=structs.replace(data, feature=name))

    def _fold_session(self, session: SessionEnd) -> Outcome:
        data = session.data
        account = data.account_id
        if self._is_full(account, data.user_id):
            return Outcome.FULL
        name = session_key(data.session_id or session.id)
        value = session_value(session.effective_ms, round(data.duration_s * 1000))
        for tile in self._touched(session, *session_parts(value)):
            user, follows = self._appear(account, data.user_id, ANY, tile)
        old = user.sessions.get(name)
        if old is not None and old >= value:
            return Outcome.DUPLICATE
        if follows and not user.internal:
            self._settling.follow(RowKey(USERS.name, account, data.user_id))
            self._change_session(account, value, old)
        user.sessions.put(name, value)
        return Outcome.FOLDED

    def _touched(self, session: SessionEnd, end_ms: int, duration_ms: int) -> list[int]:
        """Returns the tiles from which on a session makes active: one of each day that it is on."""
        last = tile = tile_of(session.effective_ms)
        if self._plan.policy.session_days == "touched":
            started_ms = session.data.started_at
            start_ms = end_ms - duration_ms if started_ms is None else started_ms
            tile = min(last, tile_of(max(start_ms, end_ms - DURATION_MS_MAX)))
        tiles = [tile]
        while (tile := self._plan.calendar.day_around(tile)[1]) <= last:
            tiles.append(tile)
        return tiles

    def _appear(self, account: str, entity: str, feature: str, tile: int) -> tuple[User, bool]:
        """Files that a user was active in a tile; returns the user, and whether it is followed."""
        user = self._users.get(account, {}).get(entity)
        if user is not None and self._settling.bulk:  # nothing follows it, and it is to be written
            user.appear(feature, tile, self._plan.calendar.day_around(tile))
            return user, False
        key = RowKey(USERS.name, account, entity)
        around = self._plan.calendar.day_around(tile)
        follow = self._prepare(key, user, feature, tile, around[0])
        user = self._opened(key, user)
        active = user.file(ANY, tile, around)
        used = None if feature == ANY else user.file(feature, tile, around)
        if any(follow) and not self._is_internal(key, user):
            if self._active:  # then accounts alone are followed
                active = used if feature in self._active else None
            filed = [
                (name, own) for name, own in ((ANY, active), (feature, used)) if own is not None
            ]
            scope = self._settling.contributing.scope(key)
            if follow.user:
                self._follow(key, self._user_changes, user, tile, filed, scope)
            for unit in follow.derived:
                rows = self._settling.contributing.rows(unit), user
                self._follow(unit, self._derived_changes[unit.kind], rows, tile, filed, scope)
            if follow.account:
                whole = RowKey(ACCOUNT_USAGE.name, account, "")
                self._follow_account(whole, tile, around, [name for name, _ in filed], scope)
        return user, follow.user

    def _prepare(
        self, key: RowKey, user: User | None, feature: str, tile: int, begin: int
    ) -> _Follow:
        """Unsettles what does not follow a day of a user; returns what does.

        Args:
            key: The user's row.
            user: The row; None if it is new.
            feature: What it used.
            tile: When.
            begin: First tile of that day.
        """
        if self._settling.bulk:
            return _Follow(False, False, [])
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
        return _Follow(follows, follows_account, derived)

    def _follow_account(
        self,
        unit: RowKey,
        tile: int,
        around: tuple[int, int],
        features: Iterable[str],
        scope: Scope,
    ) -> None:
        """Files active days of an account one by one: each change is of the days known by then."""
        days = self._settling.contributing.account_days.setdefault(unit.account, {})
        for name in features:
            if (filed := _file(days, name, tile, around)) is not None:
                changed = [(name, filed)]
                self._follow(unit, self._account_changes, days, tile, changed, scope)

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

    def _opened(self, key: RowKey, user: User | None) -> User:
        """Returns a user, new if need be, whose days are about to change."""
        if user is not None:
            if not self._settling.bulk:
                self._store.mark(key)
            return user
        user = User()
        if self._store.units.is_single(key):
            self._store.put(key, user)
        else:  # of an account that was merged, or known under one that was merged into it
            self._settling.close(key, user)
        return user

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

    def _change_session(self, account: str, value: int, old: int | None) -> None:
        """Notes the contributions of a session that is new, or another than was known."""
        view = self._settling.contributing.account(account)
        if view.internal:
            return
        for change in self._session_changes:
            self._settling.changes.add([change(*session_parts(value))], view.segment)
            if old is not None:
                self._settling.changes.take([change(*session_parts(old))], view.segment)


def _file(days: AccountDays, feature: str, tile: int, around: tuple[int, int]) -> Filed | None:
    own = days.get(feature)
    if own is None:
        own = days[feature] = array("I")
    return file_day(own, tile, *around)

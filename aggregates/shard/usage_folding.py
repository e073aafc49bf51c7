"""Uses of features and sessions: nine tenths of all records, folded straight into days and ledger.

Where a user and its account are settled, one more active day changes a few cells. The usage
families know which (``DayChange``), so that the rest of the user is not looked at. Where they are
not settled (merged users, or facts of the user in the same flush), the unit is settled as any
other.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from aggregates.ledger.measure import Contribution
from aggregates.rows.family import Scope
from aggregates.rows.history import Outcome
from aggregates.rows.kind import RowKey
from aggregates.rows.store import Store
from aggregates.shard.counts import EventCounts, is_restatement
from aggregates.shard.plan import Plan
from aggregates.shard.settling import Settling
from aggregates.time.tile import TILE_MS, tile_of
from aggregates.usage.account_usage import ACCOUNT_USAGE, AccountDays
from aggregates.usage.days import Filed, file_day, neighbours, seen
from aggregates.usage.family import ActiveDay, DayChange, UsageFamily
from aggregates.usage.users import ANY, USERS, User, session_key, session_parts, session_value
from events import Batch, FeatureUse, SessionEnd


class UsageFolding:
    """The part of a shard that folds uses of features and sessions."""

    def __init__(self, plan: Plan, store: Store, settling: Settling, counts: EventCounts) -> None:
        self._plan = plan
        self._store = store
        self._settling = settling
        self._counts = counts
        self._users: dict[str, dict[str, User]] = store.rows[USERS.name]
        self._active = frozenset(plan.policy.active_features)
        families = [*plan.families.get(USERS.name, ()), *plan.families.get(ACCOUNT_USAGE.name, ())]
        followers = [family for family in families if isinstance(family, UsageFamily)]
        self._is_followed = len(followers) == len(families)
        self._user_changes = _day_changes(followers, USERS.name)
        self._account_changes = _day_changes(followers, ACCOUNT_USAGE.name)
        self._session_changes = [
            family.session_change for family in followers if family.session_change is not None
        ]

    def fold(self, topic: str, batch: Batch) -> None:
        """Folds the uses and sessions of a batch."""
        if batch.uses:
            self._fold_uses(topic, batch.uses)
        for session in batch.sessions:
            outcome = self._fold_session(session)
            self._counts.note(topic, outcome, session.effective_ms, session.effective_ms)

    def _fold_uses(self, topic: str, uses: Sequence[FeatureUse]) -> None:
        day_around = self._plan.calendar.day_around
        accounts = self._users
        newest_ms = self._counts.last_event_ms.get(topic, 0)
        known = restated = 0
        begin = over = 0  # of the local day of the use before: most are of the same
        for use in uses:
            effective_ms = use.effective_ms
            tile = effective_ms // TILE_MS
            if not begin <= tile < over:
                begin, over = day_around(tile)
            data = use.data
            try:
                days = accounts[data.account_id][data.user_id].days[data.feature]
                is_known = begin <= days[-1] <= tile or seen(days, tile, begin)
            except KeyError:
                is_known = False
            if is_known:
                known += 1
            else:
                self._appear(data.account_id, data.user_id, data.feature, tile)
                restated += is_restatement(effective_ms, newest_ms)
            if effective_ms > newest_ms:
                newest_ms = effective_ms
        self._counts.note_uses(
            topic, folded=len(uses) - known, known=known, restated=restated, newest_ms=newest_ms
        )

    def _fold_session(self, session: SessionEnd) -> str:
        data = session.data
        account = data.account_id
        user = self._appear(account, data.user_id, ANY, tile_of(session.effective_ms))
        name = session_key(data.session_id or session.id)
        value = session_value(session.effective_ms, round(data.duration_s * 1000))
        old = user.sessions.get(name)
        if old is not None and old >= value:
            return Outcome.DUPLICATE
        if self._follows(RowKey(USERS.name, account, data.user_id)) and not user.internal:
            self._change_session(account, value, old)
        user.sessions[name] = value
        return Outcome.FOLDED

    def _appear(self, account: str, entity: str, feature: str, tile: int) -> User:
        """Files that a user was active in a tile; returns the user."""
        key = RowKey(USERS.name, account, entity)
        follows = self._follows(key)
        user = self._opened(key, follows)
        around = self._plan.calendar.day_around(tile)
        active = _file(user.days, ANY, tile, around)
        used = None if feature == ANY else _file(user.days, feature, tile, around)
        if follows and not user.internal:
            if self._active:
                active = None if used is None else self._made_active(user, feature, tile, used)
            self._follow(account, user, tile, [(ANY, active), (feature, used)])
        return user

    def _opened(self, key: RowKey, follows: bool) -> User:
        """Returns a user, new if need be, whose days are about to change."""
        user = self._users.get(key.account, {}).get(key.entity)
        if follows:
            self._settling.unsettle_deferred(key)
        elif user is not None:
            self._settling.unsettle(key)
        if user is not None:
            if not self._settling.bulk:
                self._store.mark(key)
            return user
        user = User()
        if follows:  # a unit of its own, without contributions as yet
            self._store.put(key, user)
        else:
            self._settling.close(key, user)
        return user

    def _made_active(self, user: User, feature: str, tile: int, used: Filed) -> Filed | None:
        """Returns how a day of one feature changed the days of all features that make active."""
        if feature not in self._active:
            return None
        before, replaced, after = used
        parts = [
            days for name, days in user.days.items() if name in self._active and name != feature
        ]
        begin, end = self._plan.calendar.day_around(tile)
        before, known, after = neighbours(parts, begin, end, before, after)
        if known is not None and known <= tile:
            return None
        if replaced is not None and (known is None or replaced < known):
            known = replaced
        return before, known, after

    def _follows(self, key: RowKey) -> bool:
        """Returns whether each new day of a user changes the ledger by itself, without settling."""
        settling = self._settling
        return self._is_followed and not settling.bulk and settling.is_settled(key)

    def _follow(
        self, account: str, user: User, tile: int, filed: Iterable[tuple[str, Filed | None]]
    ) -> None:
        """Notes the contributions that filed days change, by feature."""
        settling, plan = self._settling, self._plan
        scope = Scope(plan.calendar, plan.policy, settling.account(account), plan.windows)
        follows_account = settling.is_settled(RowKey(ACCOUNT_USAGE.name, account, ""))
        days = settling.account_days.setdefault(account, {})
        around = plan.calendar.day_around(tile)
        changes: list[Contribution] = []
        for feature, own in filed:
            if own is None:
                continue
            changes += _changed(self._user_changes, user, feature, tile, own, scope)
            if follows_account:
                also = _file(days, feature, tile, around)
                if also is not None:
                    changes += _changed(self._account_changes, days, feature, tile, also, scope)
        if not scope.account.internal:
            settling.changes.add(changes, scope.account.segment)

    def _change_session(self, account: str, value: int, old: int | None) -> None:
        """Notes the contributions of a session that is new, or another than was known."""
        view = self._settling.account(account)
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


class _DayChanges(NamedTuple):
    """The rules of the families over one kind of rows, for a day of any use and of one feature."""

    active: tuple[DayChange[Any], ...]
    feature: tuple[DayChange[Any], ...]


def _day_changes(families: Sequence[UsageFamily[Any]], reads: str) -> _DayChanges:
    own = [family for family in families if family.reads.name == reads]
    return _DayChanges(
        tuple(each.active_change for each in own if each.active_change is not None),
        tuple(each.feature_change for each in own if each.feature_change is not None),
    )


def _changed(
    changes: _DayChanges, row: Any, feature: str, tile: int, filed: Filed, scope: Scope
) -> list[Contribution]:
    """Returns the contributions by which a filed day changes those of its row."""
    before, replaced, after = filed
    day = ActiveDay(feature, before, tile, after)
    changed: list[Contribution] = []
    for change in changes.active if feature == ANY else changes.feature:
        changed += change(row, day, scope)
        if replaced is not None:
            known = ActiveDay(feature, before, replaced, after)
            changed += [(series, at, -delta) for series, at, delta in change(row, known, scope)]
    return changed

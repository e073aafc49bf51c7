"""Uses of features and sessions: nine tenths of all records, folded straight into days and ledger.

Where a user and its account are settled, one more active day changes a few cells, which the usage
families tell, with no regard to the rest; where they are not (merged users, or facts of the user
that came in the same flush), the unit is settled as any other.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from aggregates.ledger.measure import Contribution
from aggregates.rows.family import Scope
from aggregates.rows.history import Outcome
from aggregates.rows.store import RowKey
from aggregates.time.tile import TILE_MS, TILES_A_DAY, tile_of
from aggregates.usage.account_usage import ACCOUNT_USAGE, AccountDays, account_days
from aggregates.usage.days import Filed, beside, file_day, seen
from aggregates.usage.family import ActiveDay, DayChange, UsageFamily
from aggregates.usage.users import ANY, USERS, User, session_key, session_parts, session_value
from events import FeatureUse, SessionEnd

if TYPE_CHECKING:
    from aggregates.shard.shard import Shard


class Uses:
    """The part of a shard that folds uses and sessions.

    Attributes:
        accounts: Active days of accounts, derived from their users.
    """

    def __init__(self, shard: "Shard") -> None:
        plan = shard.plan
        self.accounts: dict[str, AccountDays] = {}
        self._shard = shard
        self._calendar = plan.calendar
        self._users: dict[str, dict[str, User]] = shard.store.rows[USERS.name]
        self._deferred = [
            kind.name for kind in plan.derived_from.get(USERS.name, ()) if kind.deferred
        ]
        self._active = frozenset(plan.policy.active_features)
        families = [*plan.families.get(USERS.name, ()), *plan.families.get(ACCOUNT_USAGE.name, ())]
        followers = [family for family in families if isinstance(family, UsageFamily)]
        self._is_followed = len(followers) == len(families)
        self._user_changes = _changes(followers, USERS.name)
        self._account_changes = _changes(followers, ACCOUNT_USAGE.name)
        self._session_changes = [
            family.session_change for family in followers if family.session_change is not None
        ]

    def fold(self, topic: str, uses: Sequence[FeatureUse]) -> None:
        """Folds decoded uses."""
        day_around = self._calendar.day_around
        accounts = self._users
        newest = self._shard.last_event_ms.get(topic, 0)
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
                self.appear(data.account_id, data.user_id, data.feature, tile)
                restated += effective_ms < newest - TILES_A_DAY * TILE_MS
            if effective_ms > newest:
                newest = effective_ms
        shard = self._shard
        shard.last_event_ms[topic] = newest
        shard.restatements += restated
        shard.outcomes[topic, "known"] += known
        shard.outcomes[topic, Outcome.FOLDED] += len(uses) - known

    def fold_sessions(self, topic: str, sessions: Sequence[SessionEnd]) -> None:
        """Folds decoded sessions."""
        for session in sessions:
            outcome = self._fold_session(session)
            self._shard.note(topic, outcome, session.effective_ms, session.effective_ms)

    def _fold_session(self, session: SessionEnd) -> str:
        data = session.data
        account = data.account_id
        user = self.appear(account, data.user_id, ANY, tile_of(session.effective_ms))
        name = session_key(data.session_id or session.id)
        value = session_value(session.effective_ms, round(data.duration_s * 1000))
        old = user.sessions.get(name)
        if old is not None and old >= value:
            return Outcome.DUPLICATE
        if self._follows(RowKey(USERS.name, account, data.user_id)) and not user.internal:
            self._change_session(account, value, old)
        user.sessions[name] = value
        return Outcome.FOLDED

    def appear(self, account: str, entity: str, feature: str, tile: int) -> User:
        """Files that a user was active in a tile, and gives the user."""
        shard = self._shard
        key = RowKey(USERS.name, account, entity)
        follows = self._follows(key)
        if not shard.bulk:
            if not follows:
                shard.unsettle(key)
            for kind in self._deferred:
                shard.unsettle_unit(RowKey(kind, account, ""))
        users = self._users.get(account)
        user = None if users is None else users.get(entity)
        if user is None:
            user = self._new_user(key, follows)
        elif not shard.bulk:
            shard.store.mark(key)
        around = self._calendar.day_around(tile)
        active = _file(user.days, ANY, tile, around)
        used = None if feature == ANY else _file(user.days, feature, tile, around)
        if follows and not user.internal:
            if self._active:
                active = None if used is None else self._made_active(user, feature, tile, used)
            self._follow(account, user, tile, [(ANY, active), (feature, used)])
        return user

    def _new_user(self, key: RowKey, follows: bool) -> User:
        user = User()
        if follows:  # alone, and without contributions as yet
            self._shard.store.put(key, user)
        else:
            self._shard.admit(USERS, key, user)
        return user

    def _made_active(self, user: User, feature: str, tile: int, used: Filed) -> Filed | None:
        """Returns what a day of one feature changed among those of all that make active."""
        if feature not in self._active:
            return None
        before, replaced, after = used
        parts = [
            days for name, days in user.days.items() if name in self._active and name != feature
        ]
        begin, end = self._calendar.day_around(tile)
        before, known, after = beside(parts, begin, end, before, after)
        if known is not None and known <= tile:
            return None
        if replaced is not None and (known is None or replaced < known):
            known = replaced
        return before, known, after

    def derive(self, account: str) -> None:
        """Derives the active days of an account from its users anew."""
        users = self._shard.store.of(USERS.name, account).values()
        plan = self._shard.plan
        self.accounts[account] = account_days(users, plan.policy, plan.calendar.day_of)

    def _follows(self, key: RowKey) -> bool:
        """Returns whether changes of a user are told one by one, not settled."""
        shard = self._shard
        return self._is_followed and not shard.bulk and shard.is_settled(key)

    def _follow(
        self, account: str, user: User, tile: int, filed: Iterable[tuple[str, Filed | None]]
    ) -> None:
        """Notes for the ledger what days that were filed change, by feature."""
        shard = self._shard
        plan = shard.plan
        scope = Scope(self._calendar, plan.policy, shard.account(account), plan.windows)
        follows_account = shard.is_settled(RowKey(ACCOUNT_USAGE.name, account, ""))
        days = self.accounts.get(account)
        if days is None:
            days = self.accounts[account] = {}
        around = self._calendar.day_around(tile)
        changes: list[Contribution] = []
        for feature, own in filed:
            if own is None:
                continue
            changes += _told(self._user_changes, user, feature, tile, own, scope)
            if follows_account:
                also = _file(days, feature, tile, around)
                if also is not None:
                    changes += _told(self._account_changes, days, feature, tile, also, scope)
        if not scope.account.internal:
            shard.changes.add(changes, scope.account.segment)

    def _change_session(self, account: str, value: int, old: int | None) -> None:
        """Tells that a session is new, or another than was known."""
        view = self._shard.account(account)
        if view.internal:
            return
        for change in self._session_changes:
            self._shard.changes.add([change(*session_parts(value))], view.segment)
            if old is not None:
                self._shard.changes.take([change(*session_parts(old))], view.segment)


def _file(days: AccountDays, feature: str, tile: int, around: tuple[int, int]) -> Filed | None:
    own = days.get(feature)
    if own is None:
        own = days[feature] = array("I")
    return file_day(own, tile, *around)


class _Changes(NamedTuple):
    """What families tell of an active day, and of a day of a feature."""

    active: tuple[DayChange[Any], ...]
    feature: tuple[DayChange[Any], ...]


def _changes(families: Sequence[UsageFamily[Any]], reads: str) -> _Changes:
    """Returns what the families over one kind of rows tell."""
    own = [family for family in families if family.reads.name == reads]
    return _Changes(
        tuple(each.active_change for each in own if each.active_change is not None),
        tuple(each.feature_change for each in own if each.feature_change is not None),
    )


def _told(
    changes: _Changes, row: Any, feature: str, tile: int, filed: Filed, scope: Scope
) -> list[Contribution]:
    """Returns what a day that was filed changes of what a row contributes."""
    before, replaced, after = filed
    day = ActiveDay(feature, before, tile, after)
    told: list[Contribution] = []
    for change in changes.active if feature == ANY else changes.feature:
        told += change(row, day, scope)
        if replaced is not None:
            known = ActiveDay(feature, before, replaced, after)
            told += [(series, at, -delta) for series, at, delta in change(row, known, scope)]
    return told

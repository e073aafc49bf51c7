"""Uses of features and sessions: nine tenths of all records, folded straight into days and ledger.

Where a user and its account are settled, one more active day changes a few cells, which are added
at once; where they are not (merged users, or facts of the user that came in the same flush), the
unit is settled as any other.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from aggregates.cover import Filed, file_day, seen
from aggregates.families import adoption, usage
from aggregates.history import Outcome
from aggregates.measure import Contribution
from aggregates.rows.account_usage import ACCOUNT_USAGE, AccountDays, account_days
from aggregates.rows.users import ANY, USERS, User, session_key, session_value
from aggregates.store import RowKey
from aggregates.tile import TILE_MS, TILES_A_DAY, tile_of
from events import FeatureUse, SessionEnd

if TYPE_CHECKING:
    from aggregates.shard import Shard


class Uses:
    """The part of a shard that folds uses and sessions.

    Attributes:
        accounts: Active days of accounts, derived from their users.
    """

    def __init__(self, shard: "Shard") -> None:
        """Makes the part of a shard."""
        self.accounts: dict[str, AccountDays] = {}
        self._shard = shard
        self._calendar = shard.plan.calendar
        self._users: dict[str, dict[str, User]] = shard.store.rows[USERS.name]

    def fold(self, topic: str, uses: Sequence[FeatureUse]) -> None:
        """Folds decoded uses."""
        day_of = self._calendar.day_of
        accounts = self._users
        newest = self._shard.last_event_ms.get(topic, 0)
        known = restated = 0
        for use in uses:
            effective_ms = use.effective_ms
            tile = effective_ms // TILE_MS
            data = use.data
            users = accounts.get(data.account_id)
            user = None if users is None else users.get(data.user_id)
            days = None if user is None else user.days.get(data.feature)
            if days is not None and seen(days, tile, day_of):
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
        if self._counts(RowKey(USERS.name, account, data.user_id), user):
            self._apply(account, [usage.session_change(value)])
            if old is not None:
                self._apply(account, [usage.session_change(old)], -1)
        user.sessions[name] = value
        return Outcome.FOLDED

    def appear(self, account: str, entity: str, feature: str, tile: int) -> User:
        """Files that a user was active in a tile, and gives the user."""
        shard = self._shard
        user = self._user(account, entity)
        if shard.bulk:
            self._file(user, ANY, tile)
            if feature != ANY:
                self._file(user, feature, tile)
            return user
        key = RowKey(USERS.name, account, entity)
        if not shard.is_settled(key):
            shard.unsettle(key)
        shard.store.mark(key)
        counts = self._counts(key, user)
        filed = self._file(user, ANY, tile)
        if filed is not None and counts:
            self._change_user(account, tile, filed)
            self._change_account(account, ANY, tile)
        if feature != ANY and self._file(user, feature, tile) is not None and counts:
            self._change_account(account, feature, tile)
        return user

    def _user(self, account: str, entity: str) -> User:
        users = self._users.get(account)
        user = None if users is None else users.get(entity)
        if user is None:
            user = User()
            self._shard.admit(USERS, RowKey(USERS.name, account, entity), user)
        return user

    def _file(self, user: User, feature: str, tile: int) -> Filed | None:
        days = user.days.get(feature)
        if days is None:
            days = user.days[feature] = array("I")
        return file_day(days, tile, self._calendar.day_of)

    def derive(self, account: str) -> None:
        """Derives the active days of an account from its users anew."""
        users = self._shard.store.of(USERS.name, account).values()
        self.accounts[account] = account_days(users, self._calendar.day_of)

    def _counts(self, key: RowKey, user: User) -> bool:
        """Tells whether the ledger follows a change of a user at once."""
        shard = self._shard
        return not shard.bulk and shard.is_settled(key) and not user.internal

    def _change_user(self, account: str, tile: int, filed: Filed) -> None:
        calendar = self._calendar
        before, replaced, after = filed
        if replaced is not None:
            self._apply(account, usage.day_change(calendar, before, replaced, after), -1)
        self._apply(account, usage.day_change(calendar, before, tile, after))

    def _change_account(self, account: str, feature: str, tile: int) -> None:
        shard, calendar = self._shard, self._calendar
        if not shard.is_settled(RowKey(ACCOUNT_USAGE.name, account, "")):
            return
        days = self.accounts.setdefault(account, {}).setdefault(feature, array("I"))
        filed = file_day(days, tile, calendar.day_of)
        if filed is None:
            return
        before, replaced, after = filed
        if replaced is not None:
            change = adoption.day_change(calendar, feature, before, replaced, after)
            self._apply(account, change, -1)
        self._apply(account, adoption.day_change(calendar, feature, before, tile, after))

    def _apply(self, account: str, changes: Iterable[Contribution], sign: int = 1) -> None:
        view = self._shard.account(account)
        if not view.internal:
            self._shard.ledger.apply(changes, view.segment, sign)

"""Uses of features and sessions: nine tenths of all records, folded straight into days and ledger.

Where a user or its account is settled, one more active day changes a few cells. The usage families
know which (``DayChange``), so that the rest of the row is not looked at. Where one is not settled
(merged users, or facts of the user in the same flush), or a user's days do not speak for themselves
(``aggregates.usage.family``), its unit is settled as any other.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import structs

from aggregates.rows.history import FULL_DETAIL, Outcome, Refusal
from aggregates.rows.kind import RowKey
from aggregates.rows.store import Store
from aggregates.shard.counts import KNOWN, EventCounts
from aggregates.shard.plan import Plan
from aggregates.shard.settling import Settling
from aggregates.shard.usage_following import UsageFollowing, UsedDay
from aggregates.time.tile import TILE_MS, tile_of
from aggregates.usage.days import seen
from aggregates.usage.sessions import (
    DURATION_MS_MAX,
    session_key,
    session_parts,
    session_value,
)
from aggregates.usage.users import ANY, USERS, User
from events import Batch, FeatureUse, SessionEnd


class UsageFolding:
    """The part of a shard that folds uses of features and sessions."""

    def __init__(self, plan: Plan, store: Store, settling: Settling, counts: EventCounts) -> None:
        self._plan = plan
        self._store = store
        self._settling = settling
        self._counts = counts
        self._users: dict[str, dict[str, User]] = store.rows[USERS.name]
        self._following = UsageFollowing(plan, store, settling)
        self._names = plan.policy.feature_names

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
                    day = UsedDay(data.feature, tile, (begin, over))
                    self._appear(user, data.account_id, data.user_id, day)
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
        known = self._users.get(account, {}).get(data.user_id)
        if known is not None and known.is_full:
            return Outcome.FULL
        name = session_key(data.session_id or session.id)
        value = session_value(session.effective_ms, round(data.duration_s * 1000))
        for day in self._touched(session, value):
            user, follows = self._appear(known, account, data.user_id, day)
            known = user
        old = user.sessions.get(name)
        if old is not None and old >= value:
            return Outcome.DUPLICATE
        if follows and not user.internal:
            self._settling.follow(RowKey(USERS.name, account, data.user_id))
            self._following.take_session(account, value, old)
        user.sessions.put(name, value)
        return Outcome.FOLDED

    def _touched(self, session: SessionEnd, value: int) -> Iterator[UsedDay]:
        """Yields what a session makes of each day that it is on, from which tile on."""
        day_around = self._plan.calendar.day_around
        last = tile = tile_of(session.effective_ms)
        if self._plan.policy.session_days == "touched":
            end_ms, duration_ms = session_parts(value)
            started_ms = session.data.started_at
            start_ms = end_ms - duration_ms if started_ms is None else started_ms
            tile = min(last, tile_of(max(start_ms, end_ms - DURATION_MS_MAX)))
        while tile <= last:
            around = day_around(tile)
            yield UsedDay(ANY, tile, around)
            tile = around[1]

    def _appear(
        self, user: User | None, account: str, entity: str, day: UsedDay
    ) -> tuple[User, bool]:
        """Files that a user was active on a day; returns the user, and whether it is followed.

        Args:
            user: The user; None if there is none yet.
            account: The account that it is of.
            entity: The user's id there.
            day: The feature used, or none but a session, and when.
        """
        feature, tile, around = day
        if user is not None and self._settling.bulk:  # nothing follows it, and it is to be written
            user.appear(feature, tile, around)
            return user, False
        key = RowKey(USERS.name, account, entity)
        follow = self._following.prepare(key, user, feature, tile, around[0])
        user = self._opened(key, user)
        filed = {ANY: user.file(ANY, tile, around)}
        if feature != ANY:
            filed[feature] = user.file(feature, tile, around)
        self._following.take(follow, key, user, day, filed)
        return user, follow.user

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

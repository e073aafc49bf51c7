"""Users: on which days which features were used, sessions, and when they came and went.

Days are set-like: a use that is known already changes nothing, so they need no event ids, and one
use cannot be taken back. Sessions are filed by session id; of two reports of one session the later,
longer one holds.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final, cast

import msgspec
import numpy as np
from typing_extensions import override

from aggregates.policies.policy import Policy
from aggregates.rows.history import Fact, History, Outcome, fact_of, in_order
from aggregates.rows.kind import Followed, RowKind
from aggregates.rows.withdrawn import packable
from aggregates.usage.days import Filed, file_day
from aggregates.usage.sessions import Sessions
from events import Event
from events.retraction import Target
from events.usage import UserAdded, UserMerged, UserRemoved

ANY: Final = ""
"""Name under which a user's active days are kept, whatever made them active; what counts as active
is up to the policy."""

USER_BYTES_MAX: Final = 4 * 2**20
"""What days and sessions of one user take at most when they are packed, besides the facts: some
200,000 sessions, or ten years of some 250 features."""

_DAY_BYTES: Final = 4
_FEATURE_BYTES: Final = 8
_SESSION_BYTES: Final = 20
"""What each takes at most, a feature besides its name."""

_MERGED: Final = "user.merged"
_FACT_TYPES: Final = frozenset({"user.added", "user.removed", _MERGED})


class User:
    """One user.

    Attributes:
        facts: When the user was added, removed and merged.
        days: Active days by feature, and under ``ANY``: the first active tile of each day,
            ascending.
        sessions: By hash of the session id, end and duration of each session in one integer.
        days_bytes: What the days take when they are packed, at most.
    """

    __slots__ = ("days", "days_bytes", "facts", "sessions")

    def __init__(self) -> None:
        self.facts = History()
        self.days: dict[str, array[int]] = {}
        self.sessions = Sessions()
        self.days_bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether no more days and sessions are taken."""
        return self.days_bytes + _SESSION_BYTES * len(self.sessions) >= USER_BYTES_MAX

    def file(self, feature: str, tile: int, around: tuple[int, int]) -> Filed | None:
        """Files a tile, of the local day ``around`` it, as active; None if that changes nothing."""
        days = self.days.get(feature)
        if days is None:
            days = self.days[feature] = array("I")
            self.days_bytes += _FEATURE_BYTES + len(feature.encode())
        filed = file_day(days, tile, *around)
        if filed is not None and filed[1] is None:
            self.days_bytes += _DAY_BYTES
        return filed

    def appear(self, feature: str, tile: int, around: tuple[int, int]) -> None:
        """Files that a feature was used, or nothing but a session was there under ``ANY``."""
        if feature != ANY:
            self.file(feature, tile, around)
        days = self.days.get(ANY)
        if days is None or not around[0] <= days[-1] <= tile:
            self.file(ANY, tile, around)

    @property
    def internal(self) -> bool:
        """Whether the user belongs to the company itself, by the last fact that says so or not."""
        return bool(self.facts.facts and is_internal((self,)))

    @property
    def merged_into(self) -> str | None:
        """The user that this one turned out to be, or None."""
        into: str | None = _latest((self,), "into_user_id")
        return into

    @property
    def was_removed(self) -> bool:
        """Whether the user was ever removed."""
        return any(fact.type == "user.removed" for fact in self.facts.unretracted())


def facts_of(users: Sequence[User]) -> list[Fact]:
    """Returns the facts of a person's users in one order, as if it had been one user ever since."""
    if len(users) == 1:
        return users[0].facts.unretracted()
    return sorted(
        (fact for user in users for fact in user.facts.unretracted()), key=lambda fact: fact.order
    )


def is_internal(users: Sequence[User]) -> bool:
    """Returns whether a person is of the company itself, by the last fact that says so or not."""
    return bool(_latest(users, "is_internal"))


def _latest(users: Sequence[User], field: str) -> Any:
    facts = reversed(facts_of(users))
    return next((fact.data[field] for fact in facts if field in fact.data), None)


def active_parts(users: Iterable[User], policy: Policy) -> list["array[int]"]:
    """Returns the days on which what users did makes them active under a policy, part by part."""
    features = policy.activating or (ANY,)
    return [user.days[name] for user in users for name in features if name in user.days]


_START: Final = array("I", [0]).tobytes()
"""The tile that the first of a feature is packed from."""


class _PackedUser(msgspec.Struct, array_like=True):
    facts: list[Fact]
    retracted: list[Target]
    days: dict[str, list[int]]
    sessions: dict[int, int]


_decoder = msgspec.msgpack.Decoder(_PackedUser)


class _UserKind(RowKind[User]):
    """One row a user; users that were merged are one unit."""

    name = "user"
    topic = "usage"
    types = _FACT_TYPES
    joins = True

    @override
    def entity(self, event: Event) -> str:
        return cast(UserAdded | UserRemoved | UserMerged, event.data).user_id

    @override
    def new(self) -> User:
        return User()

    @override
    def fold(self, row: User, event: Event) -> Outcome:
        data: Any = event.data
        kept = {name: getattr(data, name) for name in event.told}
        if event.type == _MERGED:
            kept["into_user_id"] = data.into_user_id
        return row.facts.insert(fact_of(event, kept))

    @override
    def holds(self, row: User, target: Target) -> bool:
        return row.facts.holds(target)

    @override
    def retract(self, row: User, target: Target) -> None:
        row.facts.retract(target)

    @override
    def leaves_out(self, rows: Sequence[User]) -> bool:
        """Leaves out what internal people say."""
        return is_internal(rows)

    @override
    def unit(self, entity: str, rows: Mapping[str, User], followed: Followed) -> str:
        """Follows merges to the last user; a ring of merges is one unit under its least id."""
        path = [entity]
        while (row := rows.get(path[-1])) is not None and (into := row.merged_into) is not None:
            if into in path:
                return min(path[path.index(into) :])
            path.append(into)
        return path[-1]

    @override
    def pack(self, row: User) -> bytes:
        facts = row.facts
        days, sessions = _differences(row.days), dict(row.sessions.items())
        packed = _PackedUser(facts.facts, packable(facts.retracted), days, sessions)
        return msgspec.msgpack.encode(packed)

    @override
    def unpack(self, packed: bytes) -> User:
        stored = _decoder.decode(packed)
        row = User()
        row.facts = History(in_order(stored.facts), set(stored.retracted))
        row.sessions = Sessions(stored.sessions.items())
        row.days = {name: array("I", accumulate(steps)) for name, steps in stored.days.items()}
        row.days_bytes = sum(
            _FEATURE_BYTES + len(name.encode()) + _DAY_BYTES * len(days)
            for name, days in row.days.items()
        )
        return row


def _differences(days: Mapping[str, "array[int]"]) -> dict[str, list[int]]:
    """Returns tiles as they are packed: each by how far it is from the one before, which is little.

    >>> _differences({"": array("I", [5, 8, 40]), "search": array("I", [8])})
    {'': [5, 3, 32], 'search': [8]}
    """
    parts = [_START + tiles.tobytes() for tiles in days.values()]
    steps = np.diff(np.frombuffer(b"".join(parts), dtype=np.uint32).astype(np.int64)).tolist()
    ends = accumulate(len(tiles) + 1 for tiles in days.values())
    return {
        feature: steps[end - 1 - len(tiles) : end - 1]
        for (feature, tiles), end in zip(days.items(), ends, strict=True)
    }


USERS: Final = _UserKind()

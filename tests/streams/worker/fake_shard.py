"""A shard of a few lines: per user, the ids of the events that were folded. Exactly once shows at
once."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from aggregates.shard.moves import MovedRow
from aggregates.shard.plan import Plan
from aggregates.shard.restated import Restated
from events import Reject

Change = tuple[bytes, bytes]


@dataclass(frozen=True)
class Use:
    """A fake event: its place in the run, its id, and whose it is."""

    index: int
    id: str
    user: str


@dataclass(frozen=True)
class Fault:
    """A refusal."""

    index: int
    reason: str
    detail: str


@dataclass
class FakeBatch:
    """What the fake decoder makes of a run."""

    uses: list[Use] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)

    def take_out(self, belongs: Callable[[str], bool]) -> list[int]:
        """Takes out the events of users that do not belong here."""
        gone = [use.index for use in self.uses if not belongs(use.user)]
        self.uses = [use for use in self.uses if belongs(use.user)]
        return gone


class FakeDecoder:
    """Decodes ``{"id": .., "user": ..}``; anything else is a reject, ``{"ignore": 1}`` is
    ignored."""

    def decode(self, values: Sequence[bytes | None]) -> FakeBatch:
        """Decodes a run."""
        batch = FakeBatch()
        for index, value in enumerate(values):
            try:
                record = json.loads(value or b"")
                if "ignore" in record:
                    batch.ignored["unknown_type"] += 1
                else:
                    batch.uses.append(Use(index, record["id"], record["user"]))
            except (ValueError, KeyError) as error:
                batch.rejects.append(Reject(index, "invalid_json", repr(error), value or b""))
        return batch


class FakeShard:
    """Rows by topic and user; each row is the set of event ids. The ledger is a count of ids by
    topic.

    A user named ``refuse`` is refused, one named ``bug`` raises.
    """

    def __init__(
        self, partition: int = 0, holds: Callable[[str], bool] = lambda account: True
    ) -> None:
        self.partition = partition
        self.holds = holds
        self.moved: dict[bytes, MovedRow] = {}
        self.handover = self.settling = self.counts = self  # one object plays all parts of a shard
        self.rows: dict[str, dict[bytes, set[str]]] = {}
        self.dirty: dict[str, set[bytes]] = {}
        self.writing: dict[str, set[bytes]] = {}
        self.stamps: dict[str, int] = {}
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.last_event_ms: dict[str, int] = {}
        self.restated = Restated(Plan(families=[]))
        self.changed: set[bytes] = set()
        self.rebuilt = 0

    def fold(self, topic: str, batch: Any, offset: int) -> list[Fault]:
        """Folds a run."""
        refused = []
        rows = self.rows.setdefault(topic, {})
        for use in batch.uses:
            if use.user == "bug":
                raise AssertionError("a broken invariant")
            if use.user == "refuse":
                refused.append(Fault(use.index, "conflict", f"{use.id} is refused"))
                continue
            ids = rows.setdefault(use.user.encode(), set())
            if use.id not in ids:
                ids.add(use.id)
                self.dirty.setdefault(topic, set()).add(use.user.encode())
                self.changed.add(topic.encode())
            self.outcomes[topic, "folded"] += 1
        self.stamps[topic] = offset
        return refused

    @property
    def deferred(self) -> int:
        """Nothing waits."""
        return 0

    @property
    def unsettled(self) -> int:
        """Nothing waits."""
        return 0

    def settle(self, deferred_max: int | None = None) -> None:
        """Nothing waits."""

    def send(self) -> None:
        """Nothing is read elsewhere."""

    def dirty_rows(self, topic: str) -> Iterator[Change]:
        """Swaps the changed rows out."""
        self.writing[topic] = self.dirty.pop(topic, set())
        rows = self.rows.get(topic, {})
        return ((key, pack(rows[key])) for key in sorted(self.writing[topic]))

    def mark_clean(self, topic: str) -> None:
        """The rows are stored."""
        self.writing.pop(topic, None)

    def restore_dirty(self, topic: str) -> None:
        """The rows are not stored."""
        self.dirty.setdefault(topic, set()).update(self.writing.pop(topic, ()))

    def mark_dirty(self, topic: str, keys: Iterable[bytes]) -> None:
        """Rows to be stored again."""
        known = self.rows.get(topic, {})
        self.dirty.setdefault(topic, set()).update(key for key in keys if key in known)

    def row_count(self, topic: str) -> int:
        """Rows of a topic."""
        return len(self.rows.get(topic, ()))

    def restore_row(self, topic: str, key: bytes, value: bytes) -> None:
        """Files a stored row."""
        self.rows.setdefault(topic, {})[key] = unpack(value)

    @property
    def moved_waiting(self) -> int:
        """Rows that a test wants to have moved."""
        return len(self.moved)

    def take_moved(self) -> list[MovedRow]:
        """Swaps them out."""
        moved, self.moved = self.moved, {}
        return list(moved.values())

    def put_back_moved(self, moved: Iterable[MovedRow]) -> None:
        """They are not moved after all."""
        self.moved = {row.key: row for row in moved} | self.moved

    def rebuild(self) -> None:
        """Counts how often it was asked."""
        self.rebuilt += 1
        self.changed.update(topic.encode() for topic in self.rows)

    def take_changes(self) -> dict[bytes, bytes]:
        """Changed counts."""
        changed, self.changed = self.changed, set()
        return {key: self._count(key) for key in changed}

    def put_back_changes(self, keys: Iterable[bytes]) -> None:
        """Changed after all."""
        self.changed.update(keys)

    def all_chunks(self) -> dict[bytes, bytes]:
        """All counts."""
        self.changed = set()
        return {topic.encode(): self._count(topic.encode()) for topic in self.rows}

    def _count(self, key: bytes) -> bytes:
        return b"%d" % sum(len(ids) for ids in self.rows[key.decode()].values())


def pack(ids: set[str]) -> bytes:
    """Packs a row."""
    return json.dumps(sorted(ids)).encode()


def unpack(row: bytes) -> set[str]:
    """Unpacks a row."""
    return set(json.loads(row))

"""The feed: an exporter's merged ledger, kept current from a board, and whether it is whole.

The merged ledger is the sum of all partitions' cells. A partition's changed chunk replaces that
partition's old one, so a partition that moves, restarts or is published again in full never counts
twice.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.packed import unpack_cells, unpack_key
from aggregates.shard.audit import AuditNote, decode_audit
from aggregates.shard.board import (
    Board,
    BoardUnavailableError,
    PartitionStatus,
    PartitionView,
    Position,
    decode_status,
)
from aggregates.shard.fingerprint import Fingerprint, foreign
from events.errors import UNREADABLE

STALE_AFTER_S: Final = 15.0
"""Age at which a partition no longer counts as live: above a rebalance with its restore, within a
scrape interval."""

NAMED_MAX: Final = 8
"""Partitions that a reason names one by one, so that it stays a line."""


@dataclass(frozen=True, slots=True)
class PartitionState:
    """What the feed knows about one partition that it holds.

    Attributes:
        partition: Its number.
        age_s: Seconds since its worker last published.
        fresh: Whether that is recent enough.
        generation: Claim under which it was published.
        status: What the worker says; None if that does not decode.
    """

    partition: int
    age_s: float
    fresh: bool
    generation: int
    status: PartitionStatus | None

    @property
    def broker_age_s(self) -> float | None:
        """Seconds since Kafka last answered its worker; None without Kafka."""
        said_s = None if self.status is None else self.status.broker_age_s
        return None if said_s is None else self.age_s + said_s


@dataclass(frozen=True, slots=True)
class FeedState:
    """Whether the merged ledger is whole, and what it is made of.

    Attributes:
        expected: Partitions that exist; 0 while unknown.
        partitions: Those held, ascending.
        reason: Why the ledger must not be read; empty when it is whole and fresh.
        audit: What the last audit of these tables found; None without one.
    """

    expected: int
    partitions: tuple[PartitionState, ...]
    reason: str
    audit: AuditNote | None = None

    @property
    def complete(self) -> bool:
        """Whether every partition is there, ready and fresh."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the last refresh left, for threads that ask while the next one is under way.

    Attributes:
        expected: Partitions that exist; 0 while unknown.
        held: Number, generation, time of publishing and status of each, ascending.
        unreadable: Those that cannot be decoded.
        problem: Why the board could not be read; empty if it could.
        audit: What an audit left.
    """

    expected: int = 0
    held: tuple[tuple[int, int, float, PartitionStatus | None], ...] = ()
    unreadable: frozenset[int] = frozenset()
    problem: str = ""
    audit: AuditNote | None = None


@dataclass(slots=True)
class _Held:
    """A partition's chunks as last read."""

    position: Position = (0, 0)
    published_at_s: float = 0.0
    status: PartitionStatus | None = None
    chunks: dict[bytes, bytes] = field(default_factory=dict)


class Feed:
    """Follows a board. One thread may refresh at a time, which ``LiveReading`` sees to.

    A partition older than ``stale_after_s`` makes the feed stale; ``clock_s`` never goes back. One
    that was not computed under ``fingerprint`` does so too: its cells mean something else. Without
    a fingerprint all are taken as they are.

    Attributes:
        ledger: The merged cells of all partitions held; whole only while the state says so.
        version: Grows whenever the ledger changes.
    """

    def __init__(
        self,
        board: Board,
        stale_after_s: float = STALE_AFTER_S,
        clock_s: Callable[[], float] = time.monotonic,
        fingerprint: Fingerprint | None = None,
    ) -> None:
        self.ledger = Ledger()
        self.version = 0
        self._board = board
        self._stale_after_s = stale_after_s
        self._clock_s = clock_s
        self._fingerprint = fingerprint
        self._held: dict[int, _Held] = {}
        self._unreadable: set[int] = set()
        self._seen = _Seen()

    def refresh(self) -> None:
        """Reads what changed on the board. An unreachable board leaves what is held, which ages."""
        try:
            snapshot = self._board.read({p: held.position for p, held in self._held.items()})
        except BoardUnavailableError as error:
            self._seen = replace(self._seen, problem=f"the board cannot be read ({error})")
            return
        self._unreadable.clear()
        for partition in [p for p in self._held if p not in snapshot.views]:
            self._drop(partition)
        for partition, view in snapshot.views.items():
            self._take(partition, view)
        self.ledger.changed.clear()
        held = tuple(
            (partition, each.position[0], each.published_at_s, each.status)
            for partition, each in sorted(self._held.items())
        )
        audit = decode_audit(snapshot.audit)
        self._seen = _Seen(snapshot.partitions, held, frozenset(self._unreadable), audit=audit)

    def state(self) -> FeedState:
        """Returns whether the ledger may be read, at this moment; any thread may ask."""
        seen = self._seen
        now_s = self._clock_s()
        partitions = tuple(
            PartitionState(
                partition,
                age_s := max(now_s - published_at_s, 0.0),
                age_s <= self._stale_after_s,
                generation,
                status,
            )
            for partition, generation, published_at_s, status in seen.held
        )
        return FeedState(
            seen.expected,
            partitions,
            self._reason(seen, partitions),
            seen.audit if _is_of(seen.audit, partitions) else None,
        )

    def chunks(self, partition: int) -> Mapping[bytes, bytes]:
        """Returns the packed chunks of a partition that is held; the next refresh may change it."""
        return self._held[partition].chunks

    def _reason(self, seen: _Seen, partitions: tuple[PartitionState, ...]) -> str:
        """Returns the first thing that keeps the ledger from being whole and fresh."""
        held = {state.partition for state in partitions}
        missing = [p for p in range(seen.expected) if p not in held]
        late = [state.partition for state in partitions if not state.fresh]
        silent = [state.partition for state in partitions if state.status is None]
        restoring = {
            s.partition: s.status.waits_for for s in partitions if s.status and not s.status.ready
        }
        note = next(filter(None, restoring.values()), "")
        mixed = self._foreign(partitions) or _strangers(partitions)
        unheard_s = {state.partition: state.broker_age_s or 0.0 for state in partitions}
        deaf = [p for p, silent_s in unheard_s.items() if silent_s > self._stale_after_s]
        longest_s = max(unheard_s.values(), default=0.0)
        age_s = max((state.age_s for state in partitions), default=0.0)
        limit_s = self._stale_after_s
        reasons = (
            (not seen.expected and seen.problem, seen.problem),
            (not seen.expected, "no worker has claimed a partition yet"),
            (seen.unreadable, f"{_named(seen.unreadable)} cannot be decoded"),
            (missing, f"{_named(missing)} of {seen.expected} not on the board"),
            (late and seen.problem, seen.problem),
            (late, f"{_named(late)} last heard of {age_s:.0f} s ago, limit {limit_s:g} s"),
            (silent, f"{_named(silent)} without a readable status"),
            (mixed, mixed),
            (
                deaf,
                f"{_named(deaf)}: Kafka last answered {longest_s:.0f} s ago, limit {limit_s:g} s",
            ),
            (restoring, f"{_named(restoring)} being restored" + f": {note}" * bool(note)),
        )
        return next((reason for applies, reason in reasons if applies), "")

    def _foreign(self, partitions: Iterable[PartitionState]) -> str:
        """Says which partitions are of other settings than ours, and how the first differs."""
        own = self._fingerprint
        if own is None:
            return ""
        odd = {
            each.partition: how
            for each in partitions
            if each.status is not None
            and (how := foreign(each.status.fingerprint, each.status.settings, own))
        }
        how = next(iter(odd.values()), "")
        return f"{_named(odd)} computed under other settings: {how}" if odd else ""

    def _take(self, partition: int, view: PartitionView) -> None:
        held = self._held.setdefault(partition, _Held())
        changes: Mapping[bytes, bytes] = view.changes
        if view.full:
            changes = {**dict.fromkeys(held.chunks, b""), **view.changes}
        try:
            self._replace(held, changes)
        except UNREADABLE:
            self._drop(partition)
            self._unreadable.add(partition)
            return
        held.position = view.position
        held.published_at_s = self._clock_s() - view.age_s
        held.status = decode_status(view.status)

    def _drop(self, partition: int) -> None:
        held = self._held.pop(partition)
        self._replace(held, dict.fromkeys(held.chunks, b""))

    def _replace(self, held: _Held, changes: Mapping[bytes, bytes]) -> None:
        """Exchanges chunks in the ledger; all or none, as everything is decoded first."""
        decoded = [
            (unpack_key(packed), unpack_cells(held.chunks.get(packed, b"")), unpack_cells(cells))
            for packed, cells in changes.items()
            if cells != held.chunks.get(packed, b"")
        ]
        for key, old, new in decoded:
            self.ledger.replace_chunk(key, old, new)
        self.version += bool(decoded)
        for packed, cells in changes.items():
            if cells:
                held.chunks[packed] = cells
            else:
                held.chunks.pop(packed, None)


def _is_of(audit: AuditNote | None, partitions: Iterable[PartitionState]) -> bool:
    """Returns whether an audit was of the tables that the board shows now."""
    told = {(s.installation, s.fingerprint) for each in partitions if (s := each.status)}
    return audit is not None and told == {(audit.installation, audit.fingerprint)}


def _strangers(partitions: Iterable[PartitionState]) -> str:
    """Says which partitions are of other installations than the first, if any are."""
    told = {
        each.partition: each.status.installation
        for each in partitions
        if each.status is not None and each.status.installation
    }
    first = next(iter(told.values()), "")
    odd = [partition for partition, name in told.items() if name != first]
    return f"{_named(odd)} of another Kafka cluster than the others" if odd else ""


def _named(partitions: Iterable[int]) -> str:
    """Names partitions for a reader.

    >>> _named([3]), _named([0, 2])
    ('partition 3', 'partitions 0, 2')
    """
    numbers = sorted(partitions)
    names = ", ".join(str(number) for number in numbers[:NAMED_MAX])
    more = f" and {len(numbers) - NAMED_MAX} more" if len(numbers) > NAMED_MAX else ""
    return f"partition{'s' * (len(numbers) > 1)} {names}{more}"

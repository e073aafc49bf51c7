"""What a kind of row is: how events become rows, and rows become bytes and back.

A row is the history of one entity in compact form, fed by one topic. A kind says which events it
takes, which entity an event is about, and which rows are read together as one *unit*: most units
are one row; the answers of one respondent, or a user and those merged into it, are one unit of
several rows.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from aggregates.ledger.measure import Segment
from aggregates.policies.policy import Policy
from aggregates.rows.history import Fact, History, Outcome, fact_of, in_order
from aggregates.rows.withdrawn import packable
from events import Event
from events.retraction import Target

R = TypeVar("R")
H = TypeVar("H", bound=History)

Followed = Callable[[str], str | None]
"""Returns the unit of an entity; None if what follows that is in no figure."""


class RowKey(msgspec.Struct, frozen=True, array_like=True, gc=False, cache_hash=True):
    """Names a row, or a unit of rows, of one partition."""

    kind: str
    account: str
    entity: str


class RowKind(ABC, Generic[R]):
    """How one kind of entity is kept.

    Attributes:
        name: Name in row keys: durable, change it only together with the version.
        topic: The topic that feeds these rows.
        types: The event types that these rows take.
        joins: Whether the unit of a row depends on other rows of its account.
        follows: Name of another kind on whose units of the account those of a row depend too.
        moves: Whether a row may say that it belongs to another account, see ``moved_to``.
        lends: Whether accounts lend each other parts of their rows, see ``parts``.
        segments: Whether a row may name a segment itself.
        version: Version of the packed form; rows of another version are refused at restore.
    """

    name: str
    topic: str
    types: frozenset[str]
    joins: bool = False
    follows: str | None = None
    moves: bool = False
    lends: bool = False
    segments: bool = False
    version: int = 1

    def accounts(self, event: Event) -> tuple[str, ...]:
        """Returns the accounts that an event is filed under: its key, unless accounts share it."""
        return (event.key,)

    @abstractmethod
    def entity(self, event: Event) -> str:
        """Returns the id, unique within the account, of the entity that an event is about."""

    @abstractmethod
    def new(self) -> R:
        """Makes an empty row."""

    def refusal(self, event: Event, policy: Policy) -> str | None:
        """Says why an event that is valid in itself cannot be folded; None if it can."""
        return None

    @abstractmethod
    def fold(self, row: R, event: Event) -> Outcome:
        """Folds one event into its row."""

    @abstractmethod
    def holds(self, row: R, target: Target) -> bool:
        """Returns whether an event is in a row and not retracted."""

    @abstractmethod
    def retract(self, row: R, target: Target) -> None:
        """Takes an event back."""

    def unit(self, entity: str, rows: Mapping[str, R], followed: Followed) -> str | None:
        """Returns the unit of a row: its own id, unless joined; None if it is in no figure.

        Args:
            entity: The row's own id.
            rows: The rows of its account.
            followed: Returns the unit of an entity of the kind that this one follows, or None.
        """
        return entity

    def leaves_out(self, rows: Sequence[R]) -> bool:
        """Returns whether what follows a unit of these rows is in no figure."""
        return False

    def moved_to(self, row: R) -> str | None:
        """Returns the account that a row belongs to by what it says itself, or None.

        A row that moved says so under the account that it left, and under the one that it came to.
        """
        return None

    def parts(self, row: R) -> Mapping[str, Collection[str]]:
        """Returns the parts of a row that other accounts read too: by name, those accounts."""
        return {}

    def split(self, row: R, names: Collection[str], accounts: Sequence[str]) -> Mapping[str, R]:
        """Returns parts of a row, as other accounts read them beside their own row.

        Args:
            row: The row.
            names: Which parts of it.
            accounts: The ids of the account that lends them, the one that is left first.
        """
        raise NotImplementedError

    def united(self, rows: Sequence[R]) -> Sequence[R]:
        """Returns rows of one entity that came from several accounts as rows that are read.

        Args:
            rows: The rows; those that came the longest way first, that of the account itself last.
        """
        return rows

    def segment(self, row: R, segment: Segment, attributes: tuple[str, ...]) -> Segment:
        """Returns the segment of a row that names one itself, else its account's.

        Args:
            row: The row, a unit of its own.
            segment: Its account's segment.
            attributes: The attributes that make up a segment.
        """
        return segment

    @abstractmethod
    def pack(self, row: R) -> bytes:
        """Packs a row."""

    @abstractmethod
    def unpack(self, packed: bytes) -> R:
        """Unpacks a row.

        Raises:
            msgspec.DecodeError: If the bytes are no packed row of this kind.
        """


@dataclass(frozen=True)  # with slots, calling DerivedKind[R] fails in Python 3.11
class DerivedKind(Generic[R]):
    """What is computed from several rows of an account together, and never stored.

    An account has one unit of it, computed anew when a row of a source changes. Sources may be fed
    by different topics: an account has the same partition number in all of them.

    Attributes:
        name: The kind's name.
        sources: The kinds of rows that it is computed from.
        deferred: Whether it may be settled later than the rows, some accounts at a time: for what
            takes long and need not be known at once. Only such a kind may be over users; of what
            they do it may read nothing but the days on which that makes them active.
    """

    name: str
    sources: tuple[RowKind[Any], ...]
    deferred: bool = False


class _PlainHistory(msgspec.Struct, array_like=True):
    facts: list[Fact]
    retracted: list[Target]


_decoder = msgspec.msgpack.Decoder(_PlainHistory)


class HistoryKind(RowKind[H]):
    """A kind whose rows are plain histories: which facts are kept, and of whose row."""

    def __init__(
        self,
        row: type[H],
        name: str,
        topic: str,
        types: Iterable[str],
        *,
        keep: Callable[[Event], Mapping[str, Any]],
        entity: Callable[[Event], str] | None = None,
        since: Callable[[Event], int] | None = None,
        version: int = 1,
    ) -> None:
        """Declares a kind.

        Args:
            row: Makes a row of facts in order and what was retracted.
            name: Name in row keys.
            topic: The topic that feeds these rows.
            types: The event types that these rows take.
            keep: Returns the fields of an event that figures ask for; ``None`` is left out.
            entity: Returns the entity that an event is about; without it an account has one row.
            since: Returns from when on a fact holds, ms of the epoch, if not from when its event
                takes effect.
            version: Version of the packed form.
        """
        self.name = name
        self.topic = topic
        self.types = frozenset(types)
        self.version = version
        self._row = row
        self._keep = keep
        self._entity = entity
        self._since = since

    def entity(self, event: Event) -> str:
        """Returns the id of the entity that an event is about; empty if the account has one row."""
        return "" if self._entity is None else self._entity(event)

    def new(self) -> H:
        """Makes an empty row."""
        return self._row()

    def fold(self, row: H, event: Event) -> Outcome:
        """Files what is kept of the event."""
        since_ms = None if self._since is None else self._since(event)
        return row.insert(fact_of(event, self._keep(event), since_ms))

    def holds(self, row: H, target: Target) -> bool:
        """Returns whether an event is in a row and not retracted."""
        return row.holds(target)

    def retract(self, row: H, target: Target) -> None:
        """Takes an event back."""
        row.retract(target)

    def united(self, rows: Sequence[H]) -> Sequence[H]:
        """Returns one history: at one instant, what was told of the account itself comes last."""
        if len(rows) < 2:
            return rows
        facts: dict[tuple[str, str], tuple[int, int, Fact]] = {}
        for rank, row in enumerate(rows):
            for fact in row.facts:
                facts.setdefault((fact.source, fact.id), (fact.effective_ms, rank, fact))
        ordered = sorted(facts.values(), key=lambda placed: (*placed[:2], placed[2].order))
        retracted = set().union(*(row.retracted for row in rows))
        return [self._row([fact for _, _, fact in ordered], retracted)]

    def pack(self, row: H) -> bytes:
        """Packs the facts and retractions."""
        return msgspec.msgpack.encode(_PlainHistory(row.facts, packable(row.retracted)))

    def unpack(self, packed: bytes) -> H:
        """Unpacks the facts and retractions."""
        stored = _decoder.decode(packed)
        return self._row(in_order(stored.facts), set(stored.retracted))

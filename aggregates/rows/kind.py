"""What a kind of row is: how events become rows, and rows become bytes and back.

A row is the history of one entity in compact form, fed by one topic. A kind says which events it
takes, which entity an event is about, and which rows are read together as one *unit*: most units
are one row; the answers of one respondent, or a user and those merged into it, are one unit of
several rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import msgspec

from aggregates.ledger.measure import Segment
from aggregates.policies.policy import Policy
from aggregates.rows.history import Fact, History, Outcome
from events import Event

R = TypeVar("R")


class RowKind(Protocol[R]):
    """How one kind of entity is kept."""

    name: str
    """Name in row keys: durable, change it only together with the version."""
    topic: str
    """The topic that feeds these rows."""
    types: frozenset[str]
    """The event types that these rows take."""
    joins: bool
    """Whether the unit of a row depends on other rows of its account."""
    segments: bool
    """Whether a row may name a segment itself."""
    version: int
    """Version of the packed form; rows of another version are refused at restore."""

    def accounts(self, event: Event) -> tuple[str, ...]:
        """Gives the accounts that an event is filed under: its key, unless accounts share it."""

    def entity(self, event: Event) -> str:
        """Gives the id, unique within the account, of the entity that an event is about."""

    def new(self) -> R:
        """Makes an empty row."""

    def refusal(self, event: Event, policy: Policy) -> str | None:
        """Says why an event that is valid in itself cannot be folded, or gives None."""

    def fold(self, row: R, event: Event) -> Outcome:
        """Folds one event into its row."""

    def stands(self, row: R, event_id: str) -> bool:
        """Tells whether an event is in a row and not retracted."""

    def retract(self, row: R, event_id: str) -> None:
        """Takes an event back."""

    def unit(self, entity: str, rows: Mapping[str, R]) -> str:
        """Gives the unit of a row, from the rows of its account."""

    def segment(self, row: R, segment: Segment, attributes: tuple[str, ...]) -> Segment:
        """Gives the segment of a row that names one itself, else its account's.

        Args:
            row: The row, a unit of its own.
            segment: Its account's segment.
            attributes: The attributes that make up a segment.
        """

    def pack(self, row: R) -> bytes:
        """Packs a row."""

    def unpack(self, packed: bytes) -> R:
        """Unpacks a row.

        Raises:
            msgspec.DecodeError: If the bytes are no packed row of this kind.
        """


@dataclass(frozen=True, slots=True)
class DerivedKind:
    """What is computed from several rows of an account together, and never stored.

    An account has one unit of it, computed anew when a row of a source changes. Sources may be fed
    by different topics: an account has the same partition number in all of them.

    Attributes:
        name: The kind's name.
        sources: The kinds of rows that it is computed from.
        deferred: Whether it may be settled later than the rows, some accounts at a time: for what
            takes long and need not be known at once. Only such a kind may be over users.
    """

    name: str
    sources: tuple[RowKind[Any], ...]
    deferred: bool = False


class _PackedHistory(msgspec.Struct, array_like=True):
    facts: list[Fact]
    retracted: list[str]


_decoder = msgspec.msgpack.Decoder(_PackedHistory)


class HistoryRows:
    """What kinds whose rows are plain histories share; a kind adds names, entity and facts."""

    version = 1
    joins = False
    segments = False

    def accounts(self, event: Event) -> tuple[str, ...]:
        """Files an event under its own key."""
        return (event.key,)

    def new(self) -> History:
        """Makes an empty row."""
        return History()

    def refusal(self, event: Event, policy: Policy) -> str | None:
        """Takes every valid event."""
        return None

    def stands(self, row: History, event_id: str) -> bool:
        """Tells whether an event is in a row and not retracted."""
        return row.stands(event_id)

    def retract(self, row: History, event_id: str) -> None:
        """Takes an event back."""
        row.retract(event_id)

    def unit(self, entity: str, rows: Mapping[str, History]) -> str:
        """Makes each row a unit of its own."""
        return entity

    def segment(self, row: History, segment: Segment, attributes: tuple[str, ...]) -> Segment:
        """Leaves a row to its account's segment."""
        return segment

    def pack(self, row: History) -> bytes:
        """Packs the facts and retractions."""
        return msgspec.msgpack.encode(_PackedHistory(row.facts, sorted(row.retracted)))

    def unpack(self, packed: bytes) -> History:
        """Unpacks the facts and retractions."""
        stored = _decoder.decode(packed)
        return History(stored.facts, set(stored.retracted))

"""What decoding yields: events, rejects, and the batch that holds them and the hot events.

Records are msgspec structs outside of the cyclic garbage collector: a batch of thousands is
dropped whole and holds no cycles, and the collector would otherwise walk it again and again.
"""

from collections import Counter
from collections.abc import Callable, Container, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import msgspec

from events.envelope import AnyEnvelope, EventData
from events.records import FeatureUse, HotEvent, Record, SessionEnd
from events.violations import Violation

SEQUENCE_DIGITS: Final = 20
"""Width of a numeric sequence as text: every unsigned 64-bit number sorts as a number."""

SEQUENCES_MAX: Final = 4096
"""Sequences whose text is remembered: producers count from 1 in each subject."""


@lru_cache(SEQUENCES_MAX)
def sort_key_of(sequence: str | int | None) -> str:
    """Write a producer's sequence so that texts sort as the producer counts.

    >>> sort_key_of(7), sort_key_of("7") == sort_key_of(7), sort_key_of("b2"), sort_key_of(None)
    ('00000000000000000007', True, 'b2', '')
    """
    if sequence is None:
        return ""
    text = str(sequence)
    if text.isascii() and text.isdigit():
        return text.lstrip("0").rjust(SEQUENCE_DIGITS, "0")
    return text


NOTHING: Final[Set[str]] = frozenset()
NONE_OWN: Final[Mapping[str, Any]] = MappingProxyType({})


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One validated event of any type that is not hot.

    Attributes:
        type: Name of the type, the producer's prefix taken off.
        id: Producer's event id; with `source`, the identity of the event.
        source: Producer.
        time_ms: When it occurred.
        effective_ms: When it counts: `data.effective_at`, else `time_ms`.
        sequence: Producer's order as text that sorts; "" if none.
        key: Routing key: the account, else the subject, else the entity's own id.
        account_id: The account, if the fact has one.
        subject: The envelope's subject, as sent.
        data: The fields of the type, as its model names them and with the model's values.
        told: Which fields of ``EventData.PARTIAL`` were sent.
        own: Fields of the producer's own, of a type that takes them.
        index: Place among the records that were decoded together.
    """

    type: str
    id: str
    source: str
    time_ms: int
    effective_ms: int
    sequence: str
    key: str
    account_id: str | None
    subject: str | None
    data: EventData
    told: Set[str] = NOTHING
    own: Mapping[str, Any] = NONE_OWN
    index: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys under which it travels: a copy goes to the account that something goes to."""
        into = getattr(self.data, "into_account_id", None)
        return (self.key,) if into is None else (self.key, into)

    @property
    def order(self) -> tuple[int, str, int, str, str]:
        """Place among the events of one entity, whatever the order of arrival."""
        return (self.effective_ms, self.sequence, self.time_ms, self.id, self.source)


def key_of(sent: "AnyEnvelope | Record[EventData]", data: EventData) -> str | None:
    """Returns the routing key of an event, or None if it has none."""
    return data.account_id or sent.subject or data.own_key()


def event_of(
    sent: "AnyEnvelope | Record[EventData]",
    data: EventData,
    told: Set[str],
    time_ms: int,
    index: int,
    own: Mapping[str, Any] = NONE_OWN,
) -> Event | None:
    """Returns the event of what an envelope says and of its data; None if it has no key."""
    key = key_of(sent, data)
    if key is None:
        return None
    return Event(
        type=sent.type,
        id=sent.id,
        source=sent.source,
        time_ms=time_ms,
        effective_ms=time_ms if data.effective_at is None else data.effective_at,
        sequence=sort_key_of(sent.sequence),
        key=key,
        account_id=data.account_id,
        subject=sent.subject,
        data=data,
        told=told,
        own=own,
        index=index,
    )


class Reject(msgspec.Struct, frozen=True, gc=False):
    """One record that is no event.

    Attributes:
        index: Place in the batch.
        reason: Slug to count by, such as `invalid_json`.
        detail: Field and message; never a value of the record.
        raw: The record as it came.
        violations: The fields that are not what they must be, all of them.
    """

    index: int
    reason: str
    detail: str
    raw: bytes
    violations: tuple[Violation, ...] = ()


WRONG_PARTITION: Final = "wrong_partition"
"""Reason of records that lie where those of their account do not."""

MISPLACED: Final = "it lies in another partition than its account's: was it sent without its key?"
"""The same in words."""

KeyAt = Callable[[int], bytes | None]
"""Returns the key under which a record travels, by its index."""


@dataclass(slots=True)
class Batch:
    """A decoded run of records.

    Attributes:
        uses: Uses of features.
        sessions: Sessions that ended.
        events: All other events.
        rejects: Records that are no event.
        ignored: By reason, what was well-formed but unheeded.
        key_at: The keys of the records; None where they have none, as in files.
    """

    uses: list[FeatureUse] = field(default_factory=list)
    sessions: list[SessionEnd] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    key_at: KeyAt | None = None

    @property
    def hot(self) -> list[HotEvent[Any]]:
        """Uses and sessions."""
        return [*self.uses, *self.sessions]

    def take_out(
        self, belongs: Callable[[str], bool], among: Container[int] | None = None
    ) -> list[int]:
        """Takes out what travels under no key that belongs here; returns its places, ascending.

        Args:
            belongs: Whether records under a key may lie where these were read.
            among: Places of those that are in doubt; None for all.
        """
        hot, events = self.hot, self.events
        if among is not None:
            hot = [each for each in hot if each.index in among]
            events = [event for event in events if event.index in among]
        keys = {each.data.account_id for each in hot}
        keys.update(event.key for event in events)
        foreign = {key for key in keys if not belongs(key)}
        if not foreign:
            return []
        gone = [each.index for each in hot if each.data.account_id in foreign]
        gone += [e.index for e in events if e.key in foreign and not any(map(belongs, e.keys))]
        left = set(gone)
        self.uses = [use for use in self.uses if use.index not in left]
        self.sessions = [session for session in self.sessions if session.index not in left]
        self.events = [event for event in self.events if event.index not in left]
        return sorted(gone)

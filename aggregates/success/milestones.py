"""Milestones: when an account first reached each step of its progress.

Only the first time counts, and a usage fact cannot be taken back: an earlier one that comes late
replaces a later one, and no event id needs to be kept.
"""

from typing import Final, cast

import msgspec

from aggregates.rows.history import Outcome
from aggregates.rows.kind import RowKind
from events import Event
from events.usage import MilestoneReached

Reached = dict[str, int]
"""When each milestone was first reached, ms of the epoch, by name."""

_decoder = msgspec.msgpack.Decoder(Reached)


class Milestones(RowKind[Reached]):
    """One row an account."""

    name = "milestone"
    topic = "usage"
    types = frozenset({"milestone.reached"})

    def entity(self, event: Event) -> str:
        """Returns the empty id: an account has one row."""
        return ""

    def new(self) -> Reached:
        """Makes an empty row."""
        return {}

    def fold(self, row: Reached, event: Event) -> Outcome:
        """Files a milestone under the first time that it was reached."""
        milestone = cast(MilestoneReached, event.data).milestone
        known_ms = row.get(milestone)
        if known_ms is not None and known_ms <= event.effective_ms:
            return Outcome.DUPLICATE
        row[milestone] = event.effective_ms
        return Outcome.FOLDED

    def holds(self, row: Reached, event_id: str) -> bool:
        """Knows no event ids."""
        return False

    def retract(self, row: Reached, event_id: str) -> None:
        """Takes nothing back: the topic has no retractions."""

    def pack(self, row: Reached) -> bytes:
        """Packs the milestones by name."""
        return msgspec.msgpack.encode(dict(sorted(row.items())))

    def unpack(self, packed: bytes) -> Reached:
        """Unpacks the milestones."""
        return _decoder.decode(packed)


MILESTONES: Final = Milestones()

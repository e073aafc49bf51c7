"""Milestones: when an account first reached each step of its progress.

Only the first time counts, and a usage fact cannot be taken back: an earlier one that comes late
replaces a later one, and no event id needs to be kept.
"""

from collections.abc import Mapping
from typing import Final, cast

import msgspec

from aggregates.ledger.measure import Segment
from aggregates.policies.policy import Policy
from aggregates.rows.history import Outcome
from events import Event
from events.usage import MilestoneReached

Reached = dict[str, int]
"""When each milestone was first reached, ms of the epoch, by name."""

_decoder = msgspec.msgpack.Decoder(Reached)


class Milestones:
    """One row an account."""

    name = "milestone"
    topic = "usage"
    types = frozenset({"milestone.reached"})
    version = 1
    joins = False
    segments = False

    def accounts(self, event: Event) -> tuple[str, ...]:
        """Files an event under its own key."""
        return (event.key,)

    def entity(self, event: Event) -> str:
        """Gives the empty id: an account has one row."""
        return ""

    def new(self) -> Reached:
        """Makes an empty row."""
        return {}

    def refusal(self, event: Event, policy: Policy) -> str | None:
        """Takes every valid event."""
        return None

    def fold(self, row: Reached, event: Event) -> Outcome:
        """Files a milestone under the first time that it was reached."""
        milestone = cast(MilestoneReached, event.data).milestone
        known_ms = row.get(milestone)
        if known_ms is not None and known_ms <= event.effective_ms:
            return Outcome.DUPLICATE
        row[milestone] = event.effective_ms
        return Outcome.FOLDED

    def stands(self, row: Reached, event_id: str) -> bool:
        """Knows no event ids."""
        return False

    def retract(self, row: Reached, event_id: str) -> None:
        """Takes nothing back: the topic has no retractions."""

    def unit(self, entity: str, rows: Mapping[str, Reached]) -> str:
        """Makes each row a unit of its own."""
        return entity

    def segment(self, row: Reached, segment: Segment, attributes: tuple[str, ...]) -> Segment:
        """Leaves a row to its account's segment."""
        return segment

    def pack(self, row: Reached) -> bytes:
        """Packs the milestones by name."""
        return msgspec.msgpack.encode(dict(sorted(row.items())))

    def unpack(self, packed: bytes) -> Reached:
        """Unpacks the milestones."""
        return _decoder.decode(packed)


MILESTONES: Final = Milestones()

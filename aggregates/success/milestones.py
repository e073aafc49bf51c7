"""Milestones: when an account first reached each step of its progress.

Only the first time counts, and a usage fact cannot be taken back: an earlier one that comes late
replaces a later one, and no event id needs to be kept.
"""

from collections.abc import Sequence
from typing import Final, cast

import msgspec
from typing_extensions import override

from aggregates.rows.history import Outcome
from aggregates.rows.kind import RowKind
from events import Event
from events.retraction import Target
from events.usage import MilestoneReached

MILESTONES_MAX: Final = 2_000
"""Milestones of one account by name: they are one row, and must fit a record of the changelog."""

Reached = dict[str, int]
"""When each milestone was first reached, ms of the epoch, by name."""

_decoder = msgspec.msgpack.Decoder(Reached)


class Milestones(RowKind[Reached]):
    """One row an account."""

    name = "milestone"
    topic = "usage"
    types = frozenset({"milestone.reached"})

    @override
    def entity(self, event: Event) -> str:
        return ""

    @override
    def new(self) -> Reached:
        return {}

    def fold(self, row: Reached, event: Event) -> Outcome:
        """Files a milestone under the first time that it was reached."""
        milestone = cast(MilestoneReached, event.data).milestone
        known_ms = row.get(milestone)
        if known_ms is not None and known_ms <= event.effective_ms:
            return Outcome.DUPLICATE
        if known_ms is None and len(row) >= MILESTONES_MAX:
            return Outcome.FULL
        row[milestone] = event.effective_ms
        return Outcome.FOLDED

    def holds(self, row: Reached, target: Target) -> bool:
        """Knows no event ids."""
        return False

    def retract(self, row: Reached, target: Target) -> None:
        """Takes nothing back: the topic has no retractions."""

    @override
    def united(self, rows: Sequence[Reached]) -> Sequence[Reached]:
        """Returns when each was first reached in any of them."""
        names = {name for row in rows for name in row}
        return [{name: min(row[name] for row in rows if name in row) for name in names}]

    @override
    def pack(self, row: Reached) -> bytes:
        return msgspec.msgpack.encode(dict(sorted(row.items())))

    @override
    def unpack(self, packed: bytes) -> Reached:
        return _decoder.decode(packed)


MILESTONES: Final = Milestones()

"""What came of each foreign record: events, nothing, or a gap. Nothing is lost in silence."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from events.sources.records import Record
from events.sources.told import Told


class Gap(msgspec.Struct, frozen=True):
    """A record that cannot be told exactly, and so is not told.

    Attributes:
        record: The record.
        reason: Slug to count by, such as `price_unknown`.
        needs: What would be needed, in words; equal ones are counted together.
        id: The record's own id, where it has one.
    """

    record: Record
    reason: str
    needs: str
    id: str | None = None


class Outbox:
    """Where a source puts what comes of records: each is told, passed over or a gap, just once.

    A record may be held back for a while; by the end of the source it must have been put here.

    Attributes:
        told: Events with the records they come from, since these were last taken out.
        gaps: Gaps, since these were last taken out.
        passed: By reason, how many records say nothing about any KPI.
        notes: By what was lost, how many events were told with less than their record says.
        done: How many records were put here.
    """

    def __init__(self) -> None:
        """Begins empty."""
        self.told: list[tuple[Record, Told]] = []
        self.gaps: list[Gap] = []
        self.passed: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self.done = 0

    def tell(self, record: Record, *events: Told) -> None:
        """Takes the events that a record tells, one at least."""
        self.done += 1
        for event in events:  # mostly one
            self.told.append((record, event))

    def tell_of_several(self, last: Record, *events: Told) -> None:
        """Takes events that several records tell together, such as a session's end.

        Each of the records is put here by itself too.

        Args:
            last: The last of them, for who looks for it.
            events: The events.
        """
        self.told += [(last, event) for event in events]

    def pass_over(self, reason: str) -> None:
        """Takes a record that was understood and says nothing about any KPI.

        Args:
            reason: What it is, to count by, such as `invoice.created`.
        """
        self.done += 1
        self.passed[reason] += 1

    def gap(
        self,
        record: Record,
        reason: str,
        needs: str,
        record_id: str | None = None,
        *,
        told: Iterable[Told] = (),
    ) -> None:
        """Takes a record that cannot be told exactly; the arguments are those of ``Gap``.

        ``told`` is what of it can be told all the same, so that what comes later is right.
        """
        self.done += 1
        self.told += [(record, event) for event in told]
        self.gaps.append(Gap(record, reason, needs, record_id))

    def note(self, lost: str) -> None:
        """Says that an event was told, exact in every figure, with less than its record says."""
        self.notes[lost] += 1

"""Changes: contributions on their way to the ledger; what cancels out never gets there.

Of what a unit contributes most is the same before and after an event, and what the users of a flush
change is often the same few cells. So contributions are noted, then counted, which is quick, and
only the differences touch the ledger, its prefix sums and the chunks that the board gets.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Contribution, Segment
from aggregates.shard.restated import Restated

NOTED_MAX: Final = 65_536
"""Contributions of a segment that are noted before they are counted; some 6 MB."""


class _Noted:
    """Contributions and how often each was noted."""

    def __init__(self) -> None:
        self._noted: list[Contribution] = []
        self._counted: Counter[Contribution] = Counter()

    def note(self, contributions: Iterable[Contribution]) -> None:
        """Notes contributions."""
        self._noted.extend(contributions)
        if len(self._noted) > NOTED_MAX:
            self.count()

    def count(self) -> Counter[Contribution]:
        """Returns how often each was noted; not to be changed."""
        self._counted.update(self._noted)
        self._noted.clear()
        return self._counted


class Changes:
    """Contributions to add and to take, by segment."""

    def __init__(self) -> None:
        self._added: defaultdict[Segment, _Noted] = defaultdict(_Noted)
        self._taken: defaultdict[Segment, _Noted] = defaultdict(_Noted)

    def add(self, contributions: Iterable[Contribution], segment: Segment) -> None:
        """Notes contributions to add under a segment."""
        self._added[segment].note(contributions)

    def take(self, contributions: Iterable[Contribution], segment: Segment) -> None:
        """Notes contributions to take from a segment."""
        self._taken[segment].note(contributions)

    def move_to(self, ledger: Ledger, restated: Restated, watched: Ledger | None = None) -> None:
        """Brings all that was noted to the ledger, notes what it restates, and forgets it.

        Args:
            ledger: What is changed.
            restated: Notes what is said of the past no longer.
            watched: Takes the changes too, of somebody who looks at them.
        """
        for segment in self._added.keys() | self._taken.keys():
            added, taken = self._added[segment].count(), self._taken[segment].count()
            more = [
                (series, tile, times * delta)
                for contribution, count in added.items()
                if (times := count - taken.pop(contribution, 0))
                for series, tile, delta in (contribution,)
            ]
            less = [(series, tile, times * delta) for (series, tile, delta), times in taken.items()]
            for changed, sign in ((more, 1), (less, -1)):
                ledger.apply(changed, segment, sign)
                restated.note(changed, sign)
                if watched is not None:
                    watched.apply(changed, segment, sign)
        self._added.clear()
        self._taken.clear()

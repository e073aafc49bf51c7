"""Counts that follow spans as they come and go, made anew only from where these change."""

from collections.abc import Iterable
from typing import Final

from aggregates.contributions.occurrence import FOREVER
from aggregates.contributions.steps import StepFunction
from aggregates.time.tile import NEVER, tile_of

_NEVER: Final = tile_of(FOREVER)


class Earliest:
    """The least of numbers that come and go.

    >>> earliest = Earliest()
    >>> for number, sign in ((7, 1), (3, 1), (7, 1), (3, -1)):
    ...     earliest.change(number, sign)
    >>> earliest.number
    7
    """

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def change(self, number: int, sign: int) -> None:
        """Adds (``sign`` 1) or takes (``sign`` -1) a number."""
        count = self._counts.pop(number, 0) + sign
        if count:
            self._counts[number] = count

    @property
    def number(self) -> int | None:
        """The least of all, None if there is none."""
        return min(self._counts, default=None)


class Counted:
    """How many spans ``[begin, end)`` of tiles hold a tile.

    >>> count = Counted()
    >>> count.change([(1, 5), (3, 9), (4, 4)], 1)
    >>> count.steps
    StepFunction(initial=0, steps=[(1, 1), (3, 2), (5, 1), (9, 0)])
    >>> count.change([(3, 9)], -1)
    >>> count.steps
    StepFunction(initial=0, steps=[(1, 1), (5, 0)])
    """

    def __init__(self) -> None:
        self._changes: dict[int, int] = {}
        self._steps = StepFunction(0)
        self._since = NEVER

    def change(self, spans: Iterable[tuple[int, int]], sign: int = 1) -> None:
        """Adds (``sign`` 1) or takes (``sign`` -1) spans; one may last for ever."""
        changes = self._changes
        for begin, end in spans:
            if begin < end:
                changes[begin] = changes.get(begin, 0) + sign
                if end < _NEVER:
                    changes[end] = changes.get(end, 0) - sign
                self._since = min(self._since, begin)

    @property
    def steps(self) -> StepFunction[int]:
        """The count; the same object as before if nothing changed."""
        if self._since < NEVER:
            steps = list(self._steps.before(self._since))
            count = steps[-1][1] if steps else 0
            for tile in sorted(tile for tile in self._changes if tile >= self._since):
                if change := self._changes[tile]:
                    count += change
                    steps.append((tile, count))
                else:
                    del self._changes[tile]
            self._steps, self._since = StepFunction(0, steps), NEVER
        return self._steps


def counted(spans: Iterable[tuple[int, int]]) -> StepFunction[int]:
    """Counts the spans ``[begin, end)`` of tiles that hold a tile; one may last for ever.

    >>> counted([(1, 5), (3, 9), (4, 4)])
    StepFunction(initial=0, steps=[(1, 1), (3, 2), (5, 1), (9, 0)])
    """
    count = Counted()
    count.change(spans)
    return count.steps

"""Step functions of time: a value from tile to tile, functions of them, and their contributions.

What a window saw of one entity is a step function too: read at ``T``, the state now changes where
the entity does, the state at the window's start where that step leaves the window.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar

from aggregates.contributions.cover import Spans
from aggregates.ledger.alike import common
from aggregates.ledger.measure import Deltas, Series
from aggregates.time.tile import NEVER
from aggregates.time.window import Window

V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)

_tile: Final = itemgetter(0)


@dataclass(frozen=True, slots=True)
class StepFunction(Generic[V_co]):
    """A value over time.

    Attributes:
        initial: The value before the first step.
        steps: The tile from which each further value holds, ascending; neighbours differ.
    """

    initial: V_co
    steps: Sequence[tuple[int, V_co]] = ()

    @classmethod
    def of(cls, initial: V, steps: Iterable[tuple[int, V]]) -> "StepFunction[V]":
        """Makes a step function of steps in order; of several at one tile the last counts.

        >>> StepFunction.of(0, [(3, 1), (3, 2), (5, 2), (7, 0)])
        StepFunction(initial=0, steps=[(3, 2), (7, 0)])
        """
        kept: list[tuple[int, V]] = []
        for tile, value in steps:
            if kept and kept[-1][0] == tile:
                kept.pop()
            if value != (kept[-1][1] if kept else initial):
                kept.append((tile, value))
        return StepFunction(initial, kept)

    def view(self, function: Callable[[V_co], V]) -> "StepFunction[V]":
        """Returns a function of the value, without the steps at which it stays the same.

        >>> StepFunction(0, [(3, 5), (7, 6), (8, -1)]).view(lambda value: value > 0)
        StepFunction(initial=False, steps=[(3, True), (8, False)])
        """
        steps = ((tile, function(value)) for tile, value in self.steps)
        return StepFunction.of(function(self.initial), steps)

    def since(self, tile: int) -> "StepFunction[V_co]":
        """Returns the function from a tile on, before which it has the value that it had there.

        >>> StepFunction(0, [(3, 5), (7, 6)]).since(7)
        StepFunction(initial=5, steps=[(7, 6)])
        """
        place = _place(self, tile)
        before = self.steps[place - 1][1] if place else self.initial
        return StepFunction(before, self.steps[place:])

    def before(self, tile: int) -> Sequence[tuple[int, V_co]]:
        """Returns the steps before a tile.

        >>> StepFunction(0, [(3, 5), (7, 6)]).before(7)
        [(3, 5)]
        """
        return self.steps[: _place(self, tile)]

    def between(self, window: Window, function: Callable[[V_co, V_co], V]) -> "StepFunction[V]":
        """Returns a function of the value at a window's start and the value now.

        >>> from aggregates.time.calendar import Calendar
        >>> day = Calendar().windows["1d"]
        >>> StepFunction(0, [(0, 10), (100, 30), (300, 0)]).between(day, min)
        StepFunction(initial=0, steps=[(96, 10), (196, 30), (300, 0)])
        """
        steps = ((tile, function(start, now)) for tile, start, now in self._pieces(window))
        return StepFunction.of(function(self.initial, self.initial), steps)

    def within(
        self, window: Window, function: Callable[[V_co, V_co], V], begin: int, end: int
    ) -> Iterator[tuple[int, V]]:
        """Yields the steps of the same from a tile to another, at the first of them always one.

        >>> from aggregates.time.calendar import Calendar
        >>> day = Calendar().windows["1d"]
        >>> list(StepFunction(0, [(0, 10), (100, 30), (300, 0)]).within(day, min, 150, 300))
        [(150, 10), (196, 30)]
        """
        start = now = self.initial
        since = begin
        for tile, *states in self._pieces(window):
            if tile >= end:
                break
            if tile > begin:
                yield since, function(start, now)
                since = tile
            start, now = states
        yield since, function(start, now)

    def _pieces(self, window: Window) -> Iterator[tuple[int, V_co, V_co]]:
        """Yields each tile at which the start or the present changes, with both."""
        steps = self.steps
        ends = [window.end(tile) for tile, _ in steps]
        start = now = self.initial
        left = entered = 0
        while left < len(steps):  # every step enters before it leaves
            tile = ends[left]
            if entered < len(steps) and steps[entered][0] <= tile:
                tile, now = steps[entered]
                entered += 1
            while left < len(steps) and ends[left] <= tile:
                start = steps[left][1]
                left += 1
            yield tile, start, now


def joined(function: Callable[..., V], *parts: StepFunction[Any]) -> StepFunction[V]:
    """Returns a function of several step functions.

    >>> joined(max, StepFunction(0, [(2, 5)]), StepFunction(1, [(1, 3), (4, 9)]))
    StepFunction(initial=1, steps=[(1, 3), (2, 5), (4, 9)])
    """
    return Joined(function).follow(*parts)[0]


class Joined(Generic[V]):
    """A function of several step functions, computed anew only from where they change."""

    def __init__(self, function: Callable[..., V]) -> None:
        self._function = function
        self._parts: Sequence[StepFunction[Any]] = ()
        self._whole: StepFunction[V] | None = None

    def follow(self, *parts: StepFunction[Any]) -> tuple[StepFunction[V], int]:
        """Returns the function of the parts as they are now, and until when it is as it was.

        >>> largest = Joined(max)
        >>> largest.follow(StepFunction(0, [(2, 5)]), StepFunction(1, [(4, 9)]))
        (StepFunction(initial=1, steps=[(2, 5), (4, 9)]), 0)
        >>> largest.follow(StepFunction(0, [(2, 5), (3, 6)]), StepFunction(1, [(4, 9)]))
        (StepFunction(initial=1, steps=[(2, 5), (3, 6), (4, 9)]), 3)
        """
        since, steps = 0, list[tuple[int, V]]()
        if self._whole is None:
            initial = self._function(*[part.initial for part in parts])
        else:
            since, initial = min(map(_parting, self._parts, parts)), self._whole.initial
            steps = list(self._whole.before(since))
        left = [part.since(since) for part in parts]
        values = [part.initial for part in left]
        changes = [
            (tile, number, value) for number, part in enumerate(left) for tile, value in part.steps
        ]
        changes.sort(key=_tile)
        last = steps[-1][1] if steps else initial
        for tile, group in groupby(changes, key=_tile):
            for _, number, value in group:
                values[number] = value
            now = self._function(*values)
            if now != last:
                steps.append((tile, now))
                last = now
        self._parts, self._whole = parts, StepFunction(initial, steps)
        return self._whole, since


def _place(function: StepFunction[Any], tile: int) -> int:
    """Returns how many steps are before a tile."""
    return bisect_left(function.steps, tile, key=_tile) if tile else 0


def _parting(one: StepFunction[Any], other: StepFunction[Any]) -> int:
    """Returns the tile before which two step functions are equal."""
    if one is other:
        return NEVER
    same = common(one.steps, other.steps)
    return min(
        (part.steps[same][0] for part in (one, other) if same < len(part.steps)), default=NEVER
    )


def where(holds: StepFunction[bool]) -> Spans:
    """Returns the spans in which something holds, from tile 0 on.

    >>> where(StepFunction(False, [(3, True), (9, False), (20, True)])) == [(3, 9), (20, NEVER)]
    True
    """
    steps = [(0, holds.initial), *holds.steps, (NEVER, False)]
    return [(begin, over) for (begin, held), (over, _) in pairwise(steps) if held]


def differences(series: Sequence[Series], amounts: StepFunction[Sequence[int]]) -> Deltas:
    """Yields by how much amounts change at each step, ascending by tile.

    Args:
        series: The series of each amount. A level and the running sum of a flow are alike here.
        amounts: The amounts, all 0 before the first step.

    >>> list(differences([("a",), ("b",)], StepFunction((0, 0), [(3, (2, 0)), (5, (1, 7))])))
    [(('a',), 3, 2), (('a',), 5, -1), (('b',), 5, 7)]
    """
    before = amounts.initial
    for tile, now in amounts.steps:
        for name, amount, old in zip(series, now, before, strict=True):
            if amount != old:
                yield name, tile, amount - old
        before = now

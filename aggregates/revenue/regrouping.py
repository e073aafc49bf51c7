"""Movements as windows see them, also those that begin inside a group of changes.

A group is one movement. A window that begins between two of its changes holds a part of it, which
is a movement of its own: from what the account was as the window began to what it became. So a
movement is never below 0 in any window, and start + movements = end in each.

The running sums of a flow say what a window holds that begins outside of groups. For others the
ledger has what they hold more: measures named ``..._regrouped``, by window. After a day all groups
are over, so rolling windows that begin at one instant hold the same of its group: those of a day
stand for all of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add, sub
from typing import Final, NamedTuple

from aggregates.contributions.steps import StepFunction, differences
from aggregates.ledger.measure import REGROUPED, Contributions, Measure, Series
from aggregates.revenue.movement import Movements
from aggregates.time.window import TO_DATE, Window

Sums = tuple[int, ...]

_WINDOWS: Final = ("1d", *TO_DATE)


class Inside(NamedTuple):
    """An instant at which a group that has changed in several tiles has begun.

    Attributes:
        begin_ms: When the group began, ms of the epoch.
        place: Tiles with changes of the group so far, less the first.
        since: What was seen till now from after each of those tiles, the last one apart.
        rest: What the group will have been, seen from now on, less what running sums make of it.
    """

    begin_ms: int
    place: int
    since: tuple[Sums, ...]
    rest: Sums


class Course(NamedTuple):
    """Sums of movements till an instant.

    Attributes:
        moved: The running sums.
        inside: Where in a group the instant is, if it matters.
    """

    moved: Sums
    inside: Inside | None = None

    def since(self, start: "Course") -> Sums:
        """Returns what a window saw that began at an earlier instant.

        >>> start = Course((100,), Inside(0, 0, (), (100,)))  # what came is lost half an hour later
        >>> Course((0,), Inside(0, 1, ((0,),), (0,))).since(start), Course((0,)).since(start)
        ((0,), (0,))
        """
        begun, now = start.inside, self.inside
        moved = tuple(map(sub, self.moved, start.moved))
        if begun is None:
            return moved
        if now is not None and now.begin_ms == begun.begin_ms:
            return now.since[begun.place] if begun.place < now.place else moved
        return tuple(map(add, moved, begun.rest))

    def more_since(self, start: "Course") -> Sums:
        """Returns what that is more than the difference of the running sums."""
        return tuple(map(sub, map(add, self.since(start), start.moved), self.moved))


def course_of(
    moved: Movements, inside: Inside | None, figures: Callable[[Movements], Sums]
) -> Course:
    """Returns the course of some figures of movements."""
    if inside is None:
        return Course(figures(moved))
    since = tuple(figures(Movements(*sums)) for sums in inside.since)
    rest = figures(Movements(*inside.rest))
    return Course(figures(moved), inside._replace(since=since, rest=rest))


def with_regrouped(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """Returns measures, each that is regrouped with that of what windows hold more."""
    declared = []
    for measure in measures:
        declared.append(measure)
        if measure.regrouped:
            doc = f"What windows that begin inside a group of changes add to {measure.name}."
            name, unit, labels = measure.name + REGROUPED, measure.unit, measure.labels
            declared.append(Measure.windowed(name, doc, _WINDOWS, unit, labels=labels))
    return tuple(declared)


def regrouped(
    names: Sequence[Series], courses: StepFunction[Course], windows: Mapping[str, Sequence[Window]]
) -> Contributions:
    """Yields what windows that begin inside a group hold more than running sums say.

    Args:
        names: The series of each figure of the courses.
        courses: One account.
        windows: The windows of each measure that has some.
    """
    if not any(course.inside for _, course in courses.steps):
        return
    for window in windows[names[0][0] + REGROUPED]:
        series = [(name + REGROUPED, window.name, *labels) for name, *labels in names]
        more = courses.between(window, lambda start, now: now.more_since(start))
        yield from differences(series, more)

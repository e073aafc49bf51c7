"""The usage component: how much of what an account pays for is used, and how often.

Formula: mean of the points of two signals that have data: monthly active users as a share of seats
(``health_seat_share``), and mean daily as a share of monthly active users (``health_stickiness``).
Both are of the 30 whole local days before today, so that the score does not sway within a day.
Stickiness has data from the morning after the first active day on, the share of seats while seats
are known; both are 0 where nobody is active any more. Undefined without data on either.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aggregates.contributions.counts import Followed
from aggregates.contributions.steps import StepFunction
from aggregates.policies.health import HealthPolicy, Thresholds
from aggregates.time.calendar import Calendar

_DAYS: Final = 30
"""Days of a month, as everywhere in usage."""

Numbers = NDArray[np.int64]

_ROOM: Final = 128
"""Days that are kept ready before the first and after the last that is known."""

_START_OF: Final = itemgetter(0)


class ActiveDays(NamedTuple):
    """The active days of a person, and how long of each it is active within a month.

    That is a month, or until the person's next active day, from which that one counts.
    """

    days: Numbers
    lasting: Numbers


def active_days(tiles: Sequence[int], calendar: Calendar) -> ActiveDays | None:
    """Returns the active days of a person, given the first tile of each; None if there are none."""
    if not len(tiles):
        return None
    days = calendar.days_of(np.array(tiles, dtype=np.int64))
    lasting = np.full(len(days), _DAYS)
    np.minimum(days[1:] - days[:-1], _DAYS, out=lasting[:-1])
    return ActiveDays(days, lasting)


class _DayCounts:
    """Changes of two counts by day, and their running sums: active people, and active days.

    Attributes:
        base: The first day that is kept.
        last: The last day on which one of them changes, or that was asked for.
    """

    def __init__(self) -> None:
        self.last = -1
        self.base = 0
        self._changes = np.zeros((2, 0), dtype=np.int64)
        self._sums = self._changes

    def reach(self, first: int, last: int) -> None:
        """Sees to it that the days from the first to the last are kept."""
        end = self.base + self._changes.shape[1]
        if self.last < 0:
            self.base = end = first
        self.last = max(self.last, last)
        before, after = max(0, self.base - first), max(0, last + 1 - end)
        if before or after:
            room = (0, 0), (before and before + _ROOM, after and after + _ROOM)
            self._changes, self._sums = np.pad(self._changes, room), np.pad(self._sums, room)
            self.base -= room[1][0]

    def add(self, parts: Sequence[ActiveDays], sign: int) -> int:
        """Adds (``sign`` 1) or takes (``sign`` -1) active days; returns the first of them."""
        active = (
            parts[0]
            if len(parts) == 1
            else ActiveDays(*map(np.concatenate, zip(*parts, strict=True)))
        )
        first = int(active.days.min())
        self.reach(first, int(active.days.max()) + _DAYS)
        days = active.days - self.base
        people, actives = self._changes
        np.add.at(people, days, sign)
        np.add.at(people, days + active.lasting, -sign)
        np.add.at(actives, days, sign)
        np.add.at(actives, days + _DAYS, -sign)
        return first

    def at(self, day: int) -> tuple[int, int]:
        """Returns the sums of a day, once they were asked for: active people, and active days."""
        place = day - self.base
        if self.last < 0 or not 0 <= place <= self.last - self.base:
            return 0, 0
        people, actives = self._sums[:, place].tolist()
        return people, actives

    def since(self, day: int) -> tuple[Numbers, Numbers]:
        """Returns the sums of each day from one on, before which nothing changed, to the last."""
        place, end = day - self.base, self.last + 1 - self.base
        sums = np.cumsum(self._changes[:, place:], axis=1)
        if place:
            sums += self._sums[:, place - 1 : place]
        self._sums[:, place:] = sums
        return sums[0, : end - place], sums[1, : end - place]


class UsagePoints:
    """The points of one account, which follow its people: made anew from where these changed."""

    def __init__(self, calendar: Calendar, policy: HealthPolicy) -> None:
        """Starts with nobody.

        Args:
            calendar: The calendar of the reporting time zone.
            policy: The policy in force.
        """
        self._calendar = calendar
        self._policy = policy
        self._people = Followed[ActiveDays | None]()
        self._seats: StepFunction[int] = StepFunction(0)
        self._counts = _DayCounts()
        self._points: StepFunction[int | None] = StepFunction(None)

    def follow(
        self, people: Mapping[str, ActiveDays | None], seats: StepFunction[int]
    ) -> StepFunction[int | None]:
        """Returns the points as they are now; the same object if nothing changed.

        Args:
            people: Active days of each person by any name, None without; the same objects as before
                where they did not change.
            seats: Seats of the account; 0 if none are known.
        """
        counts = self._counts
        changed = list(self._exchanged(people))
        if seats is not self._seats:
            self._seats = seats
            if seats.steps:
                days = self._calendar.days_of(np.array([seats.steps[0][0], seats.steps[-1][0]]))
                counts.reach(int(days[0]), int(days[1]))
            changed.append(counts.base)
        if changed and counts.last >= 0:
            uses = [int(active.days[0]) for active in people.values() if active is not None]
            self._points = self._since(min(changed), min(uses, default=counts.last + 1))
        return self._points

    def signals(self, edge: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Returns what the points at a tile edge were made of, once they were followed.

        That is, of the 30 days before the day before the edge: monthly active users and seats, then
        active days and as many as there would be if each of these users had come each day.
        """
        morning = self._calendar.day_of(edge - 1)
        people, active = self._counts.at(morning - 1)
        seats = self._seats.since(self._calendar.day_start(morning)).initial
        return (people, seats), (active, _DAYS * people)

    def _exchanged(self, people: Mapping[str, ActiveDays | None]) -> Iterator[int]:
        """Takes in the people, and yields from which days on they are others."""
        taken: list[ActiveDays] = []
        added: list[ActiveDays] = []
        for old, new in self._people.exchanged(people):
            same = 0 if old is None or new is None else _alike(old, new)
            for active, parts in ((old, taken), (new, added)):
                if active is not None and same < len(active.days):
                    parts.append(ActiveDays(active.days[same:], active.lasting[same:]))
        for parts, sign in ((taken, -1), (added, 1)):
            if parts:
                yield self._counts.add(parts, sign)

    def _since(self, day: int, first_use: int) -> StepFunction[int | None]:
        """Returns the points, those of the mornings after a day and later ones made anew.

        Args:
            day: The day, before which nothing changed.
            first_use: The first active day of all; one that is too late if there is none.
        """
        policy, counts = self._policy, self._counts
        monthly, daily = counts.since(day)
        mornings = np.arange(day + 1, counts.last + 2)  # their figures are of the days before
        edges = self._calendar.day_starts(mornings)
        licensed = _sampled(self._seats, edges)
        begun = mornings > first_use
        signals = (
            (licensed > 0, _points(policy.health_seat_share, monthly, licensed)),
            (begun, _points(policy.health_stickiness, daily, _DAYS * monthly)),
        )
        known = sum(has.astype(np.int64) for has, _ in signals)
        total = sum(np.where(has, points, 0) for has, points in signals)
        mean = np.where(known > 0, total // np.maximum(known, 1), -1)
        changed = np.flatnonzero(np.append(True, mean[1:] != mean[:-1]))
        kept = self._points.steps
        steps = list(kept[: bisect_left(kept, int(edges[0]), key=_START_OF)])
        last = steps[-1][1] if steps else None
        for tile, found in zip(edges[changed].tolist(), mean[changed].tolist(), strict=True):
            value = None if found < 0 else found
            if value != last:
                steps.append((tile, value))
                last = value
        return StepFunction(None, steps)


def _alike(one: ActiveDays, other: ActiveDays) -> int:
    """Returns how many active days are the same from the first on."""
    length = min(len(one.days), len(other.days))
    unlike = (one.days[:length] != other.days[:length]) | (
        one.lasting[:length] != other.lasting[:length]
    )
    return int(unlike.argmax()) if unlike.any() else length


def _sampled(seats: StepFunction[int], edges: Numbers) -> Numbers:
    tiles = [tile for tile, _ in seats.steps]
    values = np.array([seats.initial, *(value for _, value in seats.steps)], dtype=np.int64)
    sampled: Numbers = values[np.searchsorted(tiles, edges, side="left")]
    return sampled


def _points(thresholds: Thresholds, part: Numbers, whole: Numbers) -> Numbers:
    """Returns the points of each share; that of nothing is 0."""
    shares = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return thresholds.points(shares)

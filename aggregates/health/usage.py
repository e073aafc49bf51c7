"""The usage component: how much of what an account pays for is used, and how often.

Formula: mean of the points of two signals that have data: monthly active users as a share of seats
(``health_seat_share``), and mean daily as a share of monthly active users (``health_stickiness``).
Both are of the 30 whole local days before today, so that the score does not sway within a day.
Stickiness has data from the morning after the first active day on, the share of seats while seats
are known; both are 0 where nobody is active any more. Undefined without data on either.
"""

from array import array
from bisect import bisect_left
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aggregates.contributions.counts import Earliest
from aggregates.contributions.steps import StepFunction
from aggregates.ledger.alike import common
from aggregates.policies.health import HealthPolicy, Thresholds
from aggregates.time.calendar import Calendar
from aggregates.time.tile import NEVER

_DAYS: Final = 30
"""Days of a month, as everywhere in usage."""

Numbers = NDArray[np.int64]

_ROOM: Final = 128
"""Days that are kept ready before the first and after the last that is known."""

_NONE: Final = array("I")

_START_OF: Final = itemgetter(0)


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

    def add(self, days: Numbers, lasting: Numbers, signs: Numbers) -> None:
        """Adds (sign 1) or takes (sign -1) active days, each with how long it lasts."""
        self.reach(int(days.min()), int(days.max()) + _DAYS)
        days = days - self.base
        people, actives = self._changes
        np.add.at(people, days, signs)
        np.add.at(people, days + lasting, -signs)
        np.add.at(actives, days, signs)
        np.add.at(actives, days + _DAYS, -signs)

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
        self._first_use = Earliest()
        self._exchanged: list[tuple[array[int], int, int]] = []
        self._seats: StepFunction[int] = StepFunction(0)
        self._counts = _DayCounts()
        self._points: StepFunction[int | None] = StepFunction(None)

    def exchange(self, old: "array[int] | None", new: "array[int] | None") -> None:
        """Takes the active days of a person, as the first tile of each, in place of older ones.

        They are not to change any more. None is for nobody.
        """
        before, now = old or _NONE, new or _NONE
        if before == now:
            return
        same = common(before, now)
        for tiles, sign in ((before, -1), (now, 1)):
            if tiles:
                self._first_use.change(tiles[0], sign)
                self._exchanged.append((tiles[max(same - 1, 0) :], min(same, 1), sign))

    def steps(self, seats: StepFunction[int]) -> StepFunction[int | None]:
        """Returns the points as they are now; the same object if nothing changed.

        Args:
            seats: Seats of the account; 0 if none are known.
        """
        counts = self._counts
        changed = self._taken_in()
        if seats is not self._seats:
            self._seats = seats
            if seats.steps:
                days = self._calendar.days_of(np.array([seats.steps[0][0], seats.steps[-1][0]]))
                counts.reach(int(days[0]), int(days[1]))
            changed = counts.base
        if changed is not None and counts.last >= 0:
            self._points = self._since(changed)
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

    def _taken_in(self) -> int | None:
        """Takes in what was exchanged, and returns from which day on that changes anything.

        A day lasts for a month, or until the person's next active day, from which that one counts.
        """
        exchanged, self._exchanged = self._exchanged, []
        if not exchanged:
            return None
        parts, known, signs = zip(*exchanged, strict=True)
        lengths = [len(part) for part in parts]
        ends = np.cumsum(lengths)
        tiles = np.frombuffer(b"".join(parts), dtype=np.uint32)
        days = self._calendar.days_of(tiles.astype(np.int64))
        lasting = np.full(len(days), _DAYS)
        np.minimum(days[1:] - days[:-1], _DAYS, out=lasting[:-1])
        lasting[ends - 1] = _DAYS
        self._counts.add(days, lasting, np.repeat(signs, lengths))
        firsts = ends - lengths + known
        return int(days[firsts[firsts < ends]].min())

    def _since(self, day: int) -> StepFunction[int | None]:
        """Returns the points, those of the mornings after a day and later ones made anew.

        Before that day nothing changed.
        """
        policy, counts = self._policy, self._counts
        monthly, daily = counts.since(day)
        mornings = np.arange(day + 1, counts.last + 2)  # their figures are of the days before
        edges = self._calendar.day_starts(mornings)
        licensed = _sampled(self._seats, edges)
        first_use = self._first_use.number
        begun = mornings > (NEVER if first_use is None else self._calendar.day_of(first_use))
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


def _sampled(seats: StepFunction[int], edges: Numbers) -> Numbers:
    tiles = [tile for tile, _ in seats.steps]
    values = np.array([seats.initial, *(value for _, value in seats.steps)], dtype=np.int64)
    sampled: Numbers = values[np.searchsorted(tiles, edges, side="left")]
    return sampled


def _points(thresholds: Thresholds, part: Numbers, whole: Numbers) -> Numbers:
    """Returns the points of each share; that of nothing is 0."""
    shares = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return thresholds.points(shares)

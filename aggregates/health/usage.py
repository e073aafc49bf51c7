"""The usage component: how much of what an account pays for is used, and how often.

Formula: mean of the points of two signals that have data: monthly active users as a share of seats
(``health_seat_share``), and mean daily as a share of monthly active users (``health_stickiness``).
Both are of the 30 whole local days before today, so that the score does not sway within a day.
Stickiness has data from the morning after the first active day on, the share of seats while seats
are known; both are 0 where nobody is active any more. Undefined without data on either.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aggregates.contributions.steps import StepFunction
from aggregates.policies.health import HealthPolicy, Thresholds
from aggregates.time.calendar import Calendar

_DAYS: Final = 30
"""Days of a month, as everywhere in usage."""

Numbers = NDArray[np.int64]

_NOBODY: Final = (np.empty(0, dtype=np.int64),) * 2


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


def usage(
    people: Iterable[ActiveDays],
    seats: StepFunction[int],
    calendar: Calendar,
    policy: HealthPolicy,
) -> StepFunction[int | None]:
    """Returns the points of an account.

    Args:
        people: Active days of each person.
        seats: Seats of the account; 0 if none are known.
        calendar: The calendar of the reporting time zone.
        policy: The policy in force.
    """
    use_days, lasting = map(_concatenated, zip(_NOBODY, *people, strict=True))
    set_days = calendar.days_of(np.array([tile for tile, _ in seats.steps], dtype=np.int64))
    known_days = np.concatenate((use_days, set_days))
    if not len(known_days):
        return StepFunction(None)
    first = int(known_days.min())
    last = max([int(part.max()) for part in (use_days + _DAYS, set_days) if len(part)])
    mornings = np.arange(first + 1, last + 2)  # figures of a morning are of the days before it
    monthly, daily = _active(use_days - first, lasting, len(mornings))
    edges = calendar.day_starts(mornings)
    begun = mornings > (use_days.min() if len(use_days) else last + 1)
    licensed = _sampled(seats, edges)
    signals = (
        (licensed > 0, _points(policy.health_seat_share, monthly, licensed)),
        (begun, _points(policy.health_stickiness, daily, _DAYS * monthly)),
    )
    known = sum(has.astype(np.int64) for has, _ in signals)
    total = sum(np.where(has, points, 0) for has, points in signals)
    mean = np.where(known > 0, total // np.maximum(known, 1), -1)
    changed = np.flatnonzero(np.diff(mean, prepend=-1))
    values = [None if mean[place] < 0 else int(mean[place]) for place in changed]
    return StepFunction.of(None, zip(edges[changed].tolist(), values, strict=True))


def _concatenated(parts: Sequence[Numbers]) -> Numbers:
    return np.concatenate(parts)


def _active(days: Numbers, lasting: Numbers, length: int) -> tuple[Numbers, Numbers]:
    """Returns active people and active days of each morning, from the one after day 0 on."""

    def counted(ends: Numbers) -> Numbers:
        size = length + _DAYS + 1
        changes = np.bincount(days, minlength=size) - np.bincount(ends, minlength=size)
        return np.cumsum(changes)[:length]

    return counted(days + lasting), counted(days + _DAYS)


def _sampled(seats: StepFunction[int], edges: Numbers) -> Numbers:
    tiles = [tile for tile, _ in seats.steps]
    values = np.array([seats.initial, *(value for _, value in seats.steps)], dtype=np.int64)
    sampled: Numbers = values[np.searchsorted(tiles, edges, side="left")]
    return sampled


def _points(thresholds: Thresholds, part: Numbers, whole: Numbers) -> Numbers:
    """Returns the points of each share; that of nothing is 0."""
    shares = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return thresholds.points(shares)

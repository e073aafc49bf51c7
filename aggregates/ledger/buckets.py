"""Logarithmic buckets of durations, with integer bounds: one duration, one bucket, everywhere.

Between the anchors, which are the ``le`` bounds that a histogram shows, bounds grow by at most 1 %.
A bucket keeps the number of its durations and their sum; a quantile is read as their mean. So it
lies between the smallest and the largest of them, is within 1 % of the exact one, and is exact
where the durations of a bucket are equal.
"""

from bisect import bisect_left
from math import ceil, log
from typing import Final

from aggregates.ledger.measure import SUM

_SECOND: Final = 1_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR

ANCHORS: Final = (
    *(_SECOND, 10 * _SECOND, 30 * _SECOND),
    *(_MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE),
    *(_HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR),
    *(_DAY, 2 * _DAY, 3 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY, 90 * _DAY, 365 * _DAY),
)
"""Durations in ms that are bounds exactly: the ``le`` values of histograms."""

_LONGEST: Final = 20 * 365 * _DAY
"""Longer durations share the last bucket; nothing in customer success lasts longer."""

_RATIO: Final = 1.01


def _bounds() -> tuple[int, ...]:
    bounds = list(range(ANCHORS[0] + 1))  # steps of 1 ms up to a second
    for upper in (*ANCHORS, _LONGEST):
        lower = bounds[-1]
        steps = ceil(log(upper / lower) / log(_RATIO))
        bounds += [ceil(lower * (upper / lower) ** (i / steps)) for i in range(1, steps)]
        bounds.append(upper)
    return tuple(dict.fromkeys(bounds))


BOUNDS: Final = _bounds()
"""Inclusive upper bounds in ms, ascending; bucket ``i`` holds ``(BOUNDS[i - 1], BOUNDS[i]]``."""


def bucket_of(duration_ms: int) -> int:
    """Returns the index of the bucket that holds a duration; negative durations count as 0.

    >>> BOUNDS[bucket_of(3_600_000)], bucket_of(0)
    (3600000, 0)
    """
    return min(bisect_left(BOUNDS, max(duration_ms, 0)), len(BOUNDS) - 1)


def kept_as(duration_ms: int) -> tuple[tuple[str, int], tuple[str, int]]:
    """Returns the two last labels under which a measure keeps a duration, with what it adds there.

    >>> kept_as(7)
    (('7', 1), ('7ms', 7))
    """
    bucket = str(bucket_of(duration_ms))
    return (bucket, 1), (f"{bucket}{SUM}", duration_ms)

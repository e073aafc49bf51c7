"""Durations as a reading has them: a histogram at each edge, and the quantiles of it."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from aggregates.formula.values import Floats, LabelKey
from aggregates.ledger.in_rows import Indices
from aggregates.ledger.integers import Integers, as_floats


@dataclass(frozen=True, slots=True, eq=False)
class Durations:
    """The durations of one combination of label values, by columns as in ``Values``.

    Attributes:
        key: The label values.
        buckets: Indices of the buckets that were ever used, ascending.
        counts: Durations in each bucket, buckets by columns.
        bucket_sums_ms: Sum of the durations in each bucket, likewise.
        since: The tile of the first movement in each segment.
    """

    key: LabelKey
    buckets: Indices
    counts: NDArray[np.int64]
    bucket_sums_ms: Integers
    since: NDArray[np.int64]

    @property
    def sums_ms(self) -> Integers:
        """Sum of the durations."""
        sums: Integers = self.bucket_sums_ms.sum(axis=0)
        return sums


def nearest_rank(durations: Durations, share: Fraction) -> Floats:
    """Returns the mean of the bucket at rank ``ceil(share * count)``; NaN where the count is 0."""
    running = np.cumsum(durations.counts, axis=0)
    if not len(running):
        return np.full(running.shape[1], np.nan)
    count = running[-1]
    rank = -(-count * share.numerator // share.denominator)
    index = np.minimum((running < rank).sum(axis=0), len(running) - 1)
    at = index, np.arange(running.shape[1])
    means = np.full(running.shape[1], np.nan)
    counts = durations.counts[at]
    sums = as_floats(durations.bucket_sums_ms[at])
    np.divide(sums, counts, out=means, where=(count > 0) & (counts > 0))
    return means

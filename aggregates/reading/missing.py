"""Missing values: why a series has none at an edge, counted by reason."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

import numpy as np

from aggregates.reading.table import Result


class Reason(StrEnum):
    """Why there is no value."""

    UNDEFINED = "undefined"
    """Nothing to divide by, nothing measured yet, or no setting in force."""
    TOO_LARGE = "too_large"
    """Beyond the range of floats, some 10^308."""


def missing(results: Iterable[Result]) -> dict[Reason, Counter[str]]:
    """Counts the values that are missing of results at the same edges, by reason and KPI."""
    found: dict[Reason, Counter[str]] = {reason: Counter() for reason in Reason}
    every = list(results)
    values = np.array([result.values for result in every])
    for reason, test in ((Reason.UNDEFINED, np.isnan), (Reason.TOO_LARGE, np.isinf)):
        for place in np.nonzero(test(values))[0].tolist():
            found[reason][every[place].kpi.id] += 1
    return found

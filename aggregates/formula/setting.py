"""Settings in formulas: the policies that are numbers, some of which change over time."""

from bisect import bisect_left
from fractions import Fraction
from functools import lru_cache
from math import nan
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from aggregates.formula.values import Edges
from aggregates.policies.dated import Dated
from aggregates.policies.policy import Policy
from aggregates.time.tile import edge_ms
from events import parse_instant

_NUMBERS: Final = (int, float, Fraction)


def _is_dated(annotation: Any) -> bool:
    of = get_args(annotation)
    return bool(of) and isinstance(of[0], type) and issubclass(of[0], Dated)


SETTING_NAMES: Final = tuple(
    name
    for name, policy in Policy.model_fields.items()
    if policy.annotation in _NUMBERS or _is_dated(policy.annotation)
)
"""Names of the policies that a formula may read."""


def setting_values(policy: Policy, name: str, edges: Edges) -> NDArray[np.float64]:
    """Returns a policy's value at each edge; NaN where none holds yet.

    A value that holds from the very edge on is that of the time after it, and not read there.

    >>> setting_values(Policy(), "gross_margin", np.array([2_000_000])).tolist()
    [0.8]
    """
    value = getattr(policy, name)
    if isinstance(value, _NUMBERS):
        return np.full(len(edges), float(value))
    since, values = _dated(value)
    return np.array([values[bisect_left(since, edge_ms(int(edge)))] for edge in edges])


@lru_cache(maxsize=64)
def _dated(each: tuple[Dated, ...]) -> tuple[list[int], list[float]]:
    """The beginnings of values, ms of the epoch, and the value before each and after all."""
    dated = sorted((parse_instant(one.valid_from), float(one.value)) for one in each)
    return [at_ms for at_ms, _ in dated], [nan, *(value for _, value in dated)]

"""The sessions of a user: when each ended and how long it took, in 16 bytes a session.

Sessions are a quarter of all records and are kept for ever, so they lie in an array: first the
names of all, ascending, then the value of each.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aggregates.ledger.measure import Column

_DURATION_BITS: Final = 32
"""A session's end, in s, and its duration, in ms, share one unsigned 64-bit integer: the year 2106
and 49 days are the most they can say."""

DURATION_MS_MAX: Final = (1 << _DURATION_BITS) - 1
"""The longest duration that is kept of a session."""


class Sessions:
    """Values of sessions by name, both unsigned integers of 64 bits.

    >>> sessions = Sessions([(7, 20)])
    >>> sessions.put(3, 10)
    >>> sessions.put(7, 30)
    >>> list(sessions.items()), sessions.get(7), sessions.get(5), len(sessions)
    ([(3, 10), (7, 30)], 30, None, 2)
    """

    __slots__ = ("_kept",)

    def __init__(self, values: Iterable[tuple[int, int]] = ()) -> None:
        """Takes names and values, each name once."""
        ordered = sorted(values)
        self._kept = array("Q", [name for name, _ in ordered])
        self._kept.extend([value for _, value in ordered])

    def __len__(self) -> int:
        return len(self._kept) // 2

    def get(self, name: int) -> int | None:
        """Returns the value under a name, or None."""
        kept, count = self._kept, len(self)
        place = bisect_left(kept, name, 0, count)
        return kept[count + place] if place < count and kept[place] == name else None

    def put(self, name: int, value: int) -> None:
        """Keeps a value under a name, instead of the one that is there."""
        kept, count = self._kept, len(self)
        place = bisect_left(kept, name, 0, count)
        if place < count and kept[place] == name:
            kept[count + place] = value
        else:
            kept.insert(count + place, value)
            kept.insert(place, name)

    def items(self) -> Iterator[tuple[int, int]]:
        """Returns names and values, by name."""
        count = len(self)
        return zip(self._kept[:count], self._kept[count:], strict=True)

    def values(self) -> NDArray[np.uint64]:
        """Returns the values, by name."""
        return np.array(self._kept[len(self) :], dtype=np.uint64)


def united(parts: Sequence[Sessions]) -> Sessions:
    """Returns the sessions of several; of a name that more than one has the greater value."""
    if len(parts) == 1:
        return parts[0]
    values: dict[int, int] = {}
    for part in parts:
        for name, value in part.items():
            values[name] = max(value, values.get(name, value))
    return Sessions(values.items())


def session_key(session_id: str) -> int:
    """Returns the 64-bit hash under which a session is filed."""
    return int.from_bytes(blake2b(session_id.encode(), digest_size=8).digest(), "big")


def session_value(end_ms: int, duration_ms: int) -> int:
    """Packs end and duration (both ms) of a session so that the later, longer one is greater."""
    return end_ms // 1000 << _DURATION_BITS | min(duration_ms, DURATION_MS_MAX)


def session_parts(value: int) -> tuple[int, int]:
    """Returns end (to the second) and duration, both in ms, of a packed session."""
    return (value >> _DURATION_BITS) * 1000, value & DURATION_MS_MAX


def sessions_apart(values: NDArray[np.uint64]) -> tuple[Column, Column]:
    """Returns ends and durations of packed sessions, as ``session_parts`` does of each."""
    ends_s, durations_ms = values >> _DURATION_BITS, values & DURATION_MS_MAX
    return ends_s.astype(np.int64) * 1000, durations_ms.astype(np.int64)

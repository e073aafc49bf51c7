"""Retention: how long a Prometheus keeps samples, and so how far back a backfill may reach."""

import re
from typing import Final

_UNITS_S: Final = {
    "y": 365 * 86_400,
    "w": 7 * 86_400,
    "d": 86_400,
    "h": 3_600,
    "m": 60,
    "s": 1,
}

_TIME: Final = re.compile(r"(?:\d+[ywdhms])+")
_PART: Final = re.compile(r"(\d+)([ywdhms])")


def retention_s(text: str) -> int | None:
    """Reads what Prometheus says of its retention; None if it is not by time.

    >>> retention_s("15d"), retention_s("1y2d or 10GiB"), retention_s("10GiB")
    (1296000, 31708800, None)
    """
    first = text.split(" ")[0]
    if not _TIME.fullmatch(first):
        return None
    return sum(int(count) * _UNITS_S[unit] for count, unit in _PART.findall(first))

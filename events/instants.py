"""Many instants at once: the timestamps of a run, which a producer writes all in one form.

Their digits are read column by column, in a fifth of the time that `parse_instant` takes for each
text. What it cannot read this way is left to that function, which alone says what an instant is.
"""

import re
from collections.abc import Sequence
from typing import Final

from events.instant import BAND_END_MS, BAND_START_MS, parse_instant

ALIKE_MIN: Final = 256
"""Fewer texts are read one by one: for them the first step would cost more than all the rest."""

_FORM = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DIGITS: Final = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
"""Places of the digits of date and clock, those of the date first."""
_DATE_DIGITS: Final = 8
_FRACTION_AT: Final = 20
"""Place of the first digit of a fraction."""

# What each digit stands for: in the number of the date, such as 20260201, and in ms of the clock,
# where of a fraction the first three count. Floats are exact here, and multiplied faster.
_DATE_WORTH: Final = [*(10.0**power for power in range(7, -1, -1)), *[0.0] * 15]
_CLOCK_WORTH: Final = [36e6, 36e5, 6e5, 6e4, 1e4, 1e3, 1e2, 1e1, 1e0]
_WORTH: Final = (_DATE_WORTH, [*[0.0] * _DATE_DIGITS, *_CLOCK_WORTH, *[0.0] * 6])


def parse_instants(texts: Sequence[str]) -> list[int | None]:
    """Read RFC 3339 timestamps as milliseconds since the epoch.

    Args:
        texts: Each as `parse_instant` takes it.

    Returns:
        What `parse_instant` returns for each text, or None where it raises.

    >>> parse_instants(["2026-02-01T00:00:00Z", "yesterday"])
    [1769904000000, None]
    """
    found = _parse_alike(texts) if len(texts) >= ALIKE_MIN else None
    return [_parse(text) for text in texts] if found is None else found


def _parse(text: str) -> int | None:
    try:
        return parse_instant(text)
    except ValueError:
        return None


def _parse_alike(texts: Sequence[str]) -> list[int | None] | None:
    """Read texts that have the form and the offset of the first; None if one does not fit."""
    import numpy as np  # a sixth of a second, which those who read few at a time need not wait for

    form = _FORM.fullmatch(texts[0])
    lines = "\n".join((*texts, ""))
    if form is None or len(lines) != len(texts) * (form.end() + 1) or not lines.isascii():
        return None
    codes = np.frombuffer(lines.encode(), dtype=np.uint8).reshape(len(texts), -1)
    places = [*_DIGITS, *range(_FRACTION_AT, form.end(1))]
    digits = codes[:, places] - ord("0")  # what comes before "0" wraps around, and is above 9
    others = np.delete(codes, places, axis=1)  # the line's end among them: all are of one length
    if digits.max() > 9 or (others != others[0]).any():
        return None
    hours = digits[:, 8] * 10 + digits[:, 9]
    if hours.max() > 23 or digits[:, [10, 12]].max() > 5:
        return None
    dates, clock_ms = (digits @ np.array(_WORTH).T[: len(places)]).T
    _, first, which = np.unique(dates, return_index=True, return_inverse=True)
    days_ms = [_parse(texts[place][:10] + "T00:00:00Z") for place in first]
    start_ms = _parse(texts[0])
    if start_ms is None or None in days_ms:
        return None
    local_ms = np.array(days_ms, dtype=np.int64)[which] + clock_ms.astype(np.int64)
    found = local_ms + (start_ms - local_ms[0])  # what the offset makes is the same for all
    if found.min() < BAND_START_MS or found.max() >= BAND_END_MS:
        return None
    instants: list[int | None] = found.tolist()
    return instants

"""Quantities in words: numbers and durations as people write them, whatever they are of."""

from typing import Final

NARROW_SPACE: Final = "\N{NARROW NO-BREAK SPACE}"
"""Between a figure and its unit, which stay on one line."""

_SPANS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def number(size: float, decimals: int) -> str:
    """Writes a number with thousands and so many decimals.

    >>> number(1234567.891, 1)
    '1,234,567.9'
    """
    return f"{size:,.{decimals}f}"


def duration(seconds: float) -> str:
    """Writes a duration in its two largest units.

    >>> [duration(s).replace(NARROW_SPACE, " ") for s in (0, 7.25, 59.7, 90, 7200, 93_900)]
    ['0 s', '7.2 s', '1 min', '1 min 30 s', '2 h', '1 d 2 h']
    """
    if 0 < seconds < 10:
        return f"{seconds:.1f}{NARROW_SPACE}s"
    rest = round(seconds)
    parts: list[str] = []
    for size, name in _SPANS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{number(count, 0)}{NARROW_SPACE}{name}" if count else "")
    return " ".join(filter(None, parts[:2])) or f"0{NARROW_SPACE}s"

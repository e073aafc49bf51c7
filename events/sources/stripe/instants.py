"""Stripe's instants, whole seconds of the epoch, as RFC 3339."""

from functools import lru_cache
from typing import Final

from events.instant import BAND_END_MS, BAND_START_MS, format_instant
from events.sources.source import GapError

_SECOND_MS: Final = 1_000
_DAY_S: Final = 86_400


def instant(seconds: int) -> str:
    """Returns an instant as text.

    Raises:
        GapError: If it lies outside of the years in which events are taken.

    >>> instant(1_770_000_000)
    '2026-02-02T02:40:00Z'
    """
    if not BAND_START_MS <= seconds * _SECOND_MS < BAND_END_MS:
        raise GapError("instant_out_of_band", "instants in the years 2000 to 2099")
    return _date(seconds // _DAY_S) + _time(seconds % _DAY_S)


@lru_cache(maxsize=16_384)
def _date(days: int) -> str:
    return format_instant(days * _DAY_S * _SECOND_MS).partition("T")[0]


@lru_cache(maxsize=_DAY_S)
def _time(seconds: int) -> str:
    return "T" + format_instant(seconds * _SECOND_MS).partition("T")[2]

"""Stripe's instants, whole seconds of the epoch, as RFC 3339."""

from functools import lru_cache
from typing import Final

from events.instant import BAND_END_MS, BAND_START_MS, format_instant
from events.sources.source import GapError

_SECOND_MS: Final = 1_000
_MINUTE_S: Final = 60
_DAY_S: Final = 86_400


_INSTANTS_MAX: Final = 16_384
"""Instants whose text is remembered: a term is told again with each change in it."""


@lru_cache(_INSTANTS_MAX)
def instant(seconds: int) -> str:
    """Returns an instant as text.

    Raises:
        GapError: If it lies outside of the years in which events are taken.

    >>> instant(1_770_000_000)
    '2026-02-02T02:40:00Z'
    """
    if not BAND_START_MS <= seconds * _SECOND_MS < BAND_END_MS:
        raise GapError("instant_out_of_band", "instants in the years 2000 to 2099")
    days, second = divmod(seconds, _DAY_S)
    minute, second = divmod(second, _MINUTE_S)
    return f"{_date(days)}{_minute(minute)}{second:02}Z"


@lru_cache(_INSTANTS_MAX)
def _date(days: int) -> str:
    return format_instant(days * _DAY_S * _SECOND_MS)[: len("2026-02-02T")]


@lru_cache(_DAY_S // _MINUTE_S)
def _minute(minutes: int) -> str:
    return format_instant(minutes * _MINUTE_S * _SECOND_MS)[len("1970-01-01T") : -len("00Z")]

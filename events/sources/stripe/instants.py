"""Stripe's instants, whole seconds of the epoch, as RFC 3339."""

from functools import lru_cache
from typing import Final

from events.instant import BAND_END_MS, BAND_START_MS, format_instant
from events.sources.source import GapError

_SECOND_MS: Final = 1_000
_MINUTE_S: Final = 60
_DAY_MINUTES: Final = 1_440
_DAY_MS: Final = _DAY_MINUTES * _MINUTE_S * _SECOND_MS

_BAND_START_S: Final = BAND_START_MS // _SECOND_MS
_BAND_END_S: Final = BAND_END_MS // _SECOND_MS
_DATES_MAX: Final = (BAND_END_MS - BAND_START_MS) // _DAY_MS
"""All dates that there are."""

_INSTANTS_MAX: Final = 16_384
"""Instants whose text is remembered: an event names most of its own several times."""

_MINUTES: Final = tuple(f"T{at // _MINUTE_S:02}:{at % _MINUTE_S:02}" for at in range(_DAY_MINUTES))
_SECONDS: Final = tuple(f":{at:02}Z" for at in range(_MINUTE_S))


@lru_cache(_INSTANTS_MAX)
def instant(seconds: int) -> str:
    """Returns an instant as text.

    Raises:
        GapError: If it lies outside of the years in which events are taken.

    >>> instant(1_770_000_000)
    '2026-02-02T02:40:00Z'
    """
    if not _BAND_START_S <= seconds < _BAND_END_S:
        raise GapError("instant_out_of_band", "instants in the years 2000 to 2099")
    minutes, second = divmod(seconds, _MINUTE_S)
    days, minute = divmod(minutes, _DAY_MINUTES)
    return f"{_date(days)}{_MINUTES[minute]}{_SECONDS[second]}"


@lru_cache(_DATES_MAX)
def _date(days: int) -> str:
    return format_instant(days * _DAY_MS).partition("T")[0]

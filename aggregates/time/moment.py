"""Moments as people type them: what ``--at``, ``--from``, ``--to`` and ``--until`` take.

The one grammar for all commands, and for the queries of the API. A date or a time without an offset
is of the clock of the reporting time zone (the setting ``timezone``).
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from events import format_instant, parse_instant
from events.errors import TidemarkError
from events.instant import InstantOutOfBandError
from events.zone import zone

EXAMPLES: Final = (
    "now, today, yesterday, 2026-02, 2026-02-01, 2026-02-01T10:00, 2026-02-01T10:00:00Z, -30d, "
    "'2 weeks ago'"
)
"""One for each form that is taken."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)

_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": _DAY,
    "w": 7 * _DAY,
}
"""By the first letter of their names. A day here is 24 hours."""

_AGO: Final = re.compile(
    r"-(?P<short>\d{1,5})(?P<letter>[mhdw])"
    r"|(?P<long>\d{1,5}) ?(?P<name>minute|hour|day|week)s? ago",
    re.ASCII,
)
_LOCAL: Final = re.compile(
    r"(?P<month>\d{4}-\d\d)(?P<day>-\d\d)?(?:(?<=-\d\d-\d\d)[T ](?P<time>\d\d:\d\d(?::\d\d)?))?",
    re.ASCII,
)


class MomentError(TidemarkError):
    """A text is no moment, or not exactly one."""


class Moments:
    """Reads moments by the clock of a time zone, seen from one instant.

    >>> berlin = Moments("Europe/Berlin", 1_769_904_000_000)  # 2026-02-01T00:00:00Z
    >>> [format_instant(berlin.read("--at", text)) for text in ("today", "2026-02", "-90m")]
    ['2026-01-31T23:00:00Z', '2026-01-31T23:00:00Z', '2026-01-31T22:30:00Z']
    """

    def __init__(self, timezone: str, now_ms: int) -> None:
        """Takes an IANA time zone, and the instant that is now, in ms of the epoch.

        Raises:
            UnknownZoneError: If there is no such time zone.
        """
        self._zone = zone(timezone)
        self._now = _EPOCH + now_ms * _MS

    def read(self, option: str, text: str) -> int:
        """Returns the instant that is meant by a text, in ms of the epoch.

        Args:
            option: The option that it was given to, for the error.
            text: One of the forms of ``EXAMPLES``.

        Raises:
            MomentError: If it is none, or no instant of 2000 to 2099, or the local clock shows it
                twice or never.
        """
        try:
            moment = self._moment(text.strip())
            # The one definition of what an instant may be has the last word.
            return parse_instant(text.strip() if moment is None else format_instant(_ms_of(moment)))
        except InstantOutOfBandError as error:
            raise MomentError(f"{option} {text!r}: {error}") from error
        except (ValueError, OverflowError) as error:
            raise MomentError(f"{option} {text!r} is no time: give {EXAMPLES}") from error

    def _moment(self, text: str) -> datetime | None:
        """Returns the moment of a text in a form of our own; None for all others."""
        if (ago := _AGO.fullmatch(text)) is not None:
            unit = _UNITS[(ago["letter"] or ago["name"])[0]]
            return self._now - int(ago["short"] or ago["long"]) * unit
        if (local := _LOCAL.fullmatch(text)) is not None:
            day = date.fromisoformat(local["month"] + (local["day"] or "-01"))
            return self._local(day, text, local["time"])
        today = self._now.astimezone(self._zone).date()
        match text:
            case "now":
                return self._now
            case "today":
                return self._local(today, text)
            case "yesterday":
                return self._local(today - _DAY, text)
            case _:
                return None

    def _local(self, day: date, text: str, clock: str | None = None) -> datetime:
        """Returns when the local clock shows a time of a day, by itself its beginning."""
        if clock is None:  # where midnight is skipped, the day begins when the clock has gone on
            return datetime.combine(day, time(), self._zone)
        shown = datetime.combine(day, time.fromisoformat(clock), self._zone)
        if shown.utcoffset() != shown.replace(fold=1).utcoffset():
            raise MomentError(
                f"{text!r}: the clocks of {self._zone.key} change then; give it with an offset, as "
                "in 2026-02-01T10:00:00+01:00"
            )
        return shown


def _ms_of(moment: datetime) -> int:
    return (moment - _EPOCH) // _MS

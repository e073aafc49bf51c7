"""Times that are given to commands, read by the clock of the settings."""

from aggregates.time.moment import Moments
from events.zone import UnknownZoneError
from streams.clock import now_ms
from streams.settings import Settings, SettingsError, place_of


def moments_of(settings: Settings) -> Moments:
    """Returns what reads times by the clock of the settings, seen from now.

    Raises:
        SettingsError: If there is no such time zone.
    """
    try:
        return Moments(settings.timezone, now_ms())
    except UnknownZoneError as error:
        raise SettingsError(f"{place_of(settings, 'timezone')}: {error}") from error

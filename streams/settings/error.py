"""The error of everything that is wrong with a setting."""

from events.errors import TidemarkError


class SettingsError(TidemarkError):
    """A setting is wrong; the message names it and where it stands."""

"""Settings: ``tidemark.toml`` in the working directory, overridden by ``TIDEMARK_*`` variables."""

from streams.settings.environment import NOT_SETTINGS
from streams.settings.error import SettingsError
from streams.settings.loading import check_variables, load_settings, place_of, unknown_variables
from streams.settings.model import Settings
from streams.variables import PREFIX

__all__ = [
    "NOT_SETTINGS",
    "PREFIX",
    "Settings",
    "SettingsError",
    "check_variables",
    "load_settings",
    "place_of",
    "unknown_variables",
]

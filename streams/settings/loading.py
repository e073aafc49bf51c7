"""Reading the settings, and refusing wrong ones."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from streams.settings.environment import Environment, unknown_among
from streams.settings.error import SettingsError
from streams.settings.faults import faults
from streams.settings.file import FILE, read_file
from streams.settings.model import Settings
from streams.settings.origins import Origins
from streams.variables import settings_of


def load_settings(**given: object) -> Settings:
    """Reads the settings.

    Args:
        **given: Settings given on the command line; ``None`` is not given.

    Raises:
        SettingsError: If a setting is wrong or unknown; with a line for each.
    """
    arguments = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**arguments)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(faults(error, read_origins(**arguments)))) from None


def read_origins(**arguments: object) -> Origins:
    """Reads who gives which setting, in the working directory and environment.

    Args:
        **arguments: Settings given on the command line.

    Raises:
        SettingsError: If the file is no TOML, or a variable no JSON.
    """
    path = Path(FILE)
    return Origins(
        arguments,
        Environment(Settings)(),
        {name: variable for variable, name in settings_of(os.environ).items()},
        read_file(path) if path.is_file() else None,
    )


def place_of(settings: Settings, name: str) -> str:
    """Returns where a setting stands, as an error on it begins.

    Args:
        settings: Those in force, in which it may come from the command line.
        name: Of the setting.
    """
    try:
        read = load_settings()
    except SettingsError:
        return f"settings: {name}"
    if getattr(read, name) != getattr(settings, name):
        return f"settings: {name}"
    return read_origins().place((name,))


def unknown_variables(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns the ``TIDEMARK_...`` variables that are no settings, each with what may be meant.

    >>> unknown_variables({"TIDEMARK_TIMEZON": "UTC", "TIDEMARK_PORT": "9108", "HOME": "/"})
    {'TIDEMARK_TIMEZON': ['TIDEMARK_TIMEZONE']}
    """
    return unknown_among(environment, Settings.model_fields)


def check_variables(environment: Mapping[str, str]) -> None:
    """Refuses misspelt variables: a setting that is not in force would change figures unseen.

    Raises:
        SettingsError: With the names, and those that they are near to.
    """
    unknown = unknown_variables(environment)
    if unknown:
        each = [
            f"{name} (meant: {' or '.join(near)}?)" if near else name
            for name, near in unknown.items()
        ]
        raise SettingsError(f"settings: no such setting: {', '.join(each)}; correct or unset it")

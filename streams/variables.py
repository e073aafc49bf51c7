"""Which variables of the environment are meant for us: told by their names alone.

Apart from the settings, which take long to load: where there is none, nothing need be checked.
"""

from collections.abc import Iterable
from typing import Final

PREFIX: Final = "TIDEMARK_"
"""Before each setting's name in the environment."""


def settings_of(variables: Iterable[str]) -> dict[str, str]:
    """Returns the variables that begin as settings do, each with the name of the setting.

    >>> settings_of(["tidemark_Port", "HOME"])
    {'tidemark_Port': 'port'}
    """
    return {
        name: name.upper().removeprefix(PREFIX).lower()
        for name in sorted(variables)
        if name.upper().startswith(PREFIX)
    }

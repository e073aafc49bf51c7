"""Upcasts: data written under an older schema version, lifted to the current one.

The log is kept for ever, so no version may become unreadable. `dataschema` names type and version,
`subscription.updated/1`; left out, it means version 1. All types are at version 1 today.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from events.errors import TidemarkError

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes data of one version, returns data of the next."""

FIRST_VERSION: Final = 1
"""The version of an event that names none."""


class UnknownSchemaVersionError(TidemarkError, ValueError):
    """An event's schema is newer than the code, or is none of its type."""


class Upcasts:
    """Steps between schema versions, by type and the version they start from."""

    def __init__(self, steps: Mapping[tuple[str, int], Upcast]) -> None:
        self._steps = dict(steps)
        self._types = frozenset(name for name, _ in self._steps)

    def current_version(self, name: str) -> int:
        """Return the newest version of a type: one above its last step.

        >>> Upcasts({}).current_version("seats.set")
        1
        """
        version = FIRST_VERSION
        while (name, version) in self._steps:
            version += 1
        return version

    def apply(self, name: str, dataschema: str | None, data: dict[str, Any]) -> dict[str, Any]:
        """Lift data to the current version of its type.

        Args:
            name: Type of the event.
            dataschema: As sent: `name/N`, perhaps at the end of a URI; None for version 1.
            data: The event's data under that schema.

        Returns:
            The data under the current version.

        Raises:
            UnknownSchemaVersionError: The schema is of another type or a version not known.
        """
        if dataschema is None and name not in self._types:
            return data
        current = self.current_version(name)
        version = FIRST_VERSION if dataschema is None else _version_of(name, dataschema)
        if not FIRST_VERSION <= version <= current:
            raise UnknownSchemaVersionError(f"versions known are {FIRST_VERSION}..{current}")
        for step in range(version, current):
            data = self._steps[name, step](data)
        return data


def _version_of(name: str, dataschema: str) -> int:
    schema, _, version = dataschema.rpartition("/")
    if not schema.endswith(name) or not (version.isascii() and version.isdigit()):
        raise UnknownSchemaVersionError(
            "should be the event's type and a version, as in type/1; schemas of a producer's own "
            "are named by the setting dataschema_prefixes"
        )
    return int(version)


UPCASTS: Final = Upcasts({})
"""The steps in force."""

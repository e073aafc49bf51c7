"""Where each setting comes from: arguments before the environment before the file."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from streams.settings.file import Place, SettingsFile, depth

DEFAULT: Final = "default"
"""Origin of a setting that nobody gives."""


class Origins(NamedTuple):
    """What each of them gives."""

    arguments: Mapping[str, Any]
    """Settings of the command line, by name."""
    environment: Mapping[str, Any]
    """Settings of the environment, by name, decoded."""
    variables: Mapping[str, str]
    """Variable of each setting that the environment gives."""
    file: SettingsFile | None
    """The file, if there is one."""

    def origin(self, name: str) -> str:
        """Returns who gives a setting: a variable, file and line, or ``default``.

        Tables of the environment are laid over those of the file, so both may have a part.
        """
        found = list(self._origins(name))
        both = len(found) > 1 and isinstance(self.environment.get(name), dict)
        return " over ".join(found if both else found[:1]) or DEFAULT

    def _origins(self, name: str) -> Iterator[str]:
        if name in self.arguments:
            yield "argument"
        if name in self.environment:
            yield self.variables[name]
        if self.file is not None and name in self.file.table:
            yield f"{self.file.path}:{self.file.line_of((name,))}"

    def given(self, name: str) -> bool:
        """Returns whether anybody gives a setting."""
        return self.origin(name) != DEFAULT

    def place(self, place: Place) -> str:
        """Returns where a value stands and its name, as an error begins: the first that has it.

        With a line the numbers of elements are left out. Of a value that nobody gives it is what
        it would stand in.
        """
        giver = self._giver(place)
        if giver == "environment":
            inner = _dotted(place[1:])
            return f"{self.variables[str(place[0])]}{inner and f': {inner}'}"
        if giver == "file" and self.file is not None:
            named = tuple(key for key in place if isinstance(key, str))
            return f"{self.file.path}:{self.line(place)}: {_dotted(named)}"
        return f"settings: {_dotted(place)}"

    def line(self, place: Place) -> int:
        """Returns the line of the file on which a value stands, or 0 if it is not from the file."""
        found = self.file and self._giver(place) == "file" and self.file.line_of(place)
        return found or 0

    def _giver(self, place: Place) -> str | None:
        """Returns who gives a value, or most of what it would stand in."""
        givers = {
            "arguments": self.arguments,
            "environment": self.environment,
            "file": {} if self.file is None else self.file.table,
        }
        steps = {name: depth(given, place) for name, given in givers.items()}
        first = max(steps, key=steps.__getitem__)
        return first if steps[first] else None


def _dotted(place: Place) -> str:
    return ".".join(map(str, place))

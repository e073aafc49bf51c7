"""The file of settings: what it says, and on which line.

The reader of TOML in the standard library tells no positions. But a statement of TOML is whole
lines, and the lines of one that is not finished are no TOML: so the file is cut into statements by
reading more and more of its lines, and each is read by itself.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple

from streams.settings.error import SettingsError

FILE: Final = "tidemark.toml"
"""Name of the file, which is looked for in the working directory."""

Place = tuple[str | int, ...]
"""Where a value stands: keys of tables, and numbers of the elements of lists from 0 on."""

_AT: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
"""Position at the end of an error's text."""

_SAID: Final = {
    "Invalid value": 'no value of TOML: a text stands in "double quotes", true and false are small',
    "Expected '='": "a setting is written as: name = value",
    "Expected newline": "one setting a line, and nothing after its value",
    "Cannot overwrite": "it is set a second time",
    "Cannot declare": "it is set a second time",
    "Cannot mutate": "a table in {braces} is whole: nothing can be added to it",
    "Unclosed array": "a list is not closed: ] is missing",
    "Unclosed inline table": "a table is not closed: } is missing",
    "Unterminated string": "a text is not closed",
    "Illegal character '\\n'": 'a text ends on its line: " is missing',
    "Found invalid character '\\n'": "a text ends on its line: ' is missing",
    "Expected \"'": "a text is not closed: ' is missing",
    "Expected ']'": "a table's line ends with ], that of one in a list with ]]",
}
"""What the reader of TOML says, by its beginning, and what that means for a file of settings."""

_MAY_END: Final = re.compile(r"[\]}]|\"\"\"|'''")
"""What the last line of a statement over several lines has."""

_OPEN_MAX: Final = 4
"""Lists and tables that are open at once on a line within a value, at most: settings nest less."""

_CLOSING: Final = tuple(
    "".join(each) for n in range(_OPEN_MAX + 1) for each in product("]}", repeat=n)
)


class _Statement(NamedTuple):
    """A setting or the head of a table: where it stands, and in which table."""

    line: int
    text: str
    table: Place


class SettingsFile:
    """What a file of settings says, and where.

    Attributes:
        path: Where it lies.
        table: Its settings; decimals are as written.
    """

    def __init__(self, path: Path, text: str) -> None:
        """Reads the text.

        Raises:
            SettingsError: If it is no TOML; the message has line and column.
        """
        self.path = path
        self._text = text.replace("\r\n", "\n")
        try:
            self.table = _loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{path}:{_told(str(error), self._text)}") from None

    def line_of(self, place: Place) -> int | None:
        r"""Returns the line on which a value is written, counted from 1.

        Of a value that is not there it is the line of what it would stand in; None if nothing is.

        >>> file = SettingsFile(Path("x.toml"), 'port = 1\n[[exchange_rates.EUR]]\nrate = "1.1"')
        >>> file.line_of(("exchange_rates", "EUR", 0, "rate")), file.line_of(("listen",))
        (3, None)
        """
        for end in range(len(place), 0, -1):
            statement = self._statements.get(place[:end])
            if statement is not None:
                return statement.line + _line_within(statement, place)
        return None

    @cached_property
    def _statements(self) -> dict[Place, _Statement]:
        """The statement that first says something of a place, by place."""
        found: dict[Place, _Statement] = {}
        lengths: dict[Place, int] = {}
        table: Place = ()
        for line, text in _cut(self._text):
            said = _loads(text)
            if text.lstrip().startswith("["):
                table = _head(said, lengths)
                places: Iterable[Place] = [table]
            else:
                places = (table + place for place in _places(said))
            statement = _Statement(line, text, table)
            for place in places:
                for end in range(1, len(place) + 1):
                    found.setdefault(place[:end], statement)
        return found


def read_file(path: Path) -> SettingsFile:
    """Reads a file of settings.

    Raises:
        SettingsError: If it cannot be read, or is no TOML.
    """
    try:
        return SettingsFile(path, path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: the file is not written in UTF-8") from error


def _loads(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def _told(said: str, text: str) -> str:
    """Returns an error of the reader of TOML after its line and column, in our words if known."""
    at = _AT.search(said)
    bare = _AT.sub("", said)
    words = next((ours for theirs, ours in _SAID.items() if bare.startswith(theirs)), bare)
    if at is None or at[1] is None:  # at the end: of what is not finished, or the last statement
        *_, (line, _) = [(1, ""), *_cut(text)]
        return f"{line}: {words}"
    return f"{at[1]}:{at[2]}: {words}"


def _cut(text: str) -> Iterator[tuple[int, str]]:
    """Yields the statements of a text of TOML, each with the number of its first line.

    What is not finished comes last.
    """
    lines: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        lines.append(line)
        if len(lines) > 1 and not _MAY_END.search(line):
            continue
        statement = "\n".join(lines)
        try:
            said = _loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if said:
            yield number - len(lines) + 1, statement
        lines = []
    if lines:
        yield number - len(lines) + 1, "\n".join(lines)


def _head(said: Mapping[str, Any], lengths: dict[Place, int]) -> Place:
    """Returns the place of the table that begins with a head, and counts it in its list."""
    place: Place = ()
    inner: Any = said
    while inner and isinstance(inner, dict):
        [(key, inner)] = inner.items()
        place += (key,)
        if isinstance(inner, list):
            lengths[place] = lengths.get(place, 0) + 1
        if place in lengths:
            place += (lengths[place] - 1,)
    return place


def _places(value: Any) -> Iterator[Place]:
    """Yields the place of everything in a value, what holds before what is held."""
    if isinstance(value, dict | list):
        for key, held in value.items() if isinstance(value, dict) else enumerate(value):
            yield (key,)
            yield from ((key, *place) for place in _places(held))


def _line_within(statement: _Statement, place: Place) -> int:
    """Returns how many lines below the first one of a statement a place in it is written.

    Keys are on the first one, and elements of a list where the lines so far, with what is open
    closed, have them.
    """
    lines = statement.text.split("\n")
    wanted = place[len(statement.table) :]
    inside = next((step for step, key in enumerate(wanted) if isinstance(key, int)), len(wanted))
    if len(lines) == 1 or inside == len(wanted):
        return 0
    best, deepest = 0, inside
    for number in range(len(lines)):
        steps = _depth_so_far("\n".join(lines[: number + 1]), wanted)
        if steps > deepest:
            best, deepest = number, steps
        if deepest == len(wanted):
            break
    return best


def _depth_so_far(text: str, place: Place) -> int:
    """Returns how many steps of a place lead somewhere in the beginning of a statement."""
    for closing in _CLOSING:
        try:
            return depth(_loads(f"{text}\n{closing}"), place)
        except tomllib.TOMLDecodeError:
            continue
    return 0


def depth(value: Any, place: Place) -> int:
    """Returns how many steps of a place lead somewhere in a value.

    >>> depth({"a": [{"b": 1}]}, ("a", 0, "c"))
    2
    """
    for steps, key in enumerate(place):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list | tuple) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return steps
    return len(place)

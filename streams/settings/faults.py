"""What is wrong with settings, in our words: where, what was found, and what is meant."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from inspect import isclass
from types import NoneType
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from events.spelling import meant
from streams.settings.file import Place
from streams.settings.model import SECRETS, Settings
from streams.settings.origins import Origins

_KEY: Final = "[key]"
"""Last step of the place of a key of a table that is wrong by itself."""

_FOUND_MAX: Final = 40
"""Characters of a wrong value that are shown."""

_TEXT: Final = 'a text in "quotes"'
_DATE: Final = "a date such as 2026-12-25"
_NEEDED: Final = {
    "bool": "true or false",
    "date": _DATE,
    "dict": "a table",
    "float": "a number",
    "fraction": 'a number, or a quotient such as "52/12"',
    "frozen_set": "a list",
    "int": "a whole number",
    "list": "a list",
    "model": "a table",
    "path": f"the path of a file, {_TEXT}",
    "string": _TEXT,
    "tuple": "a list",
}
"""What is needed, by the beginning of the type of pydantic's error."""

_BOUNDS: Final = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
"""How the bound of each kind is named and said."""


def faults(error: ValidationError, origins: Origins) -> Iterator[str]:
    """Yields what is wrong, each with its place; the value of a secret is never shown.

    What is wrong in the file comes in the order of its lines.
    """
    for each in sorted(error.errors(include_url=False), key=lambda e: origins.line(e["loc"])):
        place = each["loc"]
        is_key = place[-1:] == (_KEY,)
        if not place:
            yield _between(each["msg"].removeprefix("Value error, "), origins)
        elif is_key:
            yield f"{origins.place(place[:-1])}: {_said(each, place)}"
        else:
            yield f"{origins.place(place)}: {_said(each, place)}{_misplaced(each, place)}"


def _between(said: str, origins: Origins) -> str:
    """Returns what is wrong between settings, at the first of those it names that is given."""
    given = (name for name in re.findall(r"\w+", said) if origins.given(name))
    name = next((name for name in given if name in Settings.model_fields), None)
    where = "settings" if name is None else origins.place((name,)).removesuffix(f": {name}")
    return f"{where}: {said}"


def _said(error: Mapping[str, Any], place: Place) -> str:
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    found = _found(value, place)
    not_this = f", not {found}" if found else ""
    if kind == "extra_forbidden":
        return f"there is no such setting{meant(str(place[-1]), _beside(place))}"
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        return _none_of(context["expected"], value, not_this)
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        return f"must be {words} {context[bound]:g}{not_this}"
    if kind == "string_too_short":
        return "may not be empty"
    if kind == "string_pattern_mismatch":
        return f"must be of the form {context['pattern'].strip('^$')}{not_this}"
    if kind == "value_error":
        said = str(context["error"])
        has_parts = isinstance(value, dict | list | tuple)
        return said if has_parts or (found and found.strip('"') in said) else f"{said}{not_this}"
    needed = next((words for start, words in _NEEDED.items() if kind.startswith(start)), None)
    if needed is None:
        return f"{error['msg']}{not_this}"
    return f"needs {needed}{not_this}{_mended(kind, value, place)}"


def _mended(kind: str, value: Any, place: Place) -> str:
    """Returns how the value could be written, where one can say it."""
    if kind == "tuple_type" and isinstance(value, str):
        return f"; write [{_shown(value)}]"
    if kind == "string_type" and isinstance(value, date):
        return f'; write "{value.isoformat().replace("+00:00", "Z")}"'
    if kind.removesuffix("_type") in {"dict", "list", "model", "tuple"}:
        return "; `tidemark settings init --out -` shows an example"
    return ""


def _none_of(expected: str, value: Any, not_this: str) -> str:
    choices = re.findall(r"'(.*?)'", expected)
    near = meant(value, choices) if isinstance(value, str) else ""
    return f"must be {expected.replace(chr(39), chr(34))}{not_this}{near}"


def _misplaced(error: Mapping[str, Any], place: Place) -> str:
    """Says so if a setting stands in a table, where it has no meaning, or the other way round."""
    if error["type"] == "extra_forbidden" and len(place) > 1 and place[-1] in Settings.model_fields:
        return "; it is one by itself, and stands above the first line in [brackets]"
    return ""


def _beside(place: Place) -> Iterable[str]:
    """Returns the names that may stand where a wrong one does."""
    kind: Any = Settings
    for key in place[:-1]:
        if isclass(kind) and issubclass(kind, BaseModel):
            kind = kind.model_fields[str(key)].annotation
        else:
            kind = next(each for each in reversed(get_args(kind)) if each is not Ellipsis)
        inner = [each for each in get_args(kind) if each is not NoneType]
        kind = inner[0] if NoneType in get_args(kind) else kind
    return kind.model_fields if isclass(kind) and issubclass(kind, BaseModel) else ()


def _found(value: Any, place: Place) -> str | None:
    """Returns a wrong value as it is written, or None if it says nothing or may be a secret."""
    name = place[0]
    return None if name in SECRETS or name not in Settings.model_fields else _shown(value)


def _shown(value: Any) -> str | None:
    if isinstance(value, str):
        cut = value if len(value) <= _FOUND_MAX else f"{value[:_FOUND_MAX]}..."
        return json.dumps(cut, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return None

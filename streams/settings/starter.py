"""A file of settings to begin with: each one commented out, with its meaning, default and shape."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from textwrap import wrap
from typing import Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from events.docstrings import docstrings_of
from streams.settings.literal import key, literal
from streams.settings.model import POLICIES, SERVICE, Settings
from streams.settings.public_holidays import PublicHolidays
from streams.settings.schema import SCHEMA_FILE, allowed_values
from streams.variables import PREFIX

EXAMPLE: Final = "# For instance:"
"""Line before the lines of an example; they end with the next empty line."""

_WIDTH: Final = 100
_LAST: Final = "schedules"
"""The setting whose example has heads of tables, to which all lines after them belong."""

_SOME: Final = ("2026-12-25, # Christmas Day", "2026-12-26, # Boxing Day")
"""Holidays where none were asked for, to show how they are written."""


def starter(found: PublicHolidays | None = None) -> str:
    """Returns the text of the file: with all lines commented out it changes nothing.

    Args:
        found: Holidays for the example of a schedule.
    """
    meanings, allowed = docstrings_of(Settings), allowed_values()
    blocks = [f"#:schema ./{SCHEMA_FILE}\n{_prose(_head())}", "# ---- The service ----"]
    blocks += [_block(name, meanings[name], allowed) for name in SERVICE]
    blocks.append("# ---- Policies: they change what figures mean, for all of history ----")
    blocks += [_block(name, meanings[name], allowed) for name in POLICIES if name != _LAST]
    blocks.append("# ---- Tables: what follows a line in [brackets] belongs to it ----")
    schedules = _schedules(found)
    blocks.append(f"{_prose(meanings[_LAST])}\n{_example(schedules)}")
    return "\n\n".join(blocks) + "\n"


@cache
def examples() -> dict[str, str]:
    """Returns the examples by name of the setting, as a file has them."""
    text = files("streams.settings").joinpath("examples.toml").read_text(encoding="utf-8")
    return {name: example.strip("\n") for name, example in tomllib.loads(text).items()}


def default_lines(name: str, field: FieldInfo) -> list[str]:
    """Returns the lines that set a setting to its default.

    There are none where it is not set or empty, which needs no line, or a secret. A table of
    tables has a line for each.
    """
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or isinstance(value, SecretStr):
        return []
    value = to_jsonable_python(value)
    if value in ("", [], {}):
        return []
    if isinstance(value, dict) and all(isinstance(each, dict) for each in value.values()):
        return [f"{name}.{key(inner)} = {literal(each)}" for inner, each in value.items()]
    return [f"{name} = {literal(value)}"]


def _head() -> str:
    return (
        f"Settings of Tidemark {version('tidemark')}, each with its default. A setting is changed "
        "by taking the # off its line, or off all lines below `For instance`, and writing another "
        "value. What is left out keeps its default. A variable of the environment wins: "
        f"{PREFIX}TIMEZONE is timezone. `tidemark settings show --changed` tells what is in force."
    )


def _block(name: str, meaning: str, allowed: Mapping[str, str]) -> str:
    field, lines = Settings.model_fields[name], [_prose(meaning)]
    if name in allowed:
        lines.append(_prose(f"Values: {allowed[name]}."))
    default = default_lines(name, field)
    if len(default) > 1:
        lines.append("# These lines are one setting: take the # off all of them, or off none.")
    lines += [f"#{line}" for line in default]
    if not default:
        lines.append(f"# {_nothing(field)}")
    example = examples().get(name)
    return "\n".join([*lines, *([_example(example)] if example else [])])


def _nothing(field: FieldInfo) -> str:
    """Says how it stands with a setting that has no line for its default."""
    if isinstance(field.default, SecretStr):
        return "The default is on this machine."
    return "Not set." if field.default is None else "Empty."


def _prose(text: str) -> str:
    joined = " ".join(text.split()).replace("``", "`")
    return "\n".join(wrap(joined, _WIDTH, initial_indent="# ", subsequent_indent="# "))


def _example(lines: str) -> str:
    return "\n".join([EXAMPLE, *(f"#{line}" for line in lines.split("\n"))])


def _schedules(found: PublicHolidays | None) -> str:
    """Returns the example of schedules, the second version of one after the last holiday."""
    dates = _SOME if found is None else [f"{day}, # {name}" for day, name in found.dates]
    lines = dates if found is None else [*_heading(found), *dates]
    text = examples()[_LAST].replace("HOLIDAYS", "\n".join(f"    {line}" for line in lines))
    return text.replace("YEAR", str(int(dates[-1][:4]) + 1))


def _heading(found: PublicHolidays) -> list[str]:
    """Returns the comment above the dates: where they are from, and what they are not."""
    first, last = found.years
    years = f"{first} to {last}" if last > first else str(first)
    others = f"; left out: {', '.join(found.left_out)}" if found.left_out else ""
    said = (
        f"Holidays of {found.region}, {years}, as the package holidays {found.version} has them: "
        f"other versions may differ. Kinds: {', '.join(found.categories)}{others}. "
        "Take out days on which you work, and put in further ones on which you do not."
    )
    return wrap(said, _WIDTH - 5, initial_indent="# ", subsequent_indent="# ")

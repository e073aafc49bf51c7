"""``tidemark settings``: what is in force and why, a file to begin with, and a schema for it."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic_core import to_jsonable_python

from events.errors import TidemarkError
from streams.cli.files import opened
from streams.settings import Settings, load_settings
from streams.settings.file import FILE
from streams.settings.literal import literal
from streams.settings.loading import read_origins
from streams.settings.model import POLICIES, SECRETS, SERVICE
from streams.settings.public_holidays import public_holidays, years_of
from streams.settings.schema import SCHEMA_FILE, schema_text
from streams.settings.starter import starter


def add_settings(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark settings`` and what it does."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")

    show = actions.add_parser("show", help="each setting with its value and where it comes from")
    show.add_argument(
        "--changed", action="store_true", help="only those that are not as by default"
    )
    show.add_argument("--json", action="store_true", help="as JSON")
    show.set_defaults(run=_show)

    init = actions.add_parser("init", help="writes a commented file, and the schema beside it")
    init.add_argument("--out", default=FILE, metavar="PATH", help=f"{FILE}; - is standard output")
    init.add_argument("--force", action="store_true", help="overwrite a file that is there")
    init.add_argument(
        "--holidays", metavar="CODE", help="of a country or part of it, such as DE-BY"
    )
    init.add_argument("--years", metavar="YEARS", help="of the holidays, such as 2026-2028")
    init.add_argument(
        "--categories", default="public", metavar="NAMES", help="of the holidays; default: public"
    )
    init.set_defaults(run=_init)

    schema = actions.add_parser("schema", help="a JSON Schema of the file, for editors")
    schema.add_argument("--out", default="-", metavar="PATH", help="default: standard output")
    schema.set_defaults(run=_schema)


class _Shown(NamedTuple):
    """A setting as it is shown."""

    name: str
    value: Any
    """As JSON has it; None if it is not set, or a secret."""
    is_set: bool
    origin: str
    is_changed: bool

    @property
    def line(self) -> str:
        """The setting as a line of the file, with its origin; a comment where that cannot be."""
        if self.value is None:
            return f"# {self.name}: {'set' if self.is_set else 'not set'}  # {self.origin}"
        return f"{self.name} = {literal(self.value)}  # {self.origin}"


def _shown(settings: Settings) -> Iterator[_Shown]:
    origins = read_origins()
    for name in (*SERVICE, *POLICIES):
        value, field = getattr(settings, name), Settings.model_fields[name]
        default = field.get_default(call_default_factory=True, validated_data={})
        shown = None if name in SECRETS else to_jsonable_python(value)
        is_set = value is not None
        yield _Shown(name, shown, is_set, origins.origin(name), value != default)


def _show(arguments: argparse.Namespace) -> int:
    every = _shown(load_settings())
    chosen = [each for each in every if each.is_changed or not arguments.changed]
    if arguments.json:
        print(json.dumps([_described(each) for each in chosen], indent=2, ensure_ascii=False))
    else:
        for each in chosen:
            print(each.line)
        if not chosen:
            print("tidemark: every setting is as by default", file=sys.stderr)
    return 0


def _described(shown: _Shown) -> dict[str, Any]:
    """Returns a setting for programs; of a secret it says whether it is set."""
    is_secret = shown.name in SECRETS
    value = {"is_set": shown.is_set} if is_secret else {"value": shown.value}
    return {"name": shown.name, **value, "origin": shown.origin, "changed": shown.is_changed}


def _init(arguments: argparse.Namespace) -> int:
    if bool(arguments.holidays) != bool(arguments.years):
        raise TidemarkError("--holidays and --years go together")
    path, found = Path(arguments.out), None
    if arguments.holidays:
        years = years_of(arguments.years)
        found = public_holidays(arguments.holidays, years, arguments.categories)
    text = starter(found)
    if arguments.out == "-":
        sys.stdout.write(text)
        return 0
    if path.exists() and not arguments.force:
        raise TidemarkError(f"{path} is there already; --force overwrites it")
    schema = path.with_name(SCHEMA_FILE)
    for each, content in ((path, text), (schema, schema_text())):
        with opened(str(each)) as file:
            file.write(content.encode())
    print(f"wrote {path}, all of it commented out, and {schema} for editors")
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    with opened(arguments.out) as file:
        file.write(schema_text().encode())
        file.flush()
    return 0

"""``tidemark completion``: what a shell needs to complete commands, options, files and KPIs.

``shtab`` makes it from the parser of all commands; a shell then never calls the program.
"""

import argparse
from collections.abc import Iterator
from typing import Any, Final

import shtab

from streams.cli.core import load_core
from streams.cli.importing import SourceParser
from streams.settings import load_settings

SHELLS: Final = ("bash", "zsh", "fish")

_FILES: Final = frozenset({"FILE", "PATH", "SOURCE"})
_FOLDERS: Final = frozenset({"DIR"})
"""What arguments of files and of folders are called in the help, by which they are known."""


def add_completion(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark completion``."""
    command.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    command.set_defaults(run=_completion)


def _completion(arguments: argparse.Namespace) -> int:
    from streams.cli import COMMANDS, parser

    _, catalogue = load_core(load_settings())
    top = parser(COMMANDS)
    kpis = shtab.cmd(f"printf '%s\\n' {' '.join(kpi.id for kpi in catalogue)}")
    for command in _parsers(top):
        for action in command._actions:  # noqa: SLF001  (argparse shows them to nobody)
            _complete(action, kpis)
    print(shtab.complete(top, arguments.shell))
    return 0


def _complete(action: Any, kpis: Any) -> None:
    """Says what an argument is completed to that has no choices."""
    if action.choices is not None:
        return
    if action.metavar in _FILES:
        action.complete = shtab.FILE
    elif action.metavar in _FOLDERS:
        action.complete = shtab.DIRECTORY
    elif action.dest in ("kpi", "kpi_id"):
        action.complete = kpis


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yields a parser and, below it, those of its commands, with all that they take declared."""
    if isinstance(parser, SourceParser):
        parser.declare()
    yield parser
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for command in action.choices.values():
                yield from _parsers(command)

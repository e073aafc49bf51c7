"""The command line: ``tidemark COMMAND``. The one place where streams and exporters are joined.

A command's module is imported when the command is called: help and bad arguments cost next to
nothing.
"""

import argparse
import os
import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any, Final

from streams.cli.parser import Parser
from streams.garbage import collect_less

COMMANDS: Final = {
    "run": ("run", "everything in one process, without servers"),
    "worker": ("worker", "a Faust worker: Kafka to the shared board"),
    "rebuild": ("rebuild", "tables of changed settings, while the old ones are served"),
    "exporter": ("exporter", "the shared board as gauges"),
    "explorer": ("explorer", "accounts behind the figures, from what workers have stored"),
    "receive": ("receive", "events and webhooks over HTTP, to Kafka"),
    "topics": ("kafka", "creates the topics, with equal partition counts"),
    "publish": ("kafka", "NDJSON files to Kafka, keyed by account"),
    "simulate": ("simulate", "events of a made-up company, in time order"),
    "import": ("importing", "foreign records, such as Stripe's, to events"),
    "check": ("check", "what is wrong with event files, and what is in them"),
    "replay": ("replay", "KPI values from event history, at chosen times"),
    "explain": ("explain", "why a figure is what it is, or moved: by account and event"),
    "audit": ("audit", "the board against the log, cell by cell"),
    "doctor": ("doctor", "what is wrong, and how to mend it"),
    "backfill": ("backfill", "event history as Prometheus metrics"),
    "kpis": ("kpis", "the catalogue: formulas, units, windows, settings"),
    "settings": ("settings", "what is in force and why; a file to begin with; its schema"),
    "schemas": ("generated", "writes a JSON Schema for each event type"),
    "erase": ("erase", "the right to be forgotten: events without an account, or a person"),
    "dead-letters": ("dead_letters", "what was rejected and why; feeds it back"),
    "docs": ("generated", "writes the pages on KPIs, events and settings"),
    "rules": ("generated", "writes rules and alerts for Prometheus"),
    "dashboards": ("generated", "writes the dashboards for Grafana"),
    "completion": ("completion", "what bash, zsh or fish need to complete all of this"),
}
"""Module and help of each command. The module's ``add_COMMAND`` declares the arguments, and sets as
``run`` the function that takes them and returns the exit code."""

SERVING: Final = frozenset({"run", "worker", "rebuild", "exporter", "explorer", "receive"})
"""Commands that run until they are stopped; what they print is for people."""

_EXIT_WRONG: Final = 1
_EXIT_INTERRUPTED: Final = 130


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"tidemark {version('tidemark')}")
        parser.exit()


_LOOKING: Final = ("doctor", "audit")
"""Commands that look for variables which are no settings themselves, to say so in their own way."""


def parser(named: Collection[str]) -> argparse.ArgumentParser:
    """Returns the parser; only the commands that are named have their arguments."""
    top = Parser(
        prog="tidemark",
        description="Customer events in, live customer-success KPIs out.",
        epilog="`tidemark COMMAND --help` has the options of a command, with examples.",
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    _add_saying(top, None)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, said) in COMMANDS.items():
        command = commands.add_parser(name, help=said)
        if name in named:
            from streams.cli.examples import examples_text

            declared = import_module(f"{__name__}.{module}")
            getattr(declared, f"add_{name.replace('-', '_')}")(command)
            _add_saying(command, argparse.SUPPRESS)
            command.epilog = examples_text(name)
    return top


def _add_saying(command: argparse.ArgumentParser, default: str | None) -> None:
    """Declares what is said on standard error, before a command's name or after it."""
    group = command.add_argument_group("what is said on standard error")
    group.add_argument(
        "--quiet", action="store_true", default=default, help="no progress on a terminal"
    )
    group.add_argument(
        "--log-level",
        choices=["debug", "info", "warning"],
        default=default,
        help="default: warning; of a worker's and explorer's own life, info",
    )
    group.add_argument(
        "--log-format",
        choices=["text", "json"],
        default=default,
        help="default: text; json is one object a line",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    collect_less()  # to load a program is to make what stays
    given = sys.argv[1:] if argv is None else argv
    try:
        arguments = parser(given).parse_args(given)

        from streams.cli.terminal import plain_output
    except KeyboardInterrupt:  # while the program is being loaded
        return _EXIT_INTERRUPTED

    with plain_output():
        try:
            code = _run(arguments)
            sys.stdout.flush()
        except OSError as error:
            # A reader of our output that has gone is within its rights.
            if not isinstance(error, BrokenPipeError):
                print(f"tidemark: {error}", file=sys.stderr)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return _EXIT_WRONG
    return code


def _run(arguments: argparse.Namespace) -> int:
    from events.errors import TidemarkError
    from streams.cli.logs import said_as_records, set_up_logs
    from streams.cli.progress import show_progress
    from streams.variables import settings_of

    is_worker = arguments.command in {"worker", "explorer"}
    set_up_logs(arguments.log_level, arguments.log_format, of_worker=is_worker)
    show_progress(not arguments.quiet)
    collect_less()
    with said_as_records(arguments.log_format, serves=arguments.command in SERVING):
        try:
            if settings_of(os.environ) and arguments.command not in _LOOKING:
                from streams.settings import check_variables

                check_variables(os.environ)
            return int(arguments.run(arguments))
        except TidemarkError as error:
            for line in str(error).split("\n"):
                print(f"tidemark: {line}", file=sys.stderr)
            return _EXIT_WRONG
        except KeyboardInterrupt:
            return _EXIT_INTERRUPTED

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

COMMANDS: Final = {
    "run": ("run", "everything in one process, without servers"),
    "worker": ("worker", "a Faust worker: Kafka to the shared board"),
    "rebuild": ("rebuild", "tables of changed settings, while the old ones are served"),
    "exporter": ("exporter", "the shared board as gauges"),
    "receive": ("receive", "events and webhooks over HTTP, to Kafka"),
    "topics": ("kafka", "creates the topics, with equal partition counts"),
    "publish": ("kafka", "NDJSON files to Kafka, keyed by account"),
    "simulate": ("simulate", "events of a made-up company, in time order"),
    "import": ("importing", "foreign records, such as Stripe's, to events"),
    "check": ("check", "what is wrong with event files, and what is in them"),
    "replay": ("replay", "KPI values from event history, at chosen times"),
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
}
"""Module and help of each command. The module's ``add_COMMAND`` declares the arguments, and sets as
``run`` the function that takes them and returns the exit code."""

_EXIT_WRONG: Final = 1
_EXIT_INTERRUPTED: Final = 130


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"tidemark {version('tidemark')}")
        parser.exit()


def parser(named: Collection[str]) -> argparse.ArgumentParser:
    """Returns the parser; only the commands that are named have their arguments."""
    top = argparse.ArgumentParser(
        prog="tidemark", description="Customer events in, live customer-success KPIs out."
    )
    top.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    top.add_argument(
        "--log-level",
        choices=["debug", "info", "warning"],
        help="default: warning; of a worker's own life, info",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, said) in COMMANDS.items():
        command = commands.add_parser(name, help=said)
        if name in named:
            declared = import_module(f"{__name__}.{module}")
            getattr(declared, f"add_{name.replace('-', '_')}")(command)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    given = sys.argv[1:] if argv is None else argv
    arguments = parser(given).parse_args(given)

    from streams.cli.terminal import plain_output

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
    import logging

    from events.errors import TidemarkError
    from streams.garbage import collect_less
    from streams.variables import settings_of

    logging.basicConfig(
        level=(arguments.log_level or "warning").upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    if arguments.command == "worker":
        if arguments.log_level is None:
            logging.getLogger("streams").setLevel(logging.INFO)
    elif arguments.log_level in (None, "warning"):
        # The exception that ends the command says what went wrong.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if arguments.log_level == "debug":
        # Which logs each request as a whole, and passwords are in some.
        logging.getLogger("aiokafka.conn").setLevel(logging.INFO)
    collect_less()
    try:
        if settings_of(os.environ) and arguments.command != "doctor":  # which finds it itself
            from streams.settings import check_variables

            check_variables(os.environ)
        return int(arguments.run(arguments))
    except TidemarkError as error:
        for line in str(error).split("\n"):
            print(f"tidemark: {line}", file=sys.stderr)
        return _EXIT_WRONG
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED

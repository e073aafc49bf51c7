"""The command line: ``tidemark COMMAND``. The one place where streams and exporters are joined."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from events.errors import TidemarkError
from streams.cli import (
    backfill,
    catalogue,
    company,
    dashboards,
    dead_letters,
    doctor,
    documents,
    history,
    kafka,
    rules,
    service,
)
from streams.garbage import collect_less

_EXIT_WRONG = 1
_EXIT_INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """Returns the parser of all commands."""
    top = argparse.ArgumentParser(
        prog="tidemark", description="Customer events in, live customer-success KPIs out."
    )
    top.add_argument("--log-level", default="warning", choices=["debug", "info", "warning"])
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (
        service,
        kafka,
        company,
        history,
        doctor,
        backfill,
        catalogue,
        dead_letters,
        documents,
        rules,
        dashboards,
    ):
        module.add_commands(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code."""
    arguments = parser().parse_args(argv)
    logging.basicConfig(
        level=arguments.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    if arguments.log_level == "warning" and arguments.command != "worker":
        # What goes wrong is told once, by the exception that ends the command.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    collect_less()
    try:
        return int(arguments.run(arguments))
    except TidemarkError as error:
        print(f"tidemark: {error}", file=sys.stderr)
        return _EXIT_WRONG
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, which is its right
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _EXIT_WRONG

"""``tidemark simulate``: events of a made-up company, to a file or to Kafka."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from events import parse_instant
from streams.cli.core import Commands
from streams.cli.kafka import report
from streams.cli.progress import progress_bar
from streams.clock import now_ms
from streams.errors import TidemarkError
from streams.publish import publish_batches
from streams.settings import load_settings
from streams.simulator import simulate

DAY_MS: Final = 86_400_000
BATCH_LINES: Final = 5_000
"""Lines that are sent to Kafka together."""


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("simulate", help="events of a made-up company, in time order")
    add_company_arguments(command)
    command.add_argument(
        "--until", metavar="TIME", help="RFC 3339 end of the history; default: today, 00:00 UTC"
    )
    where = command.add_mutually_exclusive_group()
    where.add_argument("--out", metavar="FILE", default="-", help="default: standard output")
    where.add_argument("--kafka", action="store_true", help="publish to the topics instead")
    command.set_defaults(run=_simulate)


def add_company_arguments(command: argparse.ArgumentParser) -> None:
    """Adds what a company is made from."""
    command.add_argument("--accounts", type=_positive, default=200, metavar="N")
    command.add_argument("--days", type=_positive, default=730, metavar="D")
    command.add_argument("--seed", type=int, default=1, metavar="S")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def last_midnight_ms() -> int:
    """Gives today's 00:00 UTC, in ms of the epoch."""
    return now_ms() // DAY_MS * DAY_MS


def _end_ms(until: str | None) -> int:
    if until is None:
        return last_midnight_ms()
    try:
        return parse_instant(until)
    except ValueError as error:
        raise TidemarkError(f"--until {until!r}: {error}") from error


def _simulate(arguments: argparse.Namespace) -> int:
    lines = simulate(
        seed=arguments.seed,
        accounts=arguments.accounts,
        days=arguments.days,
        end_ms=_end_ms(arguments.until),
    )
    if arguments.kafka:
        settings = load_settings()
        batches = iter(lambda: list(islice(lines, BATCH_LINES)), [])
        with progress_bar("publishing", "events") as advance:
            published = asyncio.run(
                publish_batches(settings.kafka, batches, "simulate", "", advance)
            )
        return report(published)
    if arguments.out == "-":
        _write(lines, sys.stdout.buffer.write)
        return 0
    try:
        with Path(arguments.out).open("wb") as file:
            _write(lines, file.write)
    except OSError as error:
        raise TidemarkError(f"{arguments.out}: {error.strerror}") from error
    return 0


def _write(lines: Iterator[bytes], write: Callable[[bytes], object]) -> None:
    for batch in iter(lambda: list(islice(lines, BATCH_LINES)), []):
        write(b"\n".join([*batch, b""]))

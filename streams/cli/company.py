"""``tidemark simulate``: events of a made-up company, to a file or to Kafka, once or for ever."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from events import parse_instant
from events.errors import TidemarkError
from streams.cli.core import Commands
from streams.cli.kafka import report
from streams.cli.progress import progress_bar
from streams.clock import now_ms
from streams.kafka.publish import Published, publish_batches
from streams.pulse import Pulse
from streams.settings import Settings, load_settings
from streams.simulator import LEAD_DAYS, SCENARIOS, simulate
from streams.simulator.bookmark import Bookmark, read_bookmark
from streams.simulator.live_company import LiveCompany

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
    command.add_argument(
        "--live", action="store_true", help="with --kafka: up to now, then each event at its time"
    )
    command.add_argument(
        "--position", type=Path, metavar="FILE", help="with --live: where to go on after a restart"
    )
    command.set_defaults(run=_simulate)


def add_company_arguments(command: argparse.ArgumentParser) -> None:
    """Adds what a company is made from."""
    command.add_argument("--accounts", type=_positive, default=200, metavar="N")
    command.add_argument("--days", type=_positive, default=730, metavar="D")
    command.add_argument("--seed", type=int, default=1, metavar="S")
    command.add_argument(
        "--scenario", choices=sorted(SCENARIOS), help=f"begins {LEAD_DAYS} days before the end"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def last_midnight_ms() -> int:
    """Returns today's 00:00 UTC, in ms of the epoch."""
    return now_ms() // DAY_MS * DAY_MS


def _end_ms(until: str | None) -> int:
    if until is None:
        return last_midnight_ms()
    try:
        return parse_instant(until)
    except ValueError as error:
        raise TidemarkError(f"--until {until!r}: {error}") from error


def _simulate(arguments: argparse.Namespace) -> int:
    if arguments.live:
        return _simulate_live(arguments)
    if arguments.position is not None:
        raise TidemarkError("--position goes with --live")
    lines = simulate(
        seed=arguments.seed,
        accounts=arguments.accounts,
        days=arguments.days,
        end_ms=_end_ms(arguments.until),
        scenario=arguments.scenario,
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


def _simulate_live(arguments: argparse.Namespace) -> int:
    if not arguments.kafka or arguments.until is not None:
        raise TidemarkError("--live goes with --kafka and without --until")
    settings = load_settings()
    start_ms = last_midnight_ms() - arguments.days * DAY_MS
    bookmark = Bookmark(
        arguments.seed,
        arguments.accounts,
        arguments.days,
        start_ms,
        scenario=arguments.scenario,
    )
    if arguments.position is not None:
        bookmark = read_bookmark(arguments.position, bookmark)
    company = LiveCompany(
        bookmark,
        arguments.position,
        Pulse(settings.pulse),
        lambda: print(f"{bookmark.lines} events of history published; live now", flush=True),
    )
    return report(asyncio.run(_publish_live(company, settings)))


async def _publish_live(company: LiveCompany, settings: Settings) -> Published:
    """Publishes until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with progress_bar("publishing", "events") as advance:
        return await company.publish(settings.kafka, stop, advance)


def _write(lines: Iterator[bytes], write: Callable[[bytes], object]) -> None:
    for batch in iter(lambda: list(islice(lines, BATCH_LINES)), []):
        write(b"\n".join([*batch, b""]))

"""``tidemark simulate``: events of a made-up company, to a file or to Kafka, once or for ever."""

import argparse
import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aggregates.time.moment import EXAMPLES
from events.errors import TidemarkError
from streams.cli.files import in_batches, opened
from streams.cli.moments import moments_of
from streams.cli.progress import progress_bar
from streams.clock import now_ms
from streams.settings import load_settings
from streams.simulator import LEAD_DAYS, SCENARIOS, simulate

if TYPE_CHECKING:
    from streams.kafka.cluster import Cluster
    from streams.kafka.publish import Published
    from streams.simulator.live_company import LiveCompany

DAY_MS: Final = 86_400_000


def add_simulate(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark simulate``."""
    add_company_arguments(command)
    command.add_argument(
        "--until",
        metavar="TIME",
        help=f"end of the history; default: today, 00:00 UTC. One of {EXAMPLES}",
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
    """Declares what a company is made from."""
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


def days_ago_ms(days: int) -> int:
    """Returns 00:00 UTC of the day that was so many days ago, in ms of the epoch."""
    return (now_ms() // DAY_MS - days) * DAY_MS


def _end_ms(until: str | None) -> int:
    if until is None:
        return days_ago_ms(0)
    return moments_of(load_settings()).read("--until", until)


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
        from streams.cli.kafka import publish_all

        publish_all(in_batches(lines), "simulate", load_settings().cluster())
        return 0
    with opened(arguments.out) as file:
        for batch in in_batches(lines):
            file.write(b"\n".join([*batch, b""]))
    return 0


def _simulate_live(arguments: argparse.Namespace) -> int:
    from streams.cli.kafka import report
    from streams.pulse import Pulse
    from streams.simulator.bookmark import Bookmark, read_bookmark
    from streams.simulator.live_company import LiveCompany

    if not arguments.kafka or arguments.until is not None:
        raise TidemarkError("--live goes with --kafka and without --until")
    settings = load_settings()
    bookmark = Bookmark(
        arguments.seed,
        arguments.accounts,
        arguments.days,
        days_ago_ms(arguments.days),
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
    report(asyncio.run(_publish_live(company, settings.cluster())))
    return 0


async def _publish_live(company: "LiveCompany", cluster: "Cluster") -> "Published":
    """Publishes until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with progress_bar("publishing", "events") as advance:
        return await company.publish(cluster, stop, advance)

"""``tidemark run``, ``worker`` and ``exporter``: the long-running commands."""

import argparse
import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib.metadata import version
from itertools import chain, takewhile

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR

from aggregates.shard.board import Board
from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.time.zone import IANA_VERSION
from events import Decoder
from events.errors import TidemarkError
from exporters.collector import LiveCollector
from exporters.feed import Feed
from exporters.http import Application, Server, Traffic, WebConfigFile
from exporters.live_reading import LiveReading
from exporters.page import PAGE_POLICY, Page
from streams.cli.board import redis_board
from streams.cli.core import load_core, load_kpis
from streams.cli.files import in_batches
from streams.cli.progress import progress_bar
from streams.cli.replay import add_accept_missing, report
from streams.cli.simulate import add_company_arguments, days_ago_ms
from streams.clock import now_ms
from streams.kafka.topics import Topics
from streams.kpi_files import KpiFiles
from streams.local.embedded import Embedded, SimulatedClock, Timed
from streams.local.sources import FileSource
from streams.settings import Settings, load_settings
from streams.simulator import Company


def add_run(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark run``."""
    command.add_argument(
        "--events", metavar="FILE", help="NDJSON file, or - ; default: a simulation"
    )
    command.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="simulated s a second"
    )
    add_company_arguments(command)
    _add_address(command)
    command.set_defaults(run=_run)


def add_exporter(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark exporter``."""
    _add_address(command)
    command.set_defaults(run=_exporter)


def _add_address(command: argparse.ArgumentParser) -> None:
    command.add_argument("--port", type=int, metavar="PORT", help="default: 9108; 0: any")
    command.add_argument("--listen", metavar="HOST", help="default: 127.0.0.1")


def add_worker(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark worker``."""
    add_accept_missing(command)
    command.set_defaults(run=_worker)


_log = logging.getLogger(__name__)

_Served = Callable[[Callable[[], int]], AbstractContextManager[str]]
"""Serves the figures at a clock's time; yields the address."""


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Yields an event that SIGTERM or SIGINT sets."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _served(
    board: Board, plan: Plan, kpis: KpiFiles, settings: Settings, clock_ms: Callable[[], int]
) -> Iterator[str]:
    """Serves a board's figures; yields the address.

    Raises:
        TidemarkError: If the address cannot be bound, or the web configuration is wrong.
    """
    config, traffic = WebConfigFile(settings.web_config), Traffic()
    fingerprint = fingerprint_of(plan, settings.type_prefix)
    feed = Feed(board, settings.stale_after, fingerprint=fingerprint)
    currency = plan.policy.currency
    live = LiveReading(feed, kpis, plan.calendar, clock_ms, currency=currency)
    release = version("tidemark")
    collector = LiveCollector(
        live,
        version=release,
        segment_names=plan.policy.segments,
        series_max=settings.series_max,
        others=(traffic, PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR),
        tables={"tzdata": IANA_VERSION, "fingerprint": fingerprint.digest},
    )
    page = Page(release).render
    application = Application(live, collector.families, page, PAGE_POLICY, traffic)
    try:
        server = Server(application, settings.listen, settings.port, config)
    except OSError as error:
        where = f"{settings.listen}:{settings.port}"
        from streams.kafka.refusal import system_problem  # with a client of Kafka's

        raise TidemarkError(f"cannot listen on {where}: {system_problem(error)}") from error
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def _say(text: str) -> None:
    print(text, flush=True)


def _invite(url: str) -> None:
    _say(f"KPIs:    {url}/")
    _say(f"metrics: {url}/metrics")


def _run(arguments: argparse.Namespace) -> int:
    settings = load_settings(port=arguments.port, listen=arguments.listen)
    if not arguments.speed > 0:
        raise TidemarkError("--speed must be above 0")
    plan, kpis = load_kpis(settings)
    embedded = Embedded(plan, settings.type_prefix)
    served = partial(_served, embedded.board, plan, kpis, settings)
    run = _run_file if arguments.events else _run_company
    with _stopping() as stop:
        run(arguments, embedded, served, settings.flush_interval, stop)
    return 0


def _run_file(
    arguments: argparse.Namespace,
    embedded: Embedded,
    served: _Served,
    flush_s: float,
    stop: threading.Event,
) -> None:
    source = FileSource(arguments.events)
    with served(now_ms) as url:
        _invite(url)
        if arguments.events == "-":
            embedded.follow_batches(source.lines(flush_s), stop, flush_s)
        else:
            with progress_bar("folding", "events") as advance:
                batches = takewhile(lambda _: not stop.is_set(), source.batches())
                embedded.load(batches, advance)
        _publish(embedded, "events folded; Ctrl-C ends")
        embedded.idle(stop, flush_s)


def _publish(embedded: Embedded, said: str) -> None:
    embedded.publish()
    report(embedded.intake)
    _say(f"{embedded.intake.records} {said}")


def _run_company(
    arguments: argparse.Namespace,
    embedded: Embedded,
    served: _Served,
    flush_s: float,
    stop: threading.Event,
) -> None:
    now = now_ms()
    company = Company(
        arguments.seed,
        arguments.accounts,
        days_ago_ms(arguments.days),
        horizon_days=arguments.days,
        scenario=arguments.scenario,
    )
    events = company.events()
    first_live: list[Timed] = []

    def is_past(event: Timed) -> bool:
        if event[0] < now and not stop.is_set():
            return True
        first_live.append(event)
        return False

    clock = SimulatedClock(now, arguments.speed)
    with served(clock.now_ms) as url:
        _say(f"a simulated company of {arguments.accounts} accounts, {arguments.days} days")
        _invite(url)
        with progress_bar("folding history", "events") as advance:
            past = (line for _, line in takewhile(is_past, events))
            embedded.load(in_batches(past), advance)
        _publish(embedded, "events of history folded; live now, Ctrl-C ends")
        embedded.follow(chain(first_live, events), clock, stop, flush_s)


def _exporter(arguments: argparse.Namespace) -> int:
    settings = load_settings(port=arguments.port, listen=arguments.listen)
    plan, kpis = load_kpis(settings)
    with (
        _stopping() as stop,
        _served(redis_board(settings), plan, kpis, settings, now_ms) as url,
    ):
        _invite(url)
        stop.wait()
    return 0


def _worker(arguments: argparse.Namespace) -> int:
    from streams.worker.admission import admitted, installation_of, watch
    from streams.worker.options import WorkerOptions

    # Faust takes a second that no other needs
    from streams.worker.process import EXIT_FAILED, run_worker
    from streams.worker.worker import Worker

    settings = load_settings()
    plan, _ = load_core(settings)
    cluster = settings.cluster()
    redis_board(settings).close()  # a wrong address ends the worker here, not in a thread
    names, own = Topics(), fingerprint_of(plan, settings.type_prefix)
    try:
        tables, begins = asyncio.run(admitted(cluster, names, own))
        installation = asyncio.run(installation_of(cluster))
    except TidemarkError as error:
        _log.critical("%s", error)
        return EXIT_FAILED
    options = WorkerOptions(
        cluster=cluster,
        topics=tables,
        owner=f"{socket.gethostname()}-{os.getpid()}",
        flush_interval_s=settings.flush_interval,
        session_timeout_s=settings.session_timeout,
        instance=settings.instance,
        pulse=settings.pulse,
        fingerprint=own,
        installation=installation,
        accept_missing_history=arguments.accept_missing_history,
        begins=begins,
    )
    worker = Worker(
        options,
        board_factory=partial(redis_board, settings, installation),
        shard_factory=lambda number, holds: Shard(plan, number, bulk=True, holds=holds),
        decoder_factory=lambda topic: Decoder(settings.type_prefix, topic=topic),
    )
    worker.beside.append(partial(watch, cluster, names, own, worker))
    return run_worker(worker)

"""``tidemark run``: everything in one process, without servers."""

import argparse
import gc
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from functools import partial
from itertools import chain, takewhile
from pathlib import Path

from aggregates.shard.plan import Plan
from events.errors import TidemarkError
from exporters.pages.rows import Named
from streams.cli.core import load_kpis
from streams.cli.files import in_batches
from streams.cli.progress import progress_bar
from streams.cli.receive import add_gateway_port
from streams.cli.replay import report
from streams.cli.run_folder import run_folder
from streams.cli.serving import add_address, invite, say, served, stopping
from streams.cli.simulate import add_company_arguments, days_ago_ms
from streams.cli.strict import Strict, add_strict
from streams.cli.summary import summary
from streams.clock import now_ms
from streams.kpi_files import KpiFiles
from streams.local.account_log import AccountLog, Lines
from streams.local.data import DataFolder
from streams.local.embedded import Embedded, SimulatedClock, Timed
from streams.local.kept_events import KeptEvents
from streams.local.searched_events import SearchedEvents, numbered
from streams.local.sources import FileSource
from streams.local.ticker import Ticker
from streams.settings import Settings, load_settings
from streams.simulator import Company
from streams.simulator.liveliness import BEAT_MS

_Served = Callable[[Callable[[], int]], AbstractContextManager[str]]
"""Serves the figures at a clock's time; yields the address."""


def add_run(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark run``."""
    command.add_argument(
        "--events", metavar="FILE", help="NDJSON file, or - ; default: a simulation"
    )
    command.add_argument(
        "--data", metavar="DIR", help="folder that keeps all events and goes on where it was"
    )
    command.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="simulated s a second"
    )
    add_gateway_port(command)
    add_company_arguments(command)
    add_address(command)
    add_strict(command)
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    settings = load_settings(
        port=arguments.port, listen=arguments.listen, receive_port=arguments.receive_port
    )
    if "" in (arguments.data, arguments.events):  # such as that of a variable which is not set
        raise TidemarkError("--data and --events need a name")
    if not arguments.speed > 0:
        raise TidemarkError("--speed must be above 0")
    plan, kpis = load_kpis(settings)
    if arguments.data:
        if arguments.strict:
            raise TidemarkError("--strict: with --data, what is no event is kept with its reason")
        with stopping() as stop, closing(DataFolder(Path(arguments.data))) as folder:
            run_folder(arguments.events, folder, plan, kpis, settings, stop)
        return 0
    embedded = Embedded(plan, settings.dialect)
    serve = partial(_serve, arguments, embedded, plan, kpis, settings)
    strict = Strict(settings) if arguments.strict else None
    run = partial(_run_file, strict=strict) if arguments.events else _run_company
    with stopping() as stop:
        run(arguments, embedded, serve, settings.flush_interval, stop)
    say(f"ended: {summary(embedded.intake)}")
    return 0


def _serve(
    arguments: argparse.Namespace,
    embedded: Embedded,
    plan: Plan,
    kpis: KpiFiles,
    settings: Settings,
    clock_ms: Callable[[], int],
) -> AbstractContextManager[str]:
    """Serves figures, and what pages of accounts need besides, if there are any."""
    lines: Lines | None = None
    if settings.account_pages:
        embedded.ticker = Ticker(kpis, plan.calendar, clock_ms, settings.dialect)
        if not arguments.events:
            lines = embedded.kept = KeptEvents()
        elif arguments.events != "-":
            lines = SearchedEvents(numbered(FileSource(arguments.events).batches))
    log = None if lines is None else AccountLog(lines, plan, settings.dialect)
    named = Named(embedded.rows, embedded.ticker, log)
    return served(embedded.board, plan, kpis, settings, clock_ms, named=named)


def _run_file(
    arguments: argparse.Namespace,
    embedded: Embedded,
    serve: _Served,
    flush_s: float,
    stop: threading.Event,
    strict: Strict | None,
) -> None:
    source = FileSource(arguments.events)
    with serve(now_ms) as url:
        invite(url)
        if arguments.events == "-":
            lines = source.lines(flush_s)
            if strict is not None:
                lines = map(partial(_looked_at, source, strict), lines)
            embedded.follow_batches(lines, stop, flush_s)
        else:
            with progress_bar("folding", "events") as advance:
                batches = source.batches()
                if strict is not None:
                    batches = map(partial(_looked_at, source, strict), batches)
                embedded.load(takewhile(lambda _: not stop.is_set(), batches), advance)
        if strict is not None and not stop.is_set():
            strict.end(embedded.intake.rejected)
        _publish(embedded, "Ctrl-C ends", source)
        embedded.idle(stop, flush_s)


def _looked_at(source: FileSource, strict: Strict, values: list[bytes]) -> list[bytes]:
    """Lets a batch pass; of a live stream, which has no end, only one of which all is taken."""
    strict.look(source, values)
    if source.name == "-":
        strict.now()
    return values


def _publish(embedded: Embedded, said: str, *sources: FileSource) -> None:
    embedded.publish()
    gc.freeze()  # history lives long; the collector need not look at it again
    report(embedded.intake, sources)
    say(f"{summary(embedded.intake)}; {said}")


def _run_company(
    arguments: argparse.Namespace,
    embedded: Embedded,
    serve: _Served,
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
        lively_ms=now,
        beat_ms=int(BEAT_MS * max(1.0, arguments.speed)),
    )
    events = company.events()
    first_live: list[Timed] = []

    def is_past(event: Timed) -> bool:
        if event[0] < now and not stop.is_set():
            return True
        first_live.append(event)
        return False

    clock = SimulatedClock(now, arguments.speed)
    with serve(clock.now_ms) as url:
        say(f"a simulated company of {arguments.accounts} accounts, {arguments.days} days")
        invite(url)
        with progress_bar("folding history", "events") as advance:
            past = (line for _, line in takewhile(is_past, events))
            embedded.load(in_batches(past), advance)
        _publish(embedded, "history is done; live now, Ctrl-C ends")
        embedded.follow(chain(first_live, events), clock, stop, flush_s)

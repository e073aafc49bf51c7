"""``tidemark run``: everything in one process, without servers."""

import argparse
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, closing
from functools import partial
from itertools import chain, takewhile
from pathlib import Path

from aggregates.shard.plan import Plan
from events.errors import TidemarkError
from events.log import Stored
from exporters.gateway import Gateway
from exporters.http import WebConfigFile
from streams.cli.core import load_kpis
from streams.cli.files import in_batches
from streams.cli.progress import progress_bar
from streams.cli.receive import add_gateway_port, invite_senders
from streams.cli.replay import report
from streams.cli.serving import add_address, invite, listening, say, served, stopping
from streams.cli.simulate import add_company_arguments, days_ago_ms
from streams.cli.webhooks import webhooks_of
from streams.clock import now_ms
from streams.kpi_files import KpiFiles
from streams.local.data import Acceptance, DataFolder, Durable, FolderLog
from streams.local.embedded import Embedded, SimulatedClock, Timed
from streams.local.sources import FileSource
from streams.settings import Settings, load_settings
from streams.simulator import Company

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
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    settings = load_settings(
        port=arguments.port, listen=arguments.listen, receive_port=arguments.receive_port
    )
    if not arguments.speed > 0:
        raise TidemarkError("--speed must be above 0")
    plan, kpis = load_kpis(settings)
    if arguments.data:
        with stopping() as stop, closing(DataFolder(Path(arguments.data))) as folder:
            _run_data(arguments.events, folder, plan, kpis, settings, stop)
        return 0
    embedded = Embedded(plan, settings.type_prefix)
    serve = partial(served, embedded.board, plan, kpis, settings)
    run = _run_file if arguments.events else _run_company
    with stopping() as stop:
        run(arguments, embedded, serve, settings.flush_interval, stop)
    return 0


def _run_file(
    arguments: argparse.Namespace,
    embedded: Embedded,
    serve: _Served,
    flush_s: float,
    stop: threading.Event,
) -> None:
    source = FileSource(arguments.events)
    with serve(now_ms) as url:
        invite(url)
        if arguments.events == "-":
            embedded.follow_batches(source.lines(flush_s), stop, flush_s)
        else:
            with progress_bar("folding", "events") as advance:
                batches = takewhile(lambda _: not stop.is_set(), source.batches())
                embedded.load(batches, advance)
        _publish(embedded, "events folded; Ctrl-C ends")
        embedded.idle(stop, flush_s)


def _run_data(
    events: str | None,
    folder: DataFolder,
    plan: Plan,
    kpis: KpiFiles,
    settings: Settings,
    stop: threading.Event,
) -> None:
    """Runs over a data folder, events of a file or of standard input let into it as they come."""
    durable = Durable(plan, settings.type_prefix, folder)
    if durable.anew is not None:
        say(f"all events are folded anew: {durable.anew}")
    webhooks = webhooks_of(settings)
    gateway = Gateway(FolderLog(folder.log, now_ms), webhooks, now_ms, settings.type_prefix)
    config = WebConfigFile(settings.web_config)
    with (
        served(durable.embedded.board, plan, kpis, settings, now_ms, gateway.collectors) as url,
        listening(gateway, settings.listen, settings.receive_port, config) as gateway_url,
    ):
        invite(url)
        invite_senders(gateway_url, webhooks)
        if events is not None and events != "-":
            _accept(FileSource(events).batches(), events, folder, settings, stop)
        with progress_bar("folding", "events") as advance:
            durable.load(stop, advance)
        _publish(durable.embedded, f"events folded, {durable.number} in {folder.log.path}")
        durable.store()
        if events == "-":
            lines = FileSource(events).lines(settings.flush_interval)
            accepting = (lines, "stdin", folder, settings, stop)
            threading.Thread(target=_accept, args=accepting, daemon=True).start()
        durable.follow(stop, settings.flush_interval)


def _accept(
    batches: Iterable[list[bytes]],
    origin: str,
    folder: DataFolder,
    settings: Settings,
    stop: threading.Event,
) -> None:
    """Lets lines into the log, and says what became of them."""
    acceptance, found, letters = Acceptance(folder, settings.type_prefix, now_ms), Stored(), 0
    for lines in takewhile(lambda _: not stop.is_set(), batches):
        if lines:
            stored, refused = acceptance.accept(lines, origin)
            found.add(stored)
            letters += refused
    say(f"{origin}: {found.new} events are new, {found.known} were known")
    if letters:
        say(f"{origin}: {letters} lines are no events: kept as letters, with the reason")
    if found.other:
        say(f"{origin}: {len(found.other)} events are known with other content: the first holds")


def _publish(embedded: Embedded, said: str) -> None:
    embedded.publish()
    report(embedded.intake)
    say(f"{embedded.intake.records} {said}")


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
        _publish(embedded, "events of history folded; live now, Ctrl-C ends")
        embedded.follow(chain(first_live, events), clock, stop, flush_s)

"""Serving a board's figures over HTTP, until a signal ends it."""

import _thread
import argparse
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Protocol

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from aggregates.shard.board import Board
from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.plan import Plan
from events.errors import TidemarkError
from events.zone import IANA_VERSION
from exporters.api.api import Api
from exporters.collector import LiveCollector
from exporters.feed import Feed
from exporters.http import Answering, Application, Names, Server, Traffic, WebConfigFile
from exporters.live_reading import LiveReading, Reading
from exporters.pages.pages import Pages
from exporters.pages.rows import Named
from streams.kpi_files import KpiFiles
from streams.settings import Settings


class Exposing(Protocol):
    """What ``/metrics`` exposes."""

    def families(self, reading: Reading) -> Iterator[Metric]:
        """Yields the families of a reading."""


def add_address(command: argparse.ArgumentParser) -> None:
    """Declares where figures are served."""
    command.add_argument("--port", type=int, metavar="PORT", help="default: 9108; 0: any")
    command.add_argument("--listen", metavar="HOST", help="default: 127.0.0.1")


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Yields an event that SIGTERM or SIGINT sets.

    It is set in a thread of its own: the signal may come amid a wait for it, in the same thread,
    which would then wait for itself.
    """
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: _thread.start_new_thread(stop.set, ()))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def served(
    board: Board,
    plan: Plan,
    kpis: KpiFiles,
    settings: Settings,
    clock_ms: Callable[[], int],
    others: Iterable[Collector] = (),
    named: Named | None = None,
    metrics: Callable[[Sequence[Collector]], Exposing] | None = None,
    port: int | None = None,
) -> Iterator[str]:
    """Serves a board's figures, and what others count; yields the address.

    Args:
        board: Where figures are.
        plan: What is computed.
        kpis: The KPI files to follow.
        settings: The settings.
        clock_ms: The time at which figures are read, in ms of the epoch.
        others: What else is counted.
        named: What names accounts; None where they are not at hand.
        metrics: Makes what ``/metrics`` exposes, of what is counted; None for the figures.
        port: Where to listen, if not at the exporter's port.

    Raises:
        TidemarkError: If the address cannot be bound, or the web configuration is wrong.
    """
    config, traffic = WebConfigFile(settings.web_config), Traffic()
    fingerprint = fingerprint_of(plan, settings.dialect)
    feed = Feed(board, settings.stale_after, fingerprint=fingerprint)
    currency = plan.policy.currency
    live = LiveReading(feed, kpis, plan.calendar, clock_ms, currency=currency)
    release = version("tidemark")
    counted = (traffic, *others, PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR)
    exposing: Exposing
    if metrics is not None:
        exposing = metrics(counted)
    else:
        exposing = LiveCollector(
            live,
            version=release,
            segment_names=plan.policy.segments,
            series_max=settings.series_max,
            others=counted,
            tables={"tzdata": IANA_VERSION, "fingerprint": fingerprint.digest},
        )
    shown = named if settings.account_pages else None
    pages = Pages(live, release, shown)
    api = Api(live, release, None if shown is None else shown.rows)
    application = Application(
        live, exposing.families, pages, traffic, api, names=names_of(settings)
    )
    place = settings.port if port is None else port
    with listening(application, settings.listen, place, config) as url:
        yield url


@contextmanager
def listening(application: Answering, host: str, port: int, config: WebConfigFile) -> Iterator[str]:
    """Serves an application; yields the address.

    Raises:
        TidemarkError: If the address cannot be bound.
    """
    try:
        server = Server(application, host, port, config)
    except OSError as error:
        from streams.kafka.refusal import system_problem  # with a client of Kafka's

        raise TidemarkError(f"cannot listen on {host}:{port}: {system_problem(error)}") from error
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def names_of(settings: Settings) -> Names:
    """Returns the names that are answered."""
    return Names(settings.listen, settings.allowed_hosts)


def say(text: str) -> None:
    """Tells the user something at once."""
    print(text, flush=True)


def invite(url: str) -> None:
    """Says where figures are to be seen."""
    say(f"KPIs:    {url}/")
    say(f"metrics: {url}/metrics")

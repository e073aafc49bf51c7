"""``tidemark run --data``: everything in one process, and every event kept."""

import gc
import logging
import threading
from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from aggregates.shard.plan import Plan
from events.log import LogError, Stored
from exporters.gateway import Gateway
from exporters.http import WebConfigFile
from exporters.pages.rows import Named
from streams.cli.progress import progress_bar
from streams.cli.receive import invite_senders
from streams.cli.replay import report
from streams.cli.serving import invite, listening, names_of, say, served
from streams.cli.summary import summary
from streams.cli.webhooks import webhooks_of
from streams.clock import now_ms
from streams.kpi_files import KpiFiles
from streams.local.account_log import AccountLog
from streams.local.data import Acceptance, DataFolder, Durable, FolderLog
from streams.local.searched_events import SearchedEvents
from streams.local.sources import FileSource
from streams.local.ticker import Ticker
from streams.settings import Settings

_log = logging.getLogger(__name__)

_AGAIN_S: Final = 1.0
"""After which lines of standard input are tried again that the disk did not take."""


def run_folder(
    events: str | None,
    folder: DataFolder,
    plan: Plan,
    kpis: KpiFiles,
    settings: Settings,
    stop: threading.Event,
) -> None:
    """Runs until the stop is set, with a gateway.

    Args:
        events: A file, or ``-``, whose lines are let into the folder; None for none.
        folder: Where events and rows are kept.
        plan: What is computed.
        kpis: The KPI files to follow.
        settings: The settings.
        stop: Ends it.
    """
    durable = Durable(plan, settings.dialect, folder)
    if durable.anew is not None:
        say(f"all events are folded anew: {durable.anew}")
    webhooks = webhooks_of(settings)
    gateway = Gateway(
        FolderLog(folder.log, now_ms), webhooks, now_ms, settings.dialect, names_of(settings)
    )
    config = WebConfigFile(settings.web_config)
    embedded = durable.embedded
    if settings.account_pages:
        embedded.ticker = Ticker(kpis, plan.calendar, now_ms, settings.dialect)
    log = AccountLog(SearchedEvents(folder.log.read), plan, settings.dialect)
    named = Named(embedded.rows, embedded.ticker, log)
    others = gateway.collectors
    serving = served(embedded.board, plan, kpis, settings, now_ms, others, named)
    with (
        serving as url,
        listening(gateway, settings.listen, settings.receive_port, config) as gateway_url,
    ):
        invite(url)
        invite_senders(gateway_url, webhooks)
        if events is not None and events != "-":
            _accept(FileSource(events).batches(), events, folder, settings, stop)
        with progress_bar("folding", "events") as advance:
            durable.load(stop, advance)
        durable.embedded.publish()
        gc.freeze()  # history lives long; the collector need not look at it again
        if durable.embedded.intake.records or not durable.number:  # else rows hold all of the log
            report(durable.embedded.intake)
        say(f"{summary(durable.embedded.intake)}; {durable.number} events in {folder.log.path}")
        durable.store()
        if events == "-":
            lines = FileSource(events).lines(settings.flush_interval)
            accepting = (lines, "stdin", folder, settings, stop, _AGAIN_S)
            threading.Thread(target=_accept, args=accepting, daemon=True).start()
        durable.follow(stop, settings.flush_interval)
    say(f"ended: {summary(durable.embedded.intake)}")


def _accept(
    batches: Iterable[list[bytes]],
    origin: str,
    folder: DataFolder,
    settings: Settings,
    stop: threading.Event,
    again_s: float | None = None,
) -> None:
    """Lets lines into the log, and says what became of them.

    Where the log does not take them, they are tried again after ``again_s``, if that is given: what
    was read from a pipe cannot be read once more.

    Raises:
        LogError: If the log does not take them.
    """
    acceptance, found, letters = Acceptance(folder, settings.dialect, now_ms), Stored(), 0
    for lines in takewhile(lambda _: not stop.is_set(), batches):
        failing = False
        while lines:
            try:
                stored, refused = acceptance.accept(lines, origin)
            except LogError as error:
                if again_s is None:
                    raise
                if not failing:
                    _log.warning("%s waits for the log: %s", origin, error)
                failing = True
                if stop.wait(again_s):
                    _log.warning("%s: %d lines are not in the log", origin, len(lines))
                    break
                continue
            found.add(stored)
            letters += refused
            break
    say(f"{origin}: {found.new} events are new, {found.known} were known")
    if letters:
        say(f"{origin}: {letters} lines are no events: kept as letters, with the reason")
    if found.other:
        say(f"{origin}: {len(found.other)} events are known with other content: the first holds")

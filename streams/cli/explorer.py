"""``tidemark explorer``: pages that name accounts, beside the workers on Kafka."""

import argparse
import asyncio
import logging
import signal
from functools import partial
from importlib.metadata import version

from aggregates.shard.fingerprint import Fingerprint, fingerprint_of
from aggregates.shard.plan import Plan
from events import TOPICS
from events.errors import TidemarkError
from events.zone import IANA_VERSION
from exporters.boards.memory_board import MemoryBoard
from exporters.explorer_metrics import ExplorerMetrics, Following
from exporters.pages.rows import Named
from streams.cli.core import load_kpis
from streams.cli.serving import invite, served
from streams.clock import now_ms
from streams.explorer.explorer import Explorer
from streams.explorer.follower import Follower
from streams.explorer.process import run_together
from streams.explorer.tables import tables_in_force, watch_tables
from streams.kafka.refusal import RefusedError
from streams.kafka.topics import Topics
from streams.kpi_files import KpiFiles
from streams.settings import Settings, load_settings
from streams.worker.error import refused
from streams.worker.process import EXIT_FAILED
from streams.worker.topic_watch import watch_topics

_log = logging.getLogger(__name__)


def add_explorer(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark explorer``."""
    command.add_argument("--port", type=int, metavar="PORT", help="default: 9110; 0: any")
    command.add_argument("--listen", metavar="HOST", help="default: 127.0.0.1")
    command.set_defaults(run=_explorer)


def _explorer(arguments: argparse.Namespace) -> int:
    settings = load_settings(explorer_port=arguments.port, listen=arguments.listen)
    if not settings.account_pages:
        raise TidemarkError(
            "account_pages is off: without them `tidemark exporter` shows all that there is"
        )
    plan, kpis = load_kpis(settings)
    try:
        asyncio.run(_serve(settings, plan, kpis, fingerprint_of(plan, settings.dialect)))
    except RefusedError as error:
        _log.critical("%s", refused(error))
        return EXIT_FAILED
    except TidemarkError as error:
        _log.critical("%s", error)
        return EXIT_FAILED
    return 0


async def _serve(settings: Settings, plan: Plan, kpis: KpiFiles, own: Fingerprint) -> None:
    """Serves pages until a signal, or until what is followed is not there any more.

    Raises:
        TidemarkError: If it cannot go on; the supervisor starts it again.
    """
    cluster, names, stop = settings.cluster(), Topics(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tables = await tables_in_force(cluster, names, own)
    board = MemoryBoard()
    explorer = Explorer(plan, tables, board, own)
    follower = Follower(cluster, explorer, settings.flush_interval)
    build = {"version": version("tidemark"), "tzdata": IANA_VERSION, "fingerprint": own.digest}
    metrics = partial(ExplorerMetrics, partial(_following, explorer, follower), build)
    named, port = Named(explorer.rows), settings.explorer_port
    _log.info(
        "started: tidemark %s, %d partitions of tables %s, at Kafka %s",
        version("tidemark"),
        tables.partitions,
        tables.topics.app_id,
        cluster,
    )
    with served(
        board, plan, kpis, settings, now_ms, named=named, metrics=metrics, port=port
    ) as url:
        invite(url)
        await run_together(
            follower.run(),
            watch_tables(cluster, names, own, tables.begins),
            watch_topics(cluster, tables.topics, tables.partitions),
            stop.wait(),
        )
    _log.info("ended: cleanly")


def _following(explorer: Explorer, follower: Follower) -> Following:
    """Says how far an explorer has read."""
    places = {
        (topic, str(number)): course
        for number, each in enumerate(explorer.partitions)
        for topic, course in each.courses.items()
    }
    ends = follower.ends
    return Following(
        unread={at: course.unread(ends) for at, course in places.items()},
        stored_ms={at: course.written_ms for at, course in places.items()},
        rows={topic: explorer.row_count(topic) for topic in TOPICS},
        restore_s=follower.restore_s,
    )

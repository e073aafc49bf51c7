"""``tidemark worker``: a Faust worker, from Kafka to the shared board."""

import argparse
import asyncio
import logging
import os
import socket
from functools import partial

from aggregates.shard.fingerprint import fingerprint_of
from aggregates.shard.shard import Shard
from events import Decoder
from events.errors import TidemarkError
from streams.cli.board import redis_board
from streams.cli.core import load_core
from streams.cli.replay import add_accept_missing
from streams.kafka.topics import Topics
from streams.settings import load_settings
from streams.worker.admission import admitted, installation_of, watch
from streams.worker.options import WorkerOptions
from streams.worker.process import EXIT_FAILED, run_worker
from streams.worker.worker import Worker

_log = logging.getLogger(__name__)


def add_worker(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark worker``."""
    add_accept_missing(command)
    command.set_defaults(run=_worker)


def _worker(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    plan, _ = load_core(settings)
    cluster = settings.cluster()
    redis_board(settings).close()  # a wrong address ends the worker here, not in a thread
    names, own = Topics(), fingerprint_of(plan, settings.dialect)
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
        decoder_factory=lambda topic: Decoder(settings.dialect, topic=topic),
    )
    worker.beside.append(partial(watch, cluster, names, own, worker))
    return run_worker(worker)

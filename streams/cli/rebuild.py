"""``tidemark rebuild``: tables of changed settings, computed while the old ones are served."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from functools import partial

from aggregates.shard.fingerprint import differences, fingerprint_of, told
from aggregates.shard.shard import Shard
from events import Decoder
from events.errors import TidemarkError
from exporters.boards.memory_board import MemoryBoard
from streams.cli.core import load_core
from streams.cli.replay import add_accept_missing
from streams.kafka.register import Register
from streams.kafka.topics import Topics
from streams.settings import load_settings


def add_rebuild(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark rebuild``."""
    add_accept_missing(command)
    command.set_defaults(run=_rebuild)


def _rebuild(arguments: argparse.Namespace) -> int:
    from streams.worker.admission import opened  # Faust takes a second that no other needs
    from streams.worker.options import WorkerOptions
    from streams.worker.process import run_worker
    from streams.worker.rebuild import Rebuild
    from streams.worker.worker import Worker

    settings = load_settings()
    cluster = settings.cluster()
    plan, _ = load_core(settings)
    own = fingerprint_of(plan, settings.dialect)
    names = Topics()
    register, tables = asyncio.run(opened(cluster, names, own))
    if register.in_force == own.digest:
        print("the tables in force are of these settings: nothing to compute anew")
        return 0
    print(_told(register, own.entries), flush=True)
    options = WorkerOptions(
        cluster=cluster,
        topics=tables,
        owner="rebuild",
        flush_interval_s=settings.flush_interval,
        pulse=settings.pulse,
        publishes=False,
        accept_missing_history=arguments.accept_missing_history,
        begins=register.begins,
    )
    worker = Worker(
        options,
        board_factory=MemoryBoard,
        shard_factory=lambda number, holds: Shard(plan, number, bulk=True, holds=holds),
        decoder_factory=lambda topic: Decoder(settings.dialect, topic=topic),
    )
    rebuild = Rebuild(cluster, names, tables, own.digest, _percents())
    worker.beside.append(partial(rebuild.run, worker.stop))
    code = run_worker(worker)
    if code or not rebuild.done:
        raise TidemarkError("not done; the same command goes on from here")
    print(
        f"rebuilt from {rebuild.records} records; restart the workers and the exporter with these "
        "settings to switch over: the first worker puts the new tables in force"
    )
    return 0


def _told(register: Register, entries: Mapping[str, str]) -> str:
    serving = register.serving
    if serving is None:
        return "computing tables under these settings"
    differing = told(differences(serving.fingerprint.entries, entries))
    return f"computing tables beside those that are served: {differing}"


def _percents() -> Callable[[int, int], None]:
    """Returns a function that says how far it is, when that is another percentage."""
    last = -1

    def say(done: int, records: int) -> None:
        nonlocal last
        percent = done * 100 // records if records else 100
        if percent != last:
            last = percent
            print(f"tidemark: {percent} %, {done} of {records} records", file=sys.stderr)

    return say

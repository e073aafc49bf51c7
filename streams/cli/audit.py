"""``tidemark audit``: the log folded once more, and the board compared with it, cell by cell."""

import argparse
import asyncio
import gc
import json
import os
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from time import sleep
from typing import TYPE_CHECKING, Final

from aggregates.shard.audit import AuditNote, encode_audit
from aggregates.shard.board import BoardUnavailableError, PartitionStatus
from aggregates.shard.fingerprint import Fingerprint, fingerprint_of
from aggregates.shard.plan import Plan
from events import TOPICS, Decoder
from events.errors import TidemarkError
from exporters.feed import Feed
from streams.cli.audit_report import audit_document, audit_lines
from streams.cli.board import redis_board
from streams.cli.core import load_core
from streams.cli.progress import progress_bar
from streams.cli.replay import add_accept_missing
from streams.cli.table import folded, terminal_width
from streams.clock import monotonic_s, now_ms
from streams.kafka.cluster import Cluster
from streams.kafka.register import Begins, find_register
from streams.kafka.topics import Topics, count_partitions
from streams.settings import Settings, check_variables, load_settings

if TYPE_CHECKING:
    from streams.worker.audit import Audited, Published

NICENESS: Final = 19
"""Of the process: whatever else wants a core has it first."""

RECORDS_A_S: Final = 50_000.0
"""A third of what a core folds: a broker's disk and network are for those who work live."""

SHOWN_MAX: Final = 20
"""Cells of a partition that are shown one by one: enough to see which family is wrong."""

PATIENCE_S: Final = 60.0
"""For the board to be whole, and for each partition to have a moment in which nothing waits."""

LOOK_S: Final = 0.5
"""Between two looks at the board; workers publish each second."""

STALL_S: Final = 60.0
"""Without a record, though there must be more, after which reading fails."""

EXIT_MISMATCH: Final = 1

EXIT_NOT_COMPARED: Final = 70
"""Apart from a mismatch: who is called at night must know which it is."""


def add_audit(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark audit``."""
    add_accept_missing(command)
    command.add_argument("--format", choices=["table", "json"], default="table")
    command.add_argument(
        "--show",
        type=int,
        default=SHOWN_MAX,
        metavar="N",
        help=f"cells of a partition that are named one by one; default: {SHOWN_MAX}",
    )
    command.add_argument(
        "--rate",
        type=float,
        default=RECORDS_A_S,
        metavar="N",
        help=f"records a second at most; default: {RECORDS_A_S:.0f}",
    )
    command.set_defaults(run=_audit)


def _audit(arguments: argparse.Namespace) -> int:
    try:
        check_variables(os.environ)
        if arguments.show < 0 or not arguments.rate > 0:
            raise TidemarkError("--show must be 0 or more, --rate above 0")
        mismatch = _compared(arguments)
    except TidemarkError as error:
        print(f"tidemark: not compared: {error}", file=sys.stderr)
        return EXIT_NOT_COMPARED
    except Exception:
        traceback.print_exc()  # a fault of ours has compared nothing either
        return EXIT_NOT_COMPARED
    return EXIT_MISMATCH if mismatch else 0


def _compared(arguments: argparse.Namespace) -> int:
    """Compares, says what was found and leaves it on the board; returns how much differs."""
    os.nice(NICENESS)
    settings = load_settings()
    plan, _ = load_core(settings)
    own = fingerprint_of(plan, settings.dialect)
    board = redis_board(settings)
    try:
        published = published_on(Feed(board, settings.stale_after, fingerprint=own))
        at_ms = now_ms()
        found = _found(arguments, settings, plan, own, published)
        document = audit_document(found, plan, at_ms)
        if arguments.format == "json":
            print(json.dumps(document, indent=2))
        else:
            width = terminal_width()
            for text in audit_lines(document):
                print("\n".join(folded(text, width)))
        installation = next(each.status.installation for each in published.values())
        compared = {each.partition: each.compared for each in found}
        board.keep_audit(encode_audit(AuditNote(at_ms, installation, own.digest, compared)))
    except BoardUnavailableError as error:
        print(f"tidemark: exporters will not show it: {error}", file=sys.stderr)
    finally:
        board.close()
    return sum(each.mismatch for each in compared.values())


def published_on(
    feed: Feed, patience_s: float = PATIENCE_S, look_s: float = LOOK_S
) -> dict[int, "Published"]:
    """Copies each partition from the board, at a moment in which nothing waits if there is one.

    Args:
        feed: Follows the board.
        patience_s: How long to wait for the board to be whole, and for such moments.
        look_s: Between two looks.

    Raises:
        TidemarkError: If the board does not become whole.
    """
    from streams.worker.audit import Published  # Faust takes a second that no other needs

    taken: dict[int, Published] = {}
    deadline_s = monotonic_s() + patience_s
    while True:
        feed.refresh()
        state, late = feed.state(), monotonic_s() > deadline_s
        if state.complete:
            for each in state.partitions:
                number, status = each.partition, each.status
                if status and number not in taken and (late or not _waits(status)):
                    taken[number] = Published(status, dict(feed.chunks(number)))
            if len(taken) == state.expected:
                return taken
        elif late:
            raise TidemarkError(state.reason)
        sleep(look_s)


def _waits(status: PartitionStatus) -> bool:
    """Returns whether figures are to be computed, or rows to be sent, of what was read."""
    return bool(status.deferred or status.moved_waiting)


def _found(
    arguments: argparse.Namespace,
    settings: Settings,
    plan: Plan,
    own: Fingerprint,
    published: Mapping[int, "Published"],
) -> list["Audited"]:
    """Reads the log and compares, one partition after the other, with progress."""
    from streams.worker.audit import Audit, Pace
    from streams.worker.changelog_reader import ChangelogReader
    from streams.worker.error import reaching

    cluster = settings.cluster()
    found: list[Audited] = []
    records = sum(each.end(topic) for each in published.values() for topic in TOPICS)
    pace = Pace(arguments.rate)

    async def run() -> None:
        topics, begins = await _log(cluster, own, published)
        audit = Audit(
            plan,
            topics,
            {name: Decoder(settings.dialect, topic=name) for name in TOPICS},
            took,
            shown_max=arguments.show,
            begins=begins,
            accept_missing=arguments.accept_missing_history,
        )
        async with ChangelogReader(cluster, STALL_S, lambda: None) as reader:
            async for each in audit.run(reader, published):
                found.append(each)
                gc.collect()  # a partition's rows and units know each other

    with progress_bar("auditing", "records", records) as advance, reaching(cluster):

        def took(count: int) -> None:
            advance(count)
            pace.note(count)

        asyncio.run(run())
    return found


async def _log(
    cluster: Cluster, own: Fingerprint, published: Mapping[int, "Published"]
) -> tuple[Topics, Begins]:
    """Returns the names of the topics that the board was computed from, and where logs begin.

    Raises:
        TidemarkError: If it was computed from another cluster's.
    """
    from streams.worker.admission import installation_of

    installation = await installation_of(cluster)
    if strange := {each.status.installation for each in published.values()} - {installation}:
        told = ", ".join(sorted(strange))
        raise TidemarkError(f"the board is of Kafka cluster {told}, {cluster} is {installation}")
    names = Topics()
    count = await count_partitions(cluster, names)
    if count != len(published):
        raise TidemarkError(f"topics have {count} partitions, the board {len(published)}")
    register = await find_register(cluster, names)
    if own.digest not in register.tables:
        return names, register.begins
    return replace(names, app_id=register.app_id(own.digest)), register.begins

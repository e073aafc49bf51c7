"""``tidemark erase``: the right to be forgotten, in topics that are kept for ever, or in files."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from aiokafka.errors import KafkaError

from aggregates.revenue.life import is_payment_failure
from aggregates.shard.board import BoardUnavailableError
from events.errors import TidemarkError
from events.forgetting import Forgetting
from events.pseudonyms import Pseudonyms
from streams.cli.board import redis_board
from streams.cli.files import opened
from streams.cli.progress import progress_bar
from streams.cli.replay import add_accept_missing
from streams.kafka.erasure import Erasure, Told
from streams.kafka.erasure_end import end_erasure
from streams.kafka.placement import partition_of
from streams.kafka.register import find_register
from streams.kafka.topics import Topics, count_partitions
from streams.local.data import DataFolder
from streams.local.data.folder import is_data_folder
from streams.local.sources import FileSource
from streams.settings import Settings, load_settings

_KEY_BYTES: Final = 32
"""Of the key of this run's pseudonyms, which ends with it."""

_NEXT: Final = (
    "start with `tidemark rebuild`, then the workers: tables are computed anew from the events"
)


def add_erase(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark erase``."""
    command.add_argument(
        "--account",
        action="append",
        default=[],
        metavar="ID",
        help="an account; with --user, the account that the person is of; repeatable",
    )
    command.add_argument(
        "--user", action="append", default=[], metavar="ID", help="a person; repeatable"
    )
    command.add_argument(
        "--dry-run", action="store_true", help="only say what would be replaced, by topic"
    )
    command.add_argument("--data", metavar="DIR", help="a data folder instead of the topics")
    command.add_argument("--out", default="-", metavar="FILE", help="where files are written to")
    command.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="NDJSON instead of the topics; what is left is written to --out",
    )
    add_accept_missing(command)
    command.set_defaults(run=_erase)


def _erase(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    named = arguments.account or arguments.user
    _check_arguments(arguments)
    if arguments.data:
        _erase_folder(arguments, _forgetting(arguments, settings, None))
        return 0
    if arguments.files:
        _erase_files(arguments, _forgetting(arguments, settings, None))
        return 0
    try:
        _end_cut_off(arguments, settings)
        if named:
            _erase_topics(arguments, settings)
    except (KafkaError, OSError) as error:
        raise TidemarkError(f"kafka {settings.kafka}: {error or type(error).__name__}") from error
    if not arguments.dry_run:
        _clear_board(settings)
    return 0


def _end_cut_off(arguments: argparse.Namespace, settings: Settings) -> None:
    """Ends an erasure that was cut off, unless nothing is to be changed."""
    cluster, topics = settings.cluster(), Topics()
    if arguments.dry_run:
        if asyncio.run(find_register(cluster, topics)).erasing:
            raise TidemarkError("an erasure was cut off; end it by `tidemark erase` first")
    elif asyncio.run(end_erasure(cluster, topics)):
        print(f"ended the erasure that was cut off; {_NEXT}")
    elif not (arguments.account or arguments.user):
        print("no erasure was cut off; the board is emptied, as at the end of one")


def _check_arguments(arguments: argparse.Namespace) -> None:
    if "" in (*arguments.account, *arguments.user, *arguments.files, arguments.data):
        raise TidemarkError("a name is empty, as of a variable that is not set")
    if arguments.data or arguments.files:
        if not arguments.account and not arguments.user:
            raise TidemarkError("nobody to erase: --account ID or --user ID")
        if arguments.data and arguments.files:
            raise TidemarkError("either --data or files")


def _forgetting(
    arguments: argparse.Namespace, settings: Settings, lies_alike: Callable[[str, str], bool] | None
) -> Forgetting:
    return Forgetting(
        arguments.account,
        arguments.user,
        Pseudonyms(secrets.token_bytes(_KEY_BYTES), lies_alike),
        kept=settings.segments,
        dialect=settings.dialect,
        means=is_payment_failure,
    )


def _check_partners(run: Forgetting) -> None:
    """Refuses to erase half of what a merge has made one."""
    if partners := run.partners:
        raise TidemarkError(
            f"by a merge the same as somebody named: {', '.join(partners)}; name them too. "
            "Nothing has changed"
        )


def _erase_topics(arguments: argparse.Namespace, settings: Settings) -> None:
    cluster, topics = settings.cluster(), Topics()
    count = asyncio.run(count_partitions(cluster, topics))
    run = _forgetting(
        arguments, settings, lambda a, b: partition_of(a, count) == partition_of(b, count)
    )
    erasure = Erasure(cluster, topics, run)
    accept_missing = arguments.accept_missing_history
    with progress_bar("reading", "records") as say:
        told = asyncio.run(erasure.look(say, accept_missing=accept_missing))
    _report(told, "would be" if arguments.dry_run else "are being")
    _check_partners(run)
    if arguments.dry_run or not told.places:
        return
    with progress_bar("copying", "records", _records(told)) as say:
        asyncio.run(erasure.copy(told, say))
    asyncio.run(end_erasure(cluster, topics))
    print(f"erased; {_NEXT}")
    _say_left(run)


def _say_left(run: Forgetting) -> None:
    if run.left:
        what = "records still have such a name in a field that is no id of theirs: a label, or"
        print(f"tidemark: {run.left} {what} another account's user", file=sys.stderr)


def _records(told: Told) -> int:
    return sum(end - first for first, end in told.places.values())


def _report(told: Told, how: str) -> None:
    for topic, count in sorted(told.records.items()):
        places = sum(place.topic == topic for place in told.places)
        print(f"{topic}: {count} records in {places} partitions {how} replaced")
    if not told.records:
        print("nothing tells of them")
    else:
        print(f"{_records(told)} records in these partitions {how} copied")


def _erase_files(arguments: argparse.Namespace, run: Forgetting) -> None:
    if folders := [name for name in arguments.files if Path(name).is_dir()]:
        raise TidemarkError(f"{folders[0]}: a data folder is named by --data")
    if "-" in arguments.files:
        raise TidemarkError("standard input is read once only; give a file")
    found = sum(run.learn(line) for line in _lines(arguments.files))
    print(f"tidemark: {found} lines tell of them", file=sys.stderr)
    _check_partners(run)
    if arguments.dry_run:
        return
    with opened(arguments.out) as out:
        for line in _lines(arguments.files):
            new = run.rewrite(line)
            if new is not None:
                out.write(new + b"\n")
    _say_left(run)


def _erase_folder(arguments: argparse.Namespace, run: Forgetting) -> None:
    path = Path(arguments.data)
    if not is_data_folder(path):
        raise TidemarkError(f"{path}: no data folder, so nothing is erased")
    with closing(DataFolder(path)) as folder:
        found = sum(run.learn(event) for _, events in folder.log.read(0) for event in events)
        print(f"{found} events {'would be' if arguments.dry_run else 'are being'} replaced")
        _check_partners(run)
        if not arguments.dry_run:
            folder.forget(run)
            print("erased; the service folds all events anew when it starts")
            _say_left(run)


def _lines(names: list[str]) -> Iterator[bytes]:
    for name in names:
        for lines in FileSource(name).batches():
            yield from (line.rstrip(b"\r\n") for line in lines)


def _clear_board(settings: Settings) -> None:
    """Takes all cells off the board: what counts distinct accounts has their ids in its cells."""
    board = redis_board(settings)
    try:
        board.clear()
    except BoardUnavailableError as error:
        raise TidemarkError(f"redis {error}: the board is not cleared; run it again") from error
    finally:
        board.close()

"""``tidemark replay``: event history in, KPI values at chosen times out."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from aggregates.shard.plan import Plan
from events.errors import TidemarkError
from streams.cli.core import Commands, load_core
from streams.cli.progress import progress_bar
from streams.local.intake import Intake
from streams.local.replay import (
    EVERY,
    ReplayError,
    as_csv,
    as_json,
    as_openmetrics,
    edges_at,
    fold_history,
    grid,
    read_at,
)
from streams.local.sources import Source, open_source
from streams.settings import load_settings


def add_commands(commands: Commands) -> None:
    """Adds the commands of this module."""
    command = commands.add_parser("replay", help="KPI values from event history, at chosen times")
    command.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="an NDJSON file, - or kafka://HOST:PORT"
    )
    command.add_argument(
        "--at", action="append", metavar="T", help="RFC 3339 time; may be repeated"
    )
    command.add_argument("--from", dest="first", metavar="A", help="first time of a grid")
    command.add_argument("--to", dest="last", metavar="B", help="last time of a grid")
    command.add_argument("--every", default="1d", metavar="STEP", help=", ".join(EVERY))
    command.add_argument("--format", choices=["json", "csv", "openmetrics"], default="json")
    command.add_argument("--out", metavar="PATH", default="-", help="default: standard output")
    command.set_defaults(run=_replay)


def _edges(arguments: argparse.Namespace) -> list[int]:
    if arguments.at and not (arguments.first or arguments.last):
        return edges_at(arguments.at)
    if arguments.first and arguments.last and not arguments.at:
        return grid(arguments.first, arguments.last, arguments.every)
    raise ReplayError("give either --at, once or more, or --from and --to")


def _replay(arguments: argparse.Namespace) -> int:
    edges = _edges(arguments)
    settings = load_settings()
    plan, catalogue = load_core(settings)
    sources = [open_source(name) for name in arguments.sources]
    intake = folded(plan, sources, settings.type_prefix)
    found = read_at(catalogue, intake.shards[0].ledger, plan, edges)
    texts = {
        "json": lambda: as_json(found),
        "csv": lambda: as_csv(found),
        "openmetrics": lambda: as_openmetrics(found),
    }[arguments.format]()
    _write(texts, arguments.out)
    return 0


def folded(plan: Plan, sources: list[Source], type_prefix: str) -> Intake:
    """Folds whole sources, shows how far it is, and says what was left out.

    Raises:
        SourceError: If a source cannot be read.
    """
    with progress_bar("replaying", "bytes", _total(sources)) as advance:
        told = 0

        def progress(source: Source) -> None:
            nonlocal told
            done = sum(each.done for each in sources)
            advance(done - told)
            told = done

        intake = fold_history(plan, sources, type_prefix, progress)
    tell(intake)
    return intake


def _total(sources: list[Source]) -> int | None:
    sizes = [source.size for source in sources]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def tell(intake: Intake) -> None:
    """Says on standard error what was not folded."""
    for reason, count in sorted(intake.rejected.items()):
        print(f"tidemark: {count} records not folded: {reason}", file=sys.stderr)
    for sample in intake.samples:
        print(
            f"tidemark: record {sample.number}: {sample.reason}: {sample.detail}", file=sys.stderr
        )
    for reason, count in sorted(intake.ignored.items()):
        print(f"tidemark: {count} ignored: {reason}", file=sys.stderr)


@contextmanager
def _opened(out: str) -> Iterator[IO[str]]:
    if out == "-":
        yield sys.stdout
        return
    try:
        with Path(out).open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise TidemarkError(f"{out}: {error.strerror}") from error


def _write(texts: Iterable[str], out: str) -> None:
    with _opened(out) as file:
        file.writelines(texts)

"""``tidemark check``: what is wrong with event files, and what there is in them."""

import argparse
import json
from collections.abc import Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.reading.reader import Reader
from aggregates.reading.sample import Sample, samples
from aggregates.rows.history import Outcome
from aggregates.shard.counts import KNOWN
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_at, edge_ms
from events import format_instant, parse_instant
from events.checking import Checker
from events.sources.registry import SOURCES
from streams.cli.check_report import check_document, check_lines, is_whole
from streams.cli.core import load_core
from streams.cli.progress import progress_bar
from streams.cli.table import folded, terminal_width
from streams.clock import now_ms
from streams.local.data import FolderSource
from streams.local.intake import Intake
from streams.local.sources import FileSource
from streams.settings import load_settings
from streams.source import SourceError

MONTHS: Final = 6
"""Months of which the preview shows the MRR they begin with."""

_EXIT_LEFT_OUT: Final = 1
_MRR: Final = "mrr"


def add_check(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark check``."""
    command.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="an NDJSON file, or - ; gz and zstd too; a data folder",
    )
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=_check)


def _check(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    plan, catalogue = load_core(settings)
    now = now_ms()
    checker = Checker(now, settings.dialect, SOURCES)
    intake = Intake(plan, dialect=settings.dialect, bulk=True, lasting=False)
    for name in arguments.files:
        _read(name, checker, intake)
    checker.end()
    duplicates = sum(
        count
        for (_, outcome), count in intake.shards[0].counts.outcomes.items()
        if outcome in (Outcome.DUPLICATE, KNOWN)
    )
    mrr = _mrr(checker, intake, plan, catalogue, now)
    document = check_document(checker, duplicates, mrr, settings.currency)
    if arguments.json:
        print(json.dumps(document, indent=2))
    else:
        width = terminal_width()
        for line in check_lines(document, checker):
            text = line.lstrip(" ")
            print("\n".join(folded(text, width, line[: len(line) - len(text)])))
    return 0 if is_whole(checker) else _EXIT_LEFT_OUT


def _read(file: str, checker: Checker, intake: Intake) -> None:
    """Checks a file, and folds it: what contradicts earlier events is known by that only."""
    name = "stdin" if file == "-" else file
    before = checker.profile.records
    try:
        is_folder = Path(file).is_dir()
        source = FolderSource(file) if is_folder else FileSource(file)
        unit = "events" if is_folder else "bytes"
        with progress_bar(f"checking {name}", unit, source.size) as advance:
            done = 0
            for values in source.batches():
                if source.form is not None:
                    checker.form(name, source.form)
                    return
                checker.take(name, source.numbers, values)
                for each in intake.take(values):
                    number, value = source.numbers[each.index], values[each.index]
                    checker.refuse(name, number, value, each.reason, each.detail)
                advance(source.done - done, len(values))
                done = source.done
    except SourceError as error:
        checker.unreadable(name, str(error).removeprefix(f"{file}: "))
        return
    if checker.profile.records == before:
        checker.nothing(name)


def _mrr(
    checker: Checker, intake: Intake, plan: Plan, catalogue: Catalogue, now: int
) -> list[Sample]:
    """Returns MRR as the latest months begin, and after the last event that is not ahead."""
    first_ms, last_ms = checker.profile.first_ms, checker.profile.last_ms
    if first_ms is None or last_ms is None or _MRR not in catalogue:
        return []
    last = edge_at(min(last_ms, now) + 1)
    begins = takewhile(lambda edge: edge_ms(edge) > first_ms, _months_before(last))
    edges = [*reversed(list(islice(begins, MONTHS))), last]
    reader = Reader(intake.history().ledger, plan.calendar)
    read = reader.evaluate(catalogue, edges, currency=plan.policy.currency, kpis=[catalogue[_MRR]])
    return [sample for result in read for sample in samples(result, edges)]


def _months_before(edge: int) -> Iterator[int]:
    """Yields the edges at which months begin before an edge, the latest first."""
    year, month = map(int, format_instant(edge_ms(edge) - 1)[:7].split("-"))
    while True:
        yield edge_at(parse_instant(f"{year}-{month:02}-01T00:00:00Z"))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)

"""``tidemark replay``: event history in, KPI values at chosen times out."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from difflib import get_close_matches
from typing import Final

from aggregates.policies.policy import Policy
from aggregates.reading.missing import Reason, missing
from aggregates.reading.reader import Reader
from aggregates.reading.sample import Sample
from aggregates.reading.segment_notes import in_words, noted_attributes
from aggregates.reading.shown_segments import ShownSegments
from aggregates.shard.plan import Plan
from streams.cli.core import load_core
from streams.cli.files import open_source, opened
from streams.cli.progress import progress_bar
from streams.local.history import History
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
    readings_at,
)
from streams.settings import Settings, load_settings
from streams.source import ACCEPT_MISSING, HistorySource

_FORMATS: Final[dict[str, Callable[[Iterable[Sample]], Iterable[str]]]] = {
    "json": as_json,
    "csv": as_csv,
    "openmetrics": as_openmetrics,
}


def add_replay(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark replay``."""
    add_sources(command)
    command.add_argument(
        "--at", action="append", metavar="T", help="RFC 3339 time; may be repeated"
    )
    add_grid(command, "first time of a grid", "last time of a grid", "1d", EVERY)
    command.add_argument(
        "--by",
        choices=["segment"],
        help="also the figures of each segment, told apart by the attributes in `segments`",
    )
    command.add_argument("--format", choices=list(_FORMATS), default="json")
    command.add_argument("--out", metavar="PATH", default="-", help="default: standard output")
    command.set_defaults(run=_replay)


def add_sources(command: argparse.ArgumentParser) -> None:
    """Declares where events are read from."""
    command.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="an NDJSON file, - or kafka://HOST:PORT"
    )
    command.add_argument(
        "--processes",
        type=_positive,
        metavar="N",
        help="fold in so many processes; default: as many as cores, if there is much to fold",
    )
    add_accept_missing(command)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def add_accept_missing(command: argparse.ArgumentParser) -> None:
    """Declares that a log may be read that is not whole."""
    command.add_argument(
        ACCEPT_MISSING,
        action="store_true",
        help="go on although a topic, or the head of one, is gone: figures lack its events",
    )


def sources_of(arguments: argparse.Namespace, settings: Settings) -> list[HistorySource]:
    """Opens what ``add_sources`` has declared.

    Raises:
        SourceError: If a file does not exist.
    """
    accept = arguments.accept_missing_history
    return [open_source(name, settings, accept_missing=accept) for name in arguments.sources]


def add_grid(
    command: argparse.ArgumentParser, first: str, last: str, step: str, steps: Iterable[str]
) -> None:
    """Declares a grid of times, with the help on its ends, the default step and all steps."""
    command.add_argument("--from", dest="first", metavar="A", help=first)
    command.add_argument("--to", dest="last", metavar="B", help=last)
    command.add_argument("--every", default=step, metavar="STEP", help=", ".join(steps))


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
    sources = sources_of(arguments, settings)
    history = folded(plan, sources, settings.type_prefix, arguments.processes)
    ledger, by_segment = history.ledger, arguments.by is not None
    shown = Reader(ledger, plan.calendar).segments(catalogue)
    for note in _notes(plan.policy, history.attributes, shown, by_segment):
        print(f"tidemark: segments: {note}", file=sys.stderr)
    readings = readings_at(catalogue, ledger, plan, edges, by_segment=by_segment)
    for kpi, count in missing(readings.whole)[Reason.TOO_LARGE].items():
        print(f"tidemark: {kpi}: {count} values are too large to be shown", file=sys.stderr)
    found = readings.samples(edges, plan.policy.segments)
    with opened(arguments.out) as file:
        file.writelines(text.encode() for text in _FORMATS[arguments.format](found))
    return 0


def _notes(
    policy: Policy, attributes: Set[str], shown: ShownSegments, by_segment: bool
) -> Iterator[str]:
    """Says which attributes of segments no event gives, and which have too many values."""
    known = ", ".join(sorted(attributes - {"account_id"})) or "none"
    for name in policy.segments if by_segment else policy.asked_segments:
        if name not in attributes:
            near = get_close_matches(name, attributes, n=1)
            hint = f"; is {near[0]!r} meant?" if near else ""
            yield f"no event gives the attribute {name!r}; given are: {known}{hint}"
    for name, count in noted_attributes(policy, shown.values).items():
        if by_segment and count:
            yield in_words(policy, name, count)


def folded(
    plan: Plan, sources: Sequence[HistorySource], type_prefix: str, processes: int | None
) -> History:
    """Folds whole sources, shows how far it is, and says what was left out.

    Raises:
        SourceError: If a source cannot be read.
        ProcessEndedError: If a process cannot go on.
    """
    sizes = [source.size for source in sources if source.size is not None]
    total = sum(sizes) if len(sizes) == len(sources) else None
    with progress_bar("replaying", "bytes", total) as advance:
        done = dict.fromkeys(sources, 0)

        def progress(source: HistorySource) -> None:
            advance(source.done - done[source])
            done[source] = source.done

        history = fold_history(plan, sources, type_prefix, progress, processes)
    report(history)
    return history


def report(history: History | Intake) -> None:
    """Says on standard error what was not folded."""
    for reason, count in sorted(history.rejected.items()):
        print(f"tidemark: {count} records not folded: {reason}", file=sys.stderr)
    for sample in history.samples:
        print(
            f"tidemark: record {sample.number}: {sample.reason}: {sample.detail}", file=sys.stderr
        )
    for reason, count in sorted(history.ignored.items()):
        print(f"tidemark: {count} ignored: {reason}", file=sys.stderr)

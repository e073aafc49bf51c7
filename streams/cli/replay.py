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
from events.codec import UNKNOWN_TYPE
from streams.cli.core import load_core
from streams.cli.files import opened
from streams.cli.history import open_source
from streams.cli.progress import progress_bar
from streams.cli.strict import Strict, add_strict
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
from streams.local.sources import other_form
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
    add_strict(command)


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
    history = folded(plan, sources, settings, arguments.processes, strict=arguments.strict)
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
    plan: Plan,
    sources: Sequence[HistorySource],
    settings: Settings,
    processes: int | None,
    *,
    strict: bool = False,
) -> History:
    """Folds whole sources, shows how far it is, and says what was left out.

    Raises:
        SourceError: If a source cannot be read.
        ProcessEndedError: If a process cannot go on.
        StrictError: If it is to be strict, and not all was taken.
    """
    guard = Strict(settings) if strict else None
    sizes = [source.size for source in sources if source.size is not None]
    total = sum(sizes) if len(sizes) == len(sources) else None
    with progress_bar("replaying", "bytes", total) as advance:
        done = dict.fromkeys(sources, 0)

        def progress(source: HistorySource) -> None:
            advance(source.done - done[source])
            done[source] = source.done

        look = None if guard is None else guard.look
        history = fold_history(plan, sources, settings.dialect, progress, processes, look)
    report(history, sources)
    if guard is not None:
        guard.end(history.rejected)
    return history


def report(history: History | Intake, sources: Sequence[HistorySource] = ()) -> None:
    """Says on standard error what was not folded, and sums it up in a last line."""

    def say(text: str) -> None:
        print(f"tidemark: {text}", file=sys.stderr)

    for reason, count in sorted(history.rejected.items()):
        say(f"{count} records not folded: {reason}")
    for sample in history.samples:
        say(f"record {sample.number}: {sample.reason}: {sample.detail}")
    for reason, count in sorted(history.ignored.items()):
        say(f"{count} ignored: {reason}")
    for source in sources:
        if (said := other_form(source)) is not None:
            say(said)
    unknown = history.ignored[UNKNOWN_TYPE]
    left_out = sum(history.rejected.values()) + unknown
    if left_out:
        say(f"{left_out} of {history.records} records left out; tidemark check says where and why")
    elif not history.records:
        say("there is no event in it")

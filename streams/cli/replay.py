"""``tidemark replay``: event history in, KPI values at chosen times out."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.reading.missing import Reason, missing
from aggregates.reading.read_measures import read_measures
from aggregates.reading.reader import Reader
from aggregates.reading.sample import Sample
from aggregates.reading.segment_filter import read_filters
from aggregates.reading.segment_notes import in_words, noted_attributes
from aggregates.shard.plan import Plan
from aggregates.time.moment import EXAMPLES, Moments
from events import format_instant
from events.codec import UNKNOWN_TYPE
from events.spelling import did_you_mean
from streams.cli.core import kpi_named, load_core
from streams.cli.files import opened
from streams.cli.history import open_source
from streams.cli.moments import moments_of
from streams.cli.pace import BYTES
from streams.cli.progress import progress_bar
from streams.cli.replay_table import as_table
from streams.cli.strict import Strict, add_strict
from streams.cli.table import plain, terminal_width
from streams.local.history import History
from streams.local.intake import Intake
from streams.local.replay import (
    EVERY,
    Progress,
    ReplayError,
    as_csv,
    as_json,
    as_openmetrics,
    edges_at,
    fold_history,
    grid,
    readings_at,
)
from streams.local.sources import FileSource, other_form
from streams.settings import Settings, load_settings
from streams.source import ACCEPT_MISSING, HistorySource

_Format = Callable[[Iterable[Sample]], Iterable[str]]

_FORMATS: Final[dict[str, _Format]] = {
    "json": as_json,
    "csv": as_csv,
    "openmetrics": as_openmetrics,
}


def add_replay(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark replay``."""
    add_sources(command)
    command.add_argument(
        "--at", action="append", metavar="T", help=f"a time; repeatable. One of {EXAMPLES}"
    )
    add_grid(command, "first time of a grid", "last time of a grid; default: now", "1d", EVERY)
    command.add_argument(
        "--kpi",
        action="append",
        default=[],
        metavar="NAME",
        help="only this KPI, by id (mrr) or metric (cs_mrr); repeatable",
    )
    command.add_argument(
        "--segment",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only accounts whose attribute has this value, counted together; repeatable, with "
        "another attribute",
    )
    command.add_argument(
        "--by-segment",
        action="store_true",
        help="also the figures of each segment, told apart by the attributes in `segments`",
    )
    command.add_argument(
        "--by", choices=["segment"], help="`--by segment` is `--by-segment`, as it was called"
    )
    command.add_argument(
        "--format",
        choices=[*_FORMATS, "table"],
        default="json",
        help="default: json; values are exact in all but table, which is for people",
    )
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


def _edges(arguments: argparse.Namespace, moments: Moments) -> list[int]:
    def read(option: str, text: str) -> str:
        return format_instant(moments.read(option, text))

    at, first, last = arguments.at, arguments.first, arguments.last
    if at and not (first or last):
        return edges_at([read("--at", text) for text in at])
    if first and not at:
        return grid(read("--from", first), read("--to", last or "now"), arguments.every)
    raise ReplayError(
        "give either --at, once or more, or --from and --to, such as --at now or --from -30d"
    )


def _replay(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    edges = _edges(arguments, moments_of(settings))
    plan, catalogue = load_core(settings)
    kpis = [kpi_named(catalogue, name, "--kpi: ") for name in dict.fromkeys(arguments.kpi)] or None
    wanted = read_filters(arguments.segment, plan.policy.segments)
    by_segment = arguments.by_segment or arguments.by is not None
    sources = sources_of(arguments, settings)
    computed = plan
    if kpis and not (by_segment or wanted):  # which segments there are, all measures say together
        computed = plan.only(read_measures(catalogue, kpis))
    history = folded(computed, sources, settings, arguments.processes, strict=arguments.strict)
    for note in _notes(plan, catalogue, history, by_segment):
        print(f"tidemark: segments: {note}", file=sys.stderr)
    readings = readings_at(
        catalogue, history.ledger, plan, edges, by_segment=by_segment, kpis=kpis, wanted=wanted
    )
    for kpi, count in missing(readings.whole)[Reason.TOO_LARGE].items():
        print(f"tidemark: {kpi}: {count} values are too large to be shown", file=sys.stderr)
    width = terminal_width() if arguments.out == "-" else None
    formats: dict[str, _Format] = {
        **_FORMATS,
        "table": partial(as_table, timezone=settings.timezone, width=width),
    }
    with opened(arguments.out) as file:
        file.writelines(
            text.encode() for text in formats[arguments.format](readings.samples(edges))
        )
    return 0


def _notes(plan: Plan, catalogue: Catalogue, history: History, by_segment: bool) -> Iterator[str]:
    """Says which attributes of segments no event gives, and which have too many values."""
    policy, attributes = plan.policy, history.attributes
    known = ", ".join(sorted(attributes - {"account_id"})) or "none"
    for name in policy.segments if by_segment else policy.asked_segments:
        if name not in attributes:
            hint = did_you_mean(name, attributes)
            yield f"no event gives the attribute {name!r}; given are: {known}{hint}"
    if by_segment:
        shown = Reader(history.ledger, plan.calendar).segments(catalogue)
        for name, count in noted_attributes(policy, shown.values).items():
            if count:
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
    look = None if guard is None else guard.look
    with followed("replaying", sources) as progress:
        history = fold_history(plan, sources, settings.dialect, progress, processes, look)
    report(history, sources)
    if guard is not None:
        guard.end(history.rejected)
    return history


@contextmanager
def followed(verb: str, sources: Sequence[HistorySource]) -> Iterator[Progress]:
    """Shows how far the reading of sources is; yields what to call after each batch of one."""
    title = f"{verb} {sources[0].name if len(sources) == 1 else f'{len(sources)} sources'}"
    unit = BYTES if all(isinstance(each, FileSource) for each in sources) else "events"
    with progress_bar(title, unit, partial(_total, unit, sources)) as advance:
        done = dict.fromkeys(sources, 0)

        def progress(source: HistorySource) -> None:
            records = len(source.numbers)
            advance(source.done - done[source] if unit == BYTES else records, records)
            done[source] = source.done

        yield progress


def _total(unit: str, sources: Sequence[HistorySource]) -> int | None:
    """Returns how much there is in sources, as far as it is known; a cluster says when it is read.

    Files are counted in bytes, so beside other sources nobody knows.
    """
    sizes = [
        source.size
        for source in sources
        if source.size is not None and isinstance(source, FileSource) is (unit == BYTES)
    ]
    return sum(sizes) if len(sizes) == len(sources) else None


def report(history: History | Intake, sources: Sequence[HistorySource] = ()) -> None:
    """Says on standard error what was not folded, and sums it up in a last line."""

    def say(text: str) -> None:
        print(f"tidemark: {plain(text)}", file=sys.stderr)

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

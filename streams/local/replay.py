"""Replay: event history in, KPI values at chosen times out; folded and evaluated as live."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Segment
from aggregates.reading.by_segment import read_by_segment, segment_labels
from aggregates.reading.reader import Reader
from aggregates.reading.sample import Sample, samples
from aggregates.reading.segment_filter import matching
from aggregates.reading.table import Result
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS, edge_at, edge_ms
from events import format_instant, parse_instant
from events.dialect import Dialect
from events.errors import TidemarkError
from streams.local.history import Belongs, Folder, History
from streams.local.intake import Intake
from streams.local.processes import processes_here, several_processes
from streams.source import HistorySource

EVERY: Final = {"15m": TILE_MS, "1h": 3_600_000, "1d": 86_400_000, "7d": 7 * 86_400_000}
"""Steps of a grid, in ms."""

EDGES_MAX: Final = 1_000_000
"""Times of one replay: 28 years of quarter hours."""

SEVERAL_BYTES: Final = 4 << 20
"""Bytes of events from which on several processes are of use."""

_Run = tuple[list[bytes], str | None, Belongs]
"""Records, and what their source says of where they lie."""

Progress = Callable[[HistorySource], None]
Look = Callable[[HistorySource, Sequence[bytes]], None]


class ReplayError(TidemarkError):
    """A replay was asked for in a way that makes no sense."""


def fold_history(
    plan: Plan,
    sources: Sequence[HistorySource],
    dialect: Dialect,
    progress: Progress,
    processes: int | None = 1,
    look: Look | None = None,
) -> History:
    """Folds whole sources.

    Args:
        plan: Families and policy.
        sources: Where the events are, in any order.
        dialect: How producers write events.
        progress: Called after each batch with the source being read.
        processes: In how many processes; None for as many as are of use.
        look: Called before each batch is folded, with the source and the batch.

    Raises:
        SourceError: If a source cannot be read.
        ProcessEndedError: If a process cannot go on.
    """
    runs = _runs(sources, progress, look)
    count = processes_here() if processes is None else processes
    head: list[_Run] = []
    if processes is None and count > 1:
        head = list(_first_bytes(runs, SEVERAL_BYTES))
        size = sum(len(value) for values, *_ in head for value in values)
        count = count if size >= SEVERAL_BYTES else 1
    with _folder(plan, dialect, count) as folder:
        for run in chain(head, runs):
            folder.take(*run)
        return folder.history()


def _first_bytes(runs: Iterator[_Run], least: int) -> Iterator[_Run]:
    """Yields runs until they hold so many bytes."""
    while least > 0 and (run := next(runs, None)) is not None:
        least -= sum(map(len, run[0]))
        yield run


def _runs(
    sources: Sequence[HistorySource], progress: Progress, look: Look | None
) -> Iterator[_Run]:
    for source in sources:
        for values in source.batches():
            if look is not None:
                look(source, values)
            yield values, source.topic, source.belongs
            progress(source)


def _folder(plan: Plan, dialect: Dialect, count: int) -> AbstractContextManager[Folder]:
    if count > 1:
        return several_processes(plan, dialect, count)
    return nullcontext(Intake(plan, dialect=dialect, bulk=True, lasting=False))


def edges_at(instants: Iterable[str]) -> list[int]:
    """Returns the tile edges at, or else after, RFC 3339 instants.

    Raises:
        ReplayError: If one of them is none.
    """
    edges = []
    for text in instants:
        try:
            edges.append(edge_at(parse_instant(text)))
        except ValueError as error:
            raise ReplayError(f"{text!r} is no RFC 3339 time with an offset: {error}") from error
    return edges


def grid(first: str, last: str, every: str) -> list[int]:
    """Returns the edges of a grid from one instant to another, both included where they fall on it.

    Raises:
        ReplayError: If an instant or the step is wrong, or there are too many edges.
    """
    if every not in EVERY:
        raise ReplayError(f"--every {every!r} is none of {', '.join(EVERY)}")
    begin, end = edges_at([first, last])
    if end < begin:
        raise ReplayError(f"--to {last} is before --from {first}")
    step = EVERY[every] // TILE_MS
    if (end - begin) // step >= EDGES_MAX:
        raise ReplayError(f"more than {EDGES_MAX} times; take a longer --every")
    return list(range(begin, end + 1, step))


class Readings(NamedTuple):
    """Every KPI at some edges.

    Attributes:
        whole: Over all accounts, unless only some were asked for.
        segments: By segment, where they were asked for, or over the accounts that were.
        attributes: The attributes whose values make up a segment.
    """

    whole: Sequence[Result]
    segments: Mapping[Segment, Sequence[Result]]
    attributes: Sequence[str] = ()

    def samples(self, edges: Sequence[int]) -> list[Sample]:
        """Returns every value at the edges that were read, edge by edge.

        A KPI without a value is left out.
        """
        found = [sample for result in self.whole for sample in samples(result, edges)]
        for segment, results in self.segments.items():
            for result in results:
                labels = segment_labels(result.kpi, self.attributes, segment)
                found += samples(result, edges, labels)
        return sorted(found, key=lambda sample: sample.edge)  # stable: in the catalogue's order


def readings_at(
    catalogue: Catalogue,
    ledger: Ledger,
    plan: Plan,
    edges: Sequence[int],
    *,
    by_segment: bool = False,
    kpis: Collection[Kpi] | None = None,
    wanted: Mapping[str, str] | None = None,
) -> Readings:
    """Reads KPIs.

    Args:
        catalogue: The KPIs.
        ledger: The ledger.
        plan: The plan that it was folded by.
        edges: Tile edges, in any order.
        by_segment: Whether each segment is read too.
        kpis: Those of the catalogue to read; None for all.
        wanted: Values of attributes. If there are any, only accounts with all of them are counted,
            together or by segment.

    Raises:
        SegmentFilterError: If no account has such a value.
    """
    reader = Reader(ledger, plan.calendar)
    array, currency = np.array(edges, dtype=np.int64), plan.policy.currency
    attributes, chosen = plan.policy.segments, None
    if wanted:
        chosen = matching(reader.beginnings(catalogue), attributes, wanted)
    if by_segment:
        read = read_by_segment(reader, catalogue, array, currency, kpis, chosen)
        return Readings(() if wanted else read.whole, read.segments, attributes)
    results = reader.evaluate(catalogue, array, chosen, currency, kpis)
    if not wanted:
        return Readings(results, {})
    return Readings((), {tuple(wanted.values()): results}, tuple(wanted))


def read_at(
    catalogue: Catalogue,
    ledger: Ledger,
    plan: Plan,
    edges: Sequence[int],
    *,
    by_segment: bool = False,
) -> list[Sample]:
    """Returns every value of every KPI, edge by edge; see ``readings_at``."""
    readings = readings_at(catalogue, ledger, plan, edges, by_segment=by_segment)
    return readings.samples(edges)


def as_json(found: Iterable[Sample]) -> Iterator[str]:
    """Writes samples as JSON, one object a line."""
    for sample in found:
        yield json.dumps(sample.record(), separators=(", ", ": ")) + "\n"


def as_csv(found: Iterable[Sample]) -> Iterator[str]:
    """Writes samples as CSV with a header; labels as ``name=value``, semicolons between."""
    yield "at,kpi,labels,value,numerator,denominator\n"
    for sample in found:
        labels = ";".join(f"{name}={value}" for name, value in sample.every_label)
        parts = [
            "" if part is None else repr(part) for part in (sample.numerator, sample.denominator)
        ]
        quoted = '"' + labels.replace('"', '""') + '"'
        at = format_instant(edge_ms(sample.edge))
        yield ",".join([at, sample.kpi.id, quoted, repr(sample.value), *parts]) + "\n"


def as_openmetrics(found: Iterable[Sample]) -> Iterator[str]:
    """Writes samples as OpenMetrics text, family by family, each series in order of time.

    Names are those of the exporter, which has no numerators and denominators by segment.
    """
    whole: dict[str, list[Sample]] = {}
    by_segment: dict[str, list[Sample]] = {}
    for sample in found:
        (by_segment if sample.segment else whole).setdefault(sample.kpi.id, []).append(sample)
    for family in whole.values():
        for suffix, value_of in _FAMILIES.items():
            title = "" if suffix else family[0].kpi.title
            yield from _family(f"{family[0].kpi.metric}{suffix}", title, family, value_of)
    for name, family in by_segment.items():
        title = f"{family[0].kpi.title} by segment."
        yield from _family(f"cs_by_segment_{name}", title, family, _FAMILIES[""])
    yield "# EOF\n"


def _family(
    metric: str, title: str, found: Iterable[Sample], value_of: Callable[[Sample], float | None]
) -> Iterator[str]:
    having = [(sample, value) for sample in found if (value := value_of(sample)) is not None]
    if not having:
        return
    yield f"# TYPE {metric} gauge\n"
    if title:
        yield f"# HELP {metric} {_escaped(title)}\n"
    series: dict[str, list[str]] = {}
    for sample, value in having:
        labels = ",".join(f'{n}="{_escaped(v)}"' for n, v in sample.every_label)
        name = metric + (f"{{{labels}}}" if labels else "")
        series.setdefault(name, []).append(f"{name} {value!r} {edge_ms(sample.edge) // 1000}\n")
    for lines in series.values():
        yield from lines


_FAMILIES: Final[dict[str, Callable[[Sample], float | None]]] = {
    "": lambda sample: sample.value,
    "_numerator": lambda sample: sample.numerator,
    "_denominator": lambda sample: sample.denominator,
}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

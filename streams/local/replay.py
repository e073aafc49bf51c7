"""Replay: event history in, KPI values at chosen times out; folded and evaluated as live."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

import numpy as np

from aggregates.catalogue.catalogue import Catalogue
from aggregates.ledger.ledger import Ledger
from aggregates.reading.reader import Reader
from aggregates.reading.sample import Sample, samples
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS, edge_at, edge_ms
from events import format_instant, parse_instant
from events.errors import TidemarkError
from streams.local.intake import Intake
from streams.source import HistorySource

EVERY: Final = {"15m": TILE_MS, "1h": 3_600_000, "1d": 86_400_000, "7d": 7 * 86_400_000}
"""Steps of a grid, in ms."""

EDGES_MAX: Final = 1_000_000
"""Times of one replay: 28 years of quarter hours."""

Progress = Callable[[HistorySource], None]


class ReplayError(TidemarkError):
    """A replay was asked for in a way that makes no sense."""


def fold_history(
    plan: Plan, sources: Sequence[HistorySource], type_prefix: str, progress: Progress
) -> Intake:
    """Folds whole sources into one partition.

    Args:
        plan: Families and policy.
        sources: Where the events are, in any order.
        type_prefix: What producers put before event types.
        progress: Called after each batch with the source being read.

    Raises:
        SourceError: If a source cannot be read.
    """
    intake = Intake(plan, type_prefix=type_prefix, bulk=True)
    for source in sources:
        for values in source.batches():
            intake.take(values, source.topic)
            progress(source)
    intake.settle()
    return intake


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


def read_at(catalogue: Catalogue, ledger: Ledger, plan: Plan, edges: Sequence[int]) -> list[Sample]:
    """Returns every value of every KPI, edge by edge; a KPI without a value is left out."""
    reader = Reader(ledger, plan.calendar)
    array = np.array(edges, dtype=np.int64)
    results = reader.evaluate(catalogue, array, currency=plan.policy.currency)
    found = chain.from_iterable(samples(result, edges) for result in results)
    return sorted(found, key=lambda sample: sample.edge)  # stable: in the order of the catalogue


def as_json(found: Iterable[Sample]) -> Iterator[str]:
    """Writes samples as JSON, one object a line."""
    for sample in found:
        yield json.dumps(sample.record(), separators=(", ", ": ")) + "\n"


def as_csv(found: Iterable[Sample]) -> Iterator[str]:
    """Writes samples as CSV with a header; labels as ``name=value``, semicolons between."""
    yield "at,kpi,labels,value,numerator,denominator\n"
    for sample in found:
        labels = ";".join(f"{name}={value}" for name, value in sample.labels)
        parts = [
            "" if part is None else repr(part) for part in (sample.numerator, sample.denominator)
        ]
        quoted = '"' + labels.replace('"', '""') + '"'
        at = format_instant(edge_ms(sample.edge))
        yield ",".join([at, sample.kpi.id, quoted, repr(sample.value), *parts]) + "\n"


def as_openmetrics(found: Iterable[Sample]) -> Iterator[str]:
    """Writes samples as OpenMetrics text, family by family, each series in order of time."""
    by_kpi: dict[str, list[Sample]] = {}
    for sample in found:
        by_kpi.setdefault(sample.kpi.id, []).append(sample)
    for family in by_kpi.values():
        kpi = family[0].kpi
        for suffix, value_of in _FAMILIES.items():
            having = [(s, v) for s in family if (v := value_of(s)) is not None]
            if not having:
                continue
            yield f"# TYPE {kpi.metric}{suffix} gauge\n"
            if not suffix:
                yield f"# HELP {kpi.metric} {_escaped(kpi.title)}\n"
            series: dict[str, list[str]] = {}
            for sample, value in having:
                labels = ",".join(f'{n}="{_escaped(v)}"' for n, v in sample.labels)
                name = f"{kpi.metric}{suffix}" + (f"{{{labels}}}" if labels else "")
                line = f"{name} {value!r} {edge_ms(sample.edge) // 1000}\n"
                series.setdefault(name, []).append(line)
            for lines in series.values():
                yield from lines
    yield "# EOF\n"


_FAMILIES: Final[dict[str, Callable[[Sample], float | None]]] = {
    "": lambda sample: sample.value,
    "_numerator": lambda sample: sample.numerator,
    "_denominator": lambda sample: sample.denominator,
}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

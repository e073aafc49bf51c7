"""Replay: event history in, KPI values at chosen times out; folded and evaluated as live."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from aggregates.catalogue import Catalogue
from aggregates.ledger import Ledger
from aggregates.plan import Plan
from aggregates.reading import Reader, Result
from aggregates.tile import TILE_MS, edge_at, edge_ms
from events import format_instant, parse_instant
from streams.errors import TidemarkError
from streams.intake import Intake
from streams.sources import Source

EVERY: Final = {"15m": TILE_MS, "1h": 3_600_000, "1d": 86_400_000, "7d": 7 * 86_400_000}
"""Steps of a grid, in ms."""

EDGES_MAX: Final = 1_000_000
"""Times of one replay: 28 years of quarter hours."""

Progress = Callable[[Source], None]


class ReplayError(TidemarkError):
    """A replay was asked for in a way that makes no sense."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one series of a KPI.

    Attributes:
        edge: The tile edge at which it was read.
        kpi: The KPI's id.
        labels: Its labels by name.
        value: The value, in the KPI's unit.
        numerator: What was divided, or None.
        denominator: What it was divided by, or None.
    """

    edge: int
    kpi: str
    labels: dict[str, str]
    value: float
    numerator: float | None
    denominator: float | None


def fold_history(
    plan: Plan, sources: Sequence[Source], type_prefix: str, progress: Progress
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
    """Gives the tile edges at, or else after, RFC 3339 instants.

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
    """Gives the edges of a grid from one instant to another, both included where they fall on it.

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


def samples(
    catalogue: Catalogue, ledger: Ledger, plan: Plan, edges: Sequence[int]
) -> Iterator[Sample]:
    """Gives every value of every KPI, edge by edge; a KPI without a value is left out."""
    array = np.array(edges, dtype=np.int64)
    reader = Reader(ledger, plan.calendar)
    results = reader.evaluate(catalogue, array, currency=plan.policy.currency)
    for index, edge in enumerate(edges):
        for result in results:
            sample = _sample(result, index, edge)
            if sample is not None:
                yield sample


def _sample(result: Result, index: int, edge: int) -> Sample | None:
    value = float(result.values[index])
    if not np.isfinite(value):
        return None
    return Sample(
        edge,
        result.kpi.id,
        dict(result.labels),
        value,
        None if result.numerator is None else float(result.numerator[index]),
        None if result.denominator is None else float(result.denominator[index]),
    )


def as_json(found: Iterable[Sample]) -> Iterator[str]:
    """Writes samples as JSON, one object a line."""
    for sample in found:
        line: dict[str, object] = {
            "at": format_instant(edge_ms(sample.edge)),
            "kpi": sample.kpi,
            "labels": sample.labels,
            "value": sample.value,
        }
        if sample.numerator is not None:
            line |= {"numerator": sample.numerator, "denominator": sample.denominator}
        yield json.dumps(line, separators=(", ", ": ")) + "\n"


def as_csv(found: Iterable[Sample]) -> Iterator[str]:
    """Writes samples as CSV with a header; labels as ``name=value``, semicolons between."""
    yield "at,kpi,labels,value,numerator,denominator\n"
    for sample in found:
        labels = ";".join(f"{name}={value}" for name, value in sample.labels.items())
        parts = [
            "" if part is None else repr(part) for part in (sample.numerator, sample.denominator)
        ]
        quoted = '"' + labels.replace('"', '""') + '"'
        at = format_instant(edge_ms(sample.edge))
        yield ",".join([at, sample.kpi, quoted, repr(sample.value), *parts]) + "\n"


def as_openmetrics(found: Iterable[Sample], catalogue: Catalogue) -> Iterator[str]:
    """Writes samples as OpenMetrics text, family by family, each series in order of time."""
    by_kpi: dict[str, list[Sample]] = {}
    for sample in found:
        by_kpi.setdefault(sample.kpi, []).append(sample)
    for kpi, family in by_kpi.items():
        for suffix, value_of in _FAMILIES.items():
            having = [(s, v) for s in family if (v := value_of(s)) is not None]
            if not having:
                continue
            yield f"# TYPE cs_{kpi}{suffix} gauge\n"
            if not suffix:
                yield f"# HELP cs_{kpi} {_escaped(catalogue[kpi].title)}\n"
            series: dict[str, list[str]] = {}
            for sample, value in having:
                labels = ",".join(f'{n}="{_escaped(v)}"' for n, v in sorted(sample.labels.items()))
                name = f"cs_{kpi}{suffix}" + (f"{{{labels}}}" if labels else "")
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

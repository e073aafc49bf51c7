"""Segments: a KPI by segment at one time."""

from collections.abc import Iterator
from typing import Annotated, Final

import numpy as np
from msgspec import Meta, Struct

from aggregates.reading.by_segment import read_by_segment, segment_labels
from aggregates.reading.sample import samples
from exporters.api.figure import HEADS, VALUE, Figure, rows_of
from exporters.api.inquiry import Answered, Inquiry, instant
from exporters.api.operation import WINDOW, Operation, time_of
from exporters.api.page import PAGING, page_of
from exporters.api.table import Table, labels_name


class SegmentList(Struct):
    """A KPI by segment."""

    kpi: str
    unit: Annotated[str, VALUE]
    currency: Annotated[str, Meta(description="The reporting currency.")]
    window: str | None
    at: Annotated[str, Meta(description="The edge at which it is read; it is exclusive.")]
    attributes: Annotated[list[str], Meta(description="The attributes that make up a segment.")]
    segments: Annotated[
        list[Figure],
        Meta(description="Of each segment, each combination of other labels that has a value."),
    ]
    next: Annotated[str | None, Meta(description="Where the page that follows is.")]


def _answer(inquiry: Inquiry) -> Answered:
    kpi, edge, reading = inquiry.kpi, inquiry.edge("at"), inquiry.reading
    figures = list(_figures(inquiry, edge))
    page = page_of(figures, [labels_name(figure.labels) for figure in figures], inquiry.query)
    link = inquiry.following(page.end, {"at": edge})
    document = SegmentList(
        kpi=kpi.id,
        unit=str(kpi.unit),
        currency=reading.currency,
        window=inquiry.window,
        at=instant(edge),
        attributes=list(reading.catalogue.policy.segments),
        segments=list(page.items),
        next=link,
    )
    rows = [(document.at, kpi.id, *cells) for cells in rows_of(page.items)]
    return Answered(document, Table(("at", "kpi", *HEADS), rows), link)


def _figures(inquiry: Inquiry, edge: int) -> Iterator[Figure]:
    """Yields the figures of all segments that are asked for."""
    kpi, reading = inquiry.kpi.over(inquiry.window), inquiry.reading
    edges = np.array([edge], dtype=np.int64)
    catalogue, currency = reading.catalogue, reading.currency
    read = read_by_segment(inquiry.reader, catalogue, edges, currency, [kpi])
    for segment, results in read.segments.items():
        labels = segment_labels(inquiry.kpi, catalogue.policy.segments, segment)
        for result in results:
            if inquiry.fits(result.labels):
                yield from map(Figure.of, samples(result, edges, labels))


OPERATIONS: Final = (
    Operation(
        "get_segments",
        "/kpis/{kpi}/segments",
        "A KPI by segment at one time",
        "What `tidemark replay --by-segment` gives, for each value of the attributes in the "
        "setting `segments`. A segment without a value is left out.",
        SegmentList,
        _answer,
        (time_of("at", "The time of the figure; now by default."), WINDOW, *PAGING),
        labels=True,
    ),
)

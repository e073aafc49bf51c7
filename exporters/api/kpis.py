"""KPIs: their definitions, with all figures of this moment."""

from typing import Annotated, Final

import numpy as np
from msgspec import Meta, Struct

from aggregates.catalogue.definition import Definition
from aggregates.catalogue.kpi import Kpi
from aggregates.reading.sample import samples
from aggregates.reading.table import Result
from exporters.api.figure import HEADS, Figure, rows_of
from exporters.api.inquiry import Answered, Inquiry, instant
from exporters.api.operation import Operation
from exporters.api.page import PAGING, page_of
from exporters.api.table import Table

SERIES_MAX: Final = 1_000
"""Figures of one KPI that are listed; its series has them all."""


class KpiNow(Definition, kw_only=True):
    """A KPI with its figures now."""

    figures: Annotated[
        list[Figure],
        Meta(description="Each window and combination of labels that has a value now."),
    ]
    figures_left_out: Annotated[
        int, Meta(description=f"How many there are beyond {SERIES_MAX}; `/series` has them.")
    ]


class KpiAnswer(Struct):
    """A KPI at this moment."""

    at: Annotated[str, Meta(description="The edge at which figures are read; it is exclusive.")]
    currency: Annotated[str, Meta(description="The reporting currency.")]
    timezone: Annotated[str, Meta(description="The time zone of days and months.")]
    kpi: KpiNow


class KpiList(Struct):
    """KPIs at this moment."""

    at: Annotated[str, Meta(description="The edge at which figures are read; it is exclusive.")]
    currency: Annotated[str, Meta(description="The reporting currency.")]
    timezone: Annotated[str, Meta(description="The time zone of days and months.")]
    kpis: list[KpiNow]
    next: Annotated[str | None, Meta(description="Where the page that follows is.")]


def _every(inquiry: Inquiry) -> Answered:
    found: dict[str, list[Result]] = {}
    for result in inquiry.figures.results:
        found.setdefault(result.kpi.id, []).append(result)
    kpis = list(inquiry.catalogue)
    page = page_of(kpis, [kpi.id for kpi in kpis], inquiry.query)
    told = [_now(kpi, found.get(kpi.id, []), inquiry) for kpi in page.items]
    link = inquiry.following(page.end)
    at, currency = instant(inquiry.reading.edge), inquiry.reading.currency
    document = KpiList(at, currency, inquiry.calendar.timezone, told, link)
    return Answered(document, _table(told, at), link)


def _one(inquiry: Inquiry) -> Answered:
    kpi = inquiry.kpi
    told = _now(kpi, [each for each in inquiry.figures.results if each.kpi.id == kpi.id], inquiry)
    at, currency = instant(inquiry.reading.edge), inquiry.reading.currency
    document = KpiAnswer(at, currency, inquiry.calendar.timezone, told)
    return Answered(document, _table([told], at))


def _now(kpi: Kpi, results: list[Result], inquiry: Inquiry) -> KpiNow:
    edges = np.array([inquiry.reading.edge])
    figures = [Figure.of(sample) for result in results for sample in samples(result, edges)]
    named = set(inquiry.catalogue.settings_of(kpi))
    policy = inquiry.catalogue.policy.model_dump(mode="json", include=named)
    return KpiNow.of(
        kpi,
        policy,
        figures=figures[:SERIES_MAX],
        figures_left_out=max(len(figures) - SERIES_MAX, 0),
    )


def _table(kpis: list[KpiNow], at: str) -> Table:
    rows = [(at, kpi.id, *cells) for kpi in kpis for cells in rows_of(kpi.figures)]
    return Table(("at", "kpi", *HEADS), rows)


OPERATIONS: Final = (
    Operation(
        "list_kpis",
        "/kpis",
        "All KPIs: definitions, and figures now",
        "Definitions with the settings in force, and each figure that gauges show now, of all "
        "windows and labels. As CSV it is a row for each figure, as `tidemark replay --format csv` "
        "has it.",
        KpiList,
        _every,
        PAGING,
    ),
    Operation(
        "get_kpi",
        "/kpis/{kpi}",
        "A KPI: its definition, and its figures now",
        "As in the list of all.",
        KpiAnswer,
        _one,
    ),
)

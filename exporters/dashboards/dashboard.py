"""Dashboards: sections and variables under a name, as a file that Grafana 10 to 13 reads."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from aggregates.policies.policy import Policy
from aggregates.time.window import TO_DATE, length_days
from exporters.dashboards.kpi_panels import KpiPanels, of_kpis
from exporters.dashboards.layout import Section, placed
from exporters.dashboards.outline import FRESHNESS, OUTLINES, Outline
from exporters.dashboards.panel import GRAFANA
from exporters.dashboards.variable import segment_variables, target_variables, window_variable

NUMBERS_A_LINE: Final = 6
GRAPHS_A_LINE: Final = 3


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard.

    Attributes:
        uid: Its stable id in Grafana.
        model: What Grafana reads.
    """

    uid: str
    model: dict[str, Any]

    @property
    def file_name(self) -> str:
        """Name of its file."""
        return f"{self.uid}.json"

    @property
    def text(self) -> str:
        """Content of its file."""
        return json.dumps(self.model, indent=2, ensure_ascii=False) + "\n"


def dashboards(catalogue: Catalogue, policy: Policy) -> list[Dashboard]:
    """Returns all dashboards.

    Args:
        catalogue: The KPIs; each is on the dashboards that its entry names.
        policy: Time zone, currency and segments.
    """
    return [_dashboard(outline, catalogue, policy) for outline in OUTLINES]


def missing_tiles(catalogue: Catalogue) -> list[str]:
    """Names what dashboards promise and no KPI of the catalogue keeps, one line each."""
    return [
        f"{outline.title}: {name} ({kpi_id})"
        for outline in OUTLINES
        for name, kpi_id in outline.promised
        if kpi_id not in catalogue
    ]


def unplaced(catalogue: Catalogue) -> list[str]:
    """Names the KPIs that ask for a dashboard which does not exist, one line each."""
    known = {outline.number for outline in OUTLINES}
    return [
        f"{kpi.id}: dashboard {number}"
        for kpi in catalogue
        for number in kpi.dashboards
        if number not in known
    ]


def _dashboard(outline: Outline, catalogue: Catalogue, policy: Policy) -> Dashboard:
    kpis = [kpi for kpi in catalogue if outline.number in kpi.dashboards]
    windows = _windows(kpis)
    variables = target_variables()
    if windows:
        variables.append(window_variable(windows))
    if kpis:
        variables += segment_variables(policy.segments)
    panels = KpiPanels(windows, policy.segments, policy.currency, catalogue.measures)
    sections = [
        FRESHNESS.section(),
        *(written.section() for written in outline.sections),
        *_kpi_sections(outline, kpis, panels),
    ]
    model = {
        **GRAFANA["frame"],
        "uid": outline.uid,
        "title": outline.title,
        "description": outline.description,
        "timezone": "utc" if policy.timezone == "UTC" else policy.timezone,
        "time": {"from": outline.since, "to": "now"},
        "templating": {"list": variables},
        "panels": placed(sections),
    }
    return Dashboard(outline.uid, model)


def _kpi_sections(outline: Outline, kpis: Sequence[Kpi], panels: KpiPanels) -> Iterator[Section]:
    """Yields the sections of a dashboard's KPIs: those promised by a tile, then the others."""
    others = {kpi.id: kpi for kpi in kpis}
    promised = [others.pop(kpi_id) for _, kpi_id in outline.promised if kpi_id in others]
    yield from _sections("Now", "Over time", promised, panels)
    yield from _sections("More figures", "More figures over time", [*others.values()], panels)


def _sections(
    now: str, over_time: str, kpis: Sequence[Kpi], panels: KpiPanels
) -> Iterator[Section]:
    # Bars are higher than numbers: put together, they share their lines.
    newest = sorted((panels.now(kpi) for kpi in kpis), key=lambda panel: panel.height)
    yield Section(now, newest, NUMBERS_A_LINE)
    graphs = [panels.over_time(kpi) for kpi in kpis if not of_kpis(kpi)]
    yield Section(over_time, graphs, GRAPHS_A_LINE)


def _windows(kpis: Sequence[Kpi]) -> list[str]:
    """Returns the windows that any of the KPIs has, from the shortest, those to date last."""
    found = {window for kpi in kpis for window in kpi.windows}
    return sorted(found, key=lambda window: (window in TO_DATE, length_days(window)))

"""Dashboards: sections and variables under a name, as a file that Grafana 10 to 13 reads."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from aggregates.policies.policy import Policy
from aggregates.time.window import TO_DATE, length_days
from exporters.dashboards import service
from exporters.dashboards.figure import FigurePanels, of_kpis
from exporters.dashboards.layout import Section, placed
from exporters.dashboards.tiles import BOARDS, Board
from exporters.dashboards.variable import (
    Variable,
    segment_variables,
    target_variables,
    window_variable,
)

SCHEMA_VERSION: Final = 39
"""Of the classic format: Grafana 10 has it, later ones read it and migrate."""

TAG: Final = "tidemark"
"""On every dashboard; their links to each other go by it."""

SINCE: Final = "now-30d"
"""What is shown at first: a month, which is the main window."""

STATS_A_LINE, GRAPHS_A_LINE, FRESHNESS_A_LINE = 6, 3, 3


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
    found = [_of_kpis(board, catalogue, policy) for board in BOARDS]
    of_service = _figures(service.NUMBER, (), catalogue, policy)
    sections = [*service.sections(), *of_service.sections]
    frame = _frame(service.UID, service.TITLE, service.DESCRIPTION, policy, service.SINCE)
    variables = [*target_variables(), *of_service.variables]
    found.append(Dashboard(service.UID, _filled(frame, variables, sections)))
    return found


def missing_tiles(catalogue: Catalogue) -> list[str]:
    """Tells what dashboards promise and no KPI of the catalogue keeps, one line each."""
    return [
        f"{board.title}: {name} ({kpi_id})"
        for board in BOARDS
        for name, kpi_ids in board.tiles
        for kpi_id in kpi_ids
        if kpi_id not in catalogue
    ]


def unplaced(catalogue: Catalogue) -> list[str]:
    """Tells which KPIs ask for a dashboard that does not exist, one line each."""
    known = {board.number for board in BOARDS} | {service.NUMBER}
    return [
        f"{kpi.id}: dashboard {number}"
        for kpi in catalogue
        for number in kpi.dashboards
        if number not in known
    ]


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the KPIs of a dashboard ask of it."""

    variables: Sequence[Variable]
    sections: Sequence[Section]


def _of_kpis(board: Board, catalogue: Catalogue, policy: Policy) -> Dashboard:
    first = [kpi_id for _, kpi_ids in board.tiles for kpi_id in kpi_ids]
    figures = _figures(board.number, first, catalogue, policy)
    sections = [Section("", service.freshness(), FRESHNESS_A_LINE), *figures.sections]
    frame = _frame(board.uid, board.title, board.description, policy)
    variables = [*target_variables(), *figures.variables]
    return Dashboard(board.uid, _filled(frame, variables, sections))


def _figures(number: int, first: Sequence[str], catalogue: Catalogue, policy: Policy) -> _Figures:
    """Returns the sections of a dashboard's KPIs: those promised, then the others."""
    kpis = [kpi for kpi in catalogue if number in kpi.dashboards]
    if not kpis:
        return _Figures([], [])
    windows = _windows(kpis)
    panels = FigurePanels(windows, policy.segments, policy.currency)
    by_id = {kpi.id: kpi for kpi in kpis}
    promised = [by_id.pop(kpi_id) for kpi_id in first if kpi_id in by_id]
    others = list(by_id.values())
    variables = [window_variable(windows)] if windows else []
    return _Figures(
        [*variables, *segment_variables(policy.segments)],
        [
            *_sections("Now", "Over time", promised, panels),
            *_sections("More figures", "More figures over time", others, panels),
        ],
    )


def _sections(
    now: str, over_time: str, kpis: Sequence[Kpi], panels: FigurePanels
) -> Iterator[Section]:
    # Bars are higher than stats: put together, they share their lines.
    newest = sorted((panels.now(kpi) for kpi in kpis), key=lambda panel: panel.height)
    yield Section(now, newest, STATS_A_LINE)
    yield Section(
        over_time, [panels.over_time(kpi) for kpi in kpis if not of_kpis(kpi)], GRAPHS_A_LINE
    )


def _windows(kpis: Sequence[Kpi]) -> list[str]:
    """Returns the windows that any of the KPIs has, from the shortest, those to date last."""
    found = {window for kpi in kpis for window in kpi.windows}
    return sorted(found, key=lambda window: (window in TO_DATE, length_days(window)))


def _frame(
    uid: str, title: str, description: str, policy: Policy, since: str = SINCE
) -> dict[str, Any]:
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": [TAG],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "timezone": "utc" if policy.timezone == "UTC" else policy.timezone,
        "time": {"from": since, "to": "now"},
        "timepicker": {},
        "refresh": "30s",
        "annotations": {"list": []},
        "links": [
            {
                "type": "dashboards",
                "title": "Dashboards",
                "tags": [TAG],
                "asDropdown": False,
                "icon": "external link",
                "includeVars": True,
                "keepTime": True,
                "targetBlank": False,
                "tooltip": "",
                "url": "",
            }
        ],
    }


def _filled(
    frame: dict[str, Any], variables: Sequence[Variable], sections: Sequence[Section]
) -> dict[str, Any]:
    return {**frame, "templating": {"list": list(variables)}, "panels": placed(sections)}

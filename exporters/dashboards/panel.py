"""Panels: what a dashboard shows, in Grafana's classic JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any, Final
from zlib import crc32

from exporters.dashboards.query import Query
from exporters.wording import NOTHING

DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}

GAP_MS: Final = 65 * 60 * 1000
"""Points this close are joined by a line: hourly history is a line, a longer silence is a gap."""

VALUES: Final = 100
"""Values of one panel; beyond it nobody scrolls."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel, still without a place.

    Attributes:
        name: Name that no other panel of the dashboard has; its id comes from it, and so stays the
            same when panels come and go.
        kind: Grafana's panel type.
        title: What is shown.
        description: What it means, in Markdown.
        queries: What is asked for.
        defaults: Unit, thresholds and what else holds for every field.
        options: Options of the panel type.
        size: How much of a line it takes, beside its neighbours.
        height: Rows of the grid.
        transformations: What is done to the answers before they are shown.
    """

    name: str
    kind: str
    title: str
    description: str
    queries: Sequence[Query]
    defaults: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    size: int = 1
    height: int = 3
    transformations: Sequence[Mapping[str, Any]] = ()

    def placed(self, x: int, y: int, width: int) -> dict[str, Any]:
        """Returns the panel as JSON, at a place of the grid."""
        return {
            "id": panel_id(self.name),
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "datasource": DATASOURCE,
            "gridPos": {"h": self.height, "w": width, "x": x, "y": y},
            "fieldConfig": {"defaults": dict(self.defaults), "overrides": []},
            "options": dict(self.options),
            "targets": [
                _target(letter, query)
                for letter, query in zip(ascii_uppercase, self.queries, strict=False)
            ],
            "transformations": [dict(each) for each in self.transformations],
        }


def panel_id(name: str) -> int:
    """Returns the id of a panel by its name."""
    return crc32(name.encode()) & 0x7FFFFFFF


def _target(ref_id: str, query: Query) -> dict[str, Any]:
    return {
        "refId": ref_id,
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.legend,
        "instant": query.instant,
        "range": not query.instant,
        "format": "table" if query.table else "time_series",
    }


def shown(unit: str, decimals: int | None, thresholds: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the field defaults that all panels have."""
    defaults = {"unit": unit, "noValue": NOTHING, "thresholds": dict(thresholds), "mappings": []}
    return defaults if decimals is None else {**defaults, "decimals": decimals}


def by_threshold(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Colours values by their thresholds."""
    return {**defaults, "color": {"mode": "thresholds"}}


def stat_options(*, named: bool = False) -> dict[str, Any]:
    """Returns the options of a stat.

    It has no small graph: that takes a query over the time range, whose last point is as old as its
    step, hours over a month, and which goes on showing a value when data has stopped.

    Args:
        named: Whether a value alone has its name as well.
    """
    return {
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False, "limit": VALUES},
        "showPercentChange": False,
        "text": {"titleSize": 13, "valueSize": 28},
        "textMode": "value_and_name" if named else "auto",
        "wideLayout": False,
    }


def bar_options() -> dict[str, Any]:
    """Returns the options of a bar gauge: a bar for each series, the largest first."""
    return {
        "displayMode": "basic",
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "maxVizHeight": 40,
        "minVizHeight": 16,
        "minVizWidth": 8,
        "namePlacement": "top",
        "orientation": "horizontal",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False, "limit": VALUES},
        "showUnfilled": True,
        "sizing": "auto",
        "text": {"titleSize": 13, "valueSize": 16},
        "valueMode": "text",
    }


def table_options(column: str) -> dict[str, Any]:
    """Returns the options of a table, the largest values of a column first."""
    return {
        "cellHeight": "sm",
        "footer": {"countRows": False, "fields": "", "reducer": ["sum"], "show": False},
        "showHeader": True,
        "sortBy": [{"desc": True, "displayName": column}],
    }


def line_options() -> dict[str, Any]:
    """Returns the options of a time series: legend below, all values in the tooltip."""
    return {
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"hideZeros": False, "mode": "multi", "sort": "desc"},
    }


def lines(
    defaults: Mapping[str, Any],
    *,
    from_zero: bool = False,
    target: float | None = None,
    filled: bool = False,
) -> dict[str, Any]:
    """Draws lines over the time.

    Args:
        defaults: Unit and thresholds.
        from_zero: Whether the axis begins at 0 at the latest.
        target: A value to draw a line at, which the axis then holds; None for none.
        filled: Whether the area below is filled; of several lines it would be mud.
    """
    custom: dict[str, Any] = {
        "drawStyle": "line",
        "fillOpacity": 10 if filled else 0,
        "gradientMode": "none",
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "pointSize": 4,
        "showPoints": "auto",
        "spanNulls": GAP_MS,
        "stacking": {"group": "A", "mode": "none"},
        "thresholdsStyle": {"mode": "off" if target is None else "dashed"},
    }
    held = [value for value in (0 if from_zero else None, target) if value is not None]
    if held:
        custom |= {"axisSoftMin": min(held), "axisSoftMax": max(held)}
    return {**defaults, "color": {"mode": "palette-classic"}, "custom": custom}

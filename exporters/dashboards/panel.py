"""Panels: what a dashboard shows, in Grafana's classic JSON."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from string import ascii_uppercase
from typing import Any, Final
from zlib import crc32

from exporters.dashboards.query import Query
from exporters.wording import NOTHING

GRAFANA: Final = tomllib.loads(
    files("exporters.dashboards").joinpath("grafana.toml").read_text(encoding="utf-8")
)
"""What all dashboards, variables and panels of a kind have in common."""

DATASOURCE: Final = GRAFANA["variable"]["query"]["datasource"]

VALUES: Final[int] = GRAFANA["options"]["bargauge"]["reduceOptions"]["limit"]
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
        options: Options that differ from those of all panels of this type.
        size: How much of a line it takes, compared with its neighbours.
        height: Rows of the grid.
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
            "options": GRAFANA["options"][self.kind] | dict(self.options),
            "targets": [
                _target(letter, query)
                for letter, query in zip(ascii_uppercase, self.queries, strict=False)
            ],
            "transformations": GRAFANA["transformations"].get(self.kind, []),
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
    custom = dict(GRAFANA["lines"])
    if filled:
        custom["fillOpacity"] = 10
    if target is not None:
        custom["thresholdsStyle"] = {"mode": "dashed"}
    held = [value for value in (0 if from_zero else None, target) if value is not None]
    if held:
        custom |= {"axisSoftMin": min(held), "axisSoftMax": max(held)}
    return {**defaults, "color": {"mode": "palette-classic"}, "custom": custom}
